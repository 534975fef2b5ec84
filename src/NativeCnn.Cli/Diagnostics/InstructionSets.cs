using NativeCnn.Interop;

namespace NativeCnn.Cli.Diagnostics;

/// <summary>The shim's instruction sets as people call them.</summary>
internal static class InstructionSets
{
    public static string Name(nativecnn_instruction_set set) =>
        set switch
        {
            nativecnn_instruction_set.NATIVECNN_BASELINE => "baseline",
            nativecnn_instruction_set.NATIVECNN_AVX2 => "AVX2",
            nativecnn_instruction_set.NATIVECNN_AVX512 => "AVX-512",
            _ => set.ToString(),
        };
}
