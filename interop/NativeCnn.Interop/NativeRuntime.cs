using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace NativeCnn.Interop;

/// <summary>
/// The native libraries of this process. Each is found, loaded and checked once, at the first call into it or at
/// <see cref="EnsureLoaded"/>, whichever comes first; a failure is final and is thrown again at every later call.
/// </summary>
internal static class NativeRuntime
{
    private static readonly Lazy<(LoadedLibrary Library, ShimInfo Info)> shim = new(LoadShim);

    private static readonly Lazy<(LoadedLibrary Library, OpenBlasInfo Info)> openBlas = new(LoadOpenBlas);

    private static readonly Lazy<(LoadedLibrary Library, OneDnnInfo Info)> oneDnn = new(LoadOneDnn);

    private static readonly Lazy<LoadedLibrary> pictures = new(LoadPictures);

    private static readonly Lock threadSettings = new();

    private static readonly Lazy<NativeRuntimeInfo> info = new(Describe);

    /// <summary>Loads and checks the shim and OpenBLAS.</summary>
    /// <exception cref="NativeLibraryException">One is missing or cannot be used; the message has the file, the
    /// platform and the remedy.</exception>
    public static NativeRuntimeInfo EnsureLoaded() => info.Value;

    /// <summary>What a number of threads need to multiply at once; held as long as they do.</summary>
    /// <exception cref="InsufficientMemoryException">The address space does not suffice.</exception>
    /// <exception cref="NativeLibraryException">OpenBLAS is missing or cannot be used.</exception>
    public static OpenBlasBuffers TakeBuffers(int threads) => OpenBlasBuffers.Take(openBlas.Value.Library, threads);

    /// <summary>
    /// Holds OpenBLAS to one thread on the calling thread. A thread calls it once before its first product: OpenMP
    /// builds keep the setting per thread. With other builds it does nothing.
    /// </summary>
    /// <exception cref="NativeLibraryException">OpenBLAS is missing or cannot be used.</exception>
    public static void PrepareThread()
    {
        if (openBlas.Value.Info.Threading != OpenBlasThreading.OpenMP)
            return;
        lock (threadSettings)
            OpenBlasLibrary.SetSingleThread(openBlas.Value.Library);
    }

    /// <summary>Loads and checks oneDNN, which nothing else needs.</summary>
    /// <exception cref="NativeLibraryException">It is missing or cannot be used.</exception>
    public static OneDnnInfo EnsureOneDnnLoaded() => oneDnn.Value.Info;

    /// <summary>
    /// Holds oneDNN to one thread on the calling thread, which its OpenMP builds keep per thread: once before the first
    /// primitive is made or run there. With other builds it does nothing.
    /// </summary>
    /// <exception cref="NativeLibraryException">oneDNN is missing or cannot be used.</exception>
    public static void PrepareOneDnnThread() => OneDnnLibrary.SetSingleThread(oneDnn.Value.Library);

    /// <summary>Loads and checks the library that reads pictures, which nothing else needs.</summary>
    /// <exception cref="NativeLibraryException">It is missing or cannot be used.</exception>
    public static void EnsurePicturesLoaded() => _ = pictures.Value;

    [SuppressMessage(
        "Usage",
        "CA2255",
        Justification = "Every call of a declaration must find the resolver, at no cost per call."
    )]
    [ModuleInitializer]
    internal static void RegisterResolver() =>
        NativeLibrary.SetDllImportResolver(typeof(NativeRuntime).Assembly, Resolve);

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path) =>
        name switch
        {
            Shim.Library => shim.Value.Library.Handle,
            OpenBlas.Library => openBlas.Value.Library.Handle,
            OneDnn.Library => oneDnn.Value.Library.Handle,
            Pictures.Library => pictures.Value.Handle,
            _ => 0,
        };

    private static (LoadedLibrary Library, ShimInfo Info) LoadShim()
    {
        LoadedLibrary library = Load(NativeLibraryDescription.Shim(NativePlatform.Current));
        return (library, ShimLibrary.Check(library));
    }

    private static (LoadedLibrary Library, OpenBlasInfo Info) LoadOpenBlas()
    {
        OpenBlasBuffers.CheckLoadable();
        (string? coreType, bool isUsers) = OpenBlasLibrary.PrepareEnvironment(HasAvx512());
        LoadedLibrary library = Load(NativeLibraryDescription.OpenBlas(NativePlatform.Current));
        return (library, OpenBlasLibrary.Check(library, coreType, isUsers));
    }

    private static (LoadedLibrary Library, OneDnnInfo Info) LoadOneDnn()
    {
        LoadedLibrary library = Load(NativeLibraryDescription.OneDnn(NativePlatform.Current));
        return (library, OneDnnLibrary.Check(library));
    }

    private static LoadedLibrary LoadPictures()
    {
        LoadedLibrary library = Load(NativeLibraryDescription.Pictures(NativePlatform.Current));
        PicturesLibrary.Check(library);
        return library;
    }

    private static NativeRuntimeInfo Describe() =>
        new(
            NativePlatform.Current.RuntimeIdentifier,
            shim.Value.Info,
            openBlas.Value.Info,
            [.. ShimLibrary.Warnings(shim.Value.Info), .. OpenBlasLibrary.Warnings(openBlas.Value.Info, HasAvx512())]
        );

    private static LoadedLibrary Load(NativeLibraryDescription library) =>
        NativeLibraryLoader.Load(
            library,
            NativePlatform.Current,
            NativeLibrarySearch.Candidates(
                library,
                NativePlatform.Current,
                [AppContext.BaseDirectory, AssemblyFolder()],
                Environment.GetEnvironmentVariable
            )
        );

    /// <summary>
    /// Whether the processor and its operating system have AVX-512. .NET can be told to deny it (DOTNET_EnableAVX512,
    /// ahead-of-time builds for older processors), so that the shim's answer counts as well.
    /// </summary>
    private static bool HasAvx512() =>
        (Avx512F.VL.IsSupported && Avx512DQ.VL.IsSupported && Avx512BW.VL.IsSupported)
        || shim.Value.Info.BestInstructionSet == nativecnn_instruction_set.NATIVECNN_AVX512;

    [UnconditionalSuppressMessage(
        "SingleFile",
        "IL3000",
        Justification = "In a single file the location is empty, and the program's folder is searched alone."
    )]
    private static string AssemblyFolder() => Path.GetDirectoryName(typeof(NativeRuntime).Assembly.Location) ?? "";
}
