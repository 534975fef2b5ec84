namespace NativeCnn.Interop;

/// <summary>Makes sure that the loaded picture library is the one for which the declarations were generated.</summary>
internal static unsafe class PicturesLibrary
{
    /// <summary>Asks a loaded library for its version.</summary>
    /// <exception cref="NativeLibraryException">It is another version, or another library.</exception>
    public static void Check(LoadedLibrary library)
    {
        const int Needed = Pictures.NATIVECNN_PICTURES_ABI_VERSION;
        var version = (delegate* unmanaged[Cdecl]<int>)library.Export(nameof(Pictures.nativecnn_pictures_abi_version));
        int found = version();
        if (found != Needed)
            throw library.Unusable(
                $"is a picture library with interface version {found}, and this program needs version {Needed}"
            );
    }
}
