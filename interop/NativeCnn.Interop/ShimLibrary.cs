namespace NativeCnn.Interop;

/// <summary>Loads the shim and makes sure that it is the one for which the declarations were generated.</summary>
internal static unsafe class ShimLibrary
{
    /// <summary>Asks a loaded shim who it is.</summary>
    /// <exception cref="NativeLibraryException">It is another version, or not the shim.</exception>
    public static ShimInfo Check(LoadedLibrary library)
    {
        var abiVersion = (delegate* unmanaged[Cdecl]<int>)library.Export(nameof(Shim.nativecnn_abi_version));
        var layout = (delegate* unmanaged[Cdecl]<int, ulong>)library.Export(nameof(Shim.nativecnn_struct_layout));
        int version = abiVersion();
        CheckVersion(library, version);
        (string Name, ulong Layout)[] structs = ShimStructs.Layouts;
        for (int place = 0; place < structs.Length; place++)
            CheckLayout(library, structs[place].Name, structs[place].Layout, layout(place));
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

    internal static void CheckLayout(LoadedLibrary library, string name, ulong expected, ulong found)
    {
        if (found != expected)
            throw library.Unusable($"has other fields in {name} than this program");
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
