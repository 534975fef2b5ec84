namespace NativeCnn.Interop;

/// <summary>Loads the shim and makes sure that it is the one for which the declarations were generated.</summary>
internal static unsafe class ShimLibrary
{
    /// <summary>Every struct that crosses the boundary, with the size that C# gives it.</summary>
    public static IReadOnlyList<(nativecnn_struct Struct, int Size)> StructSizes { get; } =
    [
        (nativecnn_struct.NATIVECNN_STRUCT_CONVOLUTION_GEOMETRY, sizeof(nativecnn_convolution_geometry)),
        (nativecnn_struct.NATIVECNN_STRUCT_POOLING_GEOMETRY, sizeof(nativecnn_pooling_geometry)),
        (nativecnn_struct.NATIVECNN_STRUCT_ACTIVATION, sizeof(nativecnn_activation)),
        (nativecnn_struct.NATIVECNN_STRUCT_DROPOUT, sizeof(nativecnn_dropout)),
        (nativecnn_struct.NATIVECNN_STRUCT_UPDATE, sizeof(nativecnn_update)),
        (nativecnn_struct.NATIVECNN_STRUCT_LOCAL_RESPONSE_NORM, sizeof(nativecnn_local_response_norm)),
        (nativecnn_struct.NATIVECNN_STRUCT_RANGE, sizeof(nativecnn_range)),
        (nativecnn_struct.NATIVECNN_STRUCT_DENSE_GEOMETRY, sizeof(nativecnn_dense_geometry)),
    ];

    /// <summary>Asks a loaded shim who it is.</summary>
    /// <exception cref="NativeLibraryException">It is another version, or not the shim.</exception>
    public static ShimInfo Check(LoadedLibrary library)
    {
        var abiVersion = (delegate* unmanaged[Cdecl]<int>)library.Export(nameof(Shim.nativecnn_abi_version));
        var structSize = (delegate* unmanaged[Cdecl]<int, int>)library.Export(nameof(Shim.nativecnn_struct_size));
        int version = abiVersion();
        CheckVersion(library, version);
        foreach ((nativecnn_struct which, int size) in StructSizes)
            CheckStructSize(library, which, size, structSize((int)which));
        var inUse = (delegate* unmanaged[Cdecl]<nativecnn_instruction_set>)
            library.Export(nameof(Shim.nativecnn_instruction_set_in_use));
        var best = (delegate* unmanaged[Cdecl]<nativecnn_instruction_set>)
            library.Export(nameof(Shim.nativecnn_best_instruction_set));
        return new(library.Path, version, inUse(), best());
    }

    internal static void CheckVersion(LoadedLibrary library, int found)
    {
        const int Needed = Shim.NATIVECNN_ABI_VERSION;
        if (found != Needed)
            throw library.Unusable(
                $"is a shim with interface version {found}, and this program needs version {Needed}"
            );
    }

    internal static void CheckStructSize(LoadedLibrary library, nativecnn_struct which, int expected, int found)
    {
        if (found != expected)
            throw library.Unusable($"has {found} bytes for {which}, and this program has {expected}");
    }

    /// <summary>What makes the shim slower than it need be.</summary>
    public static IEnumerable<string> Warnings(ShimInfo shim)
    {
        if (shim.InstructionSet < shim.BestInstructionSet)
        {
            yield return $"The shim uses {shim.InstructionSet} although this processor has {shim.BestInstructionSet}. "
                + "Unset NATIVECNN_INSTRUCTION_SET.";
        }
    }
}
