namespace NativeCnn.Interop;

/// <summary>All that is known of a native library before it is found: its names, and where to get it.</summary>
/// <param name="Title">Its name in messages.</param>
/// <param name="Variable">The environment variable that names its file and overrides the search.</param>
/// <param name="FileNames">Its file names, the likeliest first.</param>
/// <param name="FixedPlaces">Further files, by full path, where package managers put it outside the loader's
/// path.</param>
/// <param name="Export">A function that only this library has.</param>
/// <param name="Remedy">What to do if it is missing.</param>
internal sealed record NativeLibraryDescription(
    string Title,
    string Variable,
    IReadOnlyList<string> FileNames,
    IReadOnlyList<string> FixedPlaces,
    string Export,
    string Remedy
)
{
    /// <summary>What to do about a file that was found and does not do.</summary>
    public string RemedyFor(NativeLibraryCandidate candidate) =>
        candidate.IsRequired ? $"Correct or unset {Variable}."
        : candidate.IsBareName ? Remedy
        : $"Remove or replace it. {Remedy}";

    /// <summary>The shim, built from native/.</summary>
    public static NativeLibraryDescription Shim(NativePlatform platform) =>
        new(
            "the NativeCnn shim",
            "NATIVECNN_LIBRARY",
            platform.System switch
            {
                NativeSystem.Windows => ["nativecnn.dll", "libnativecnn.dll"],
                NativeSystem.MacOS => ["libnativecnn.dylib"],
                _ => ["libnativecnn.so"],
            },
            [],
            nameof(Interop.Shim.nativecnn_abi_version),
            platform.System == NativeSystem.Windows ? "Build it: ./build.ps1 build" : "Build it: ./build.sh build"
        );

    /// <summary>
    /// The optional part of the shim that reads JPEG and PNG, built from native/pictures/ where libjpeg-turbo and libpng
    /// are installed. Only picture folders ask for it.
    /// </summary>
    public static NativeLibraryDescription Pictures(NativePlatform platform) =>
        new(
            "the picture library of the NativeCnn shim",
            "NATIVECNN_PICTURES",
            platform.System switch
            {
                NativeSystem.Windows => ["libnativecnn_pictures.dll"],
                NativeSystem.MacOS => ["libnativecnn_pictures.dylib"],
                _ => ["libnativecnn_pictures.so"],
            },
            [],
            nameof(Interop.Pictures.nativecnn_pictures_abi_version),
            platform.System switch
            {
                NativeSystem.Windows => "Install libjpeg-turbo and libpng for CMake, then build it: ./build.ps1 build",
                NativeSystem.MacOS => "Build it: brew install jpeg-turbo libpng && ./build.sh build",
                _ when platform.IsMusl => "Build it: apk add libjpeg-turbo-dev libpng-dev && ./build.sh build",
                _ => "Build it: apt-get install libturbojpeg0-dev libpng-dev && ./build.sh build",
            }
        );

    /// <summary>
    /// OpenBLAS with 32-bit integers. Builds with 64-bit integers go by other names, which are not tried.
    /// </summary>
    public static NativeLibraryDescription OpenBlas(NativePlatform platform) =>
        new(
            "OpenBLAS",
            "NATIVECNN_OPENBLAS",
            platform.System switch
            {
                NativeSystem.Windows => ["libopenblas.dll", "openblas.dll"],
                NativeSystem.MacOS => ["libopenblas.dylib", "libopenblas.0.dylib"],
                _ => ["libopenblas.so.0", "libopenblas.so"],
            },
            platform.System == NativeSystem.MacOS
                ? ["/opt/homebrew/opt/openblas/lib/libopenblas.dylib", "/usr/local/opt/openblas/lib/libopenblas.dylib"]
                : [],
            nameof(Interop.OpenBlas.openblas_get_config),
            platform.System switch
            {
                NativeSystem.Windows => "Install it: dotnet add package OpenBlasSharp.Windows",
                NativeSystem.MacOS => "Install it: brew install openblas",
                _ when platform.IsMusl => "Install it: apk add openblas",
                _ => "Install it: apt-get install libopenblas0-pthread",
            }
        );

    /// <summary>oneDNN 2 or 3 on the processor. Only the oneDNN backend asks for it.</summary>
    public static NativeLibraryDescription OneDnn(NativePlatform platform) =>
        new(
            "the oneDNN library",
            "NATIVECNN_ONEDNN",
            platform.System switch
            {
                NativeSystem.Windows => ["dnnl.dll"],
                NativeSystem.MacOS => ["libdnnl.2.dylib", "libdnnl.3.dylib", "libdnnl.dylib"],
                _ => ["libdnnl.so.2", "libdnnl.so.3", "libdnnl.so"],
            },
            platform.System == NativeSystem.MacOS
                ? ["/opt/homebrew/opt/onednn/lib/libdnnl.dylib", "/usr/local/opt/onednn/lib/libdnnl.dylib"]
                : [],
            nameof(Interop.OneDnn.dnnl_version),
            platform.System switch
            {
                NativeSystem.Windows => "Put a build without threads (DNNL_CPU_RUNTIME=SEQ) beside the program",
                NativeSystem.MacOS => "Install it: brew install onednn",
                _ when platform.IsMusl => "Install it: apk add onednn",
                _ => "Install it: apt-get install libdnnl2",
            }
        );
}
