using NativeCnn.Cli.Output;
using NativeCnn.Interop;

namespace NativeCnn.Cli.Diagnostics;

/// <summary>What makes the native libraries slower than they need be.</summary>
internal static class NativeWarnings
{
    /// <summary>Prints one line on standard error for each, such as OpenBLAS running below the processor.</summary>
    /// <returns>The libraries.</returns>
    public static NativeRuntimeInfo Print()
    {
        NativeRuntimeInfo native = NativeRuntime.EnsureLoaded();
        foreach (string warning in native.Warnings)
            Notice.Write(warning);
        return native;
    }
}
