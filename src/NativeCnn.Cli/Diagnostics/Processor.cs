using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace NativeCnn.Cli.Diagnostics;

/// <summary>What the processor calls itself and which instructions this process may use.</summary>
internal static class Processor
{
    public static Finding Name() =>
        new("processor", $"{ModelName() ?? "unknown"} ({RuntimeInformation.ProcessArchitecture})");

    public static Finding InstructionSets()
    {
        (string Name, bool Has)[] sets =
        [
            ("SSE4.2", Sse42.IsSupported),
            ("AVX", Avx.IsSupported),
            ("AVX2", Avx2.IsSupported),
            ("FMA", Fma.IsSupported),
            ("AVX-512 F", Avx512F.IsSupported),
            ("AVX-512 BW", Avx512BW.IsSupported),
            ("AVX-512 DQ", Avx512DQ.IsSupported),
            ("AVX-512 VL", Avx512F.VL.IsSupported),
            ("NEON", AdvSimd.IsSupported),
        ];
        string[] present = [.. sets.Where(set => set.Has).Select(set => set.Name)];
        return new Finding("instruction sets", present.Length == 0 ? "the baseline only" : string.Join(", ", present));
    }

    private static string? ModelName()
    {
        if (OperatingSystem.IsWindows())
            return Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER");
        const string List = "/proc/cpuinfo";
        if (!File.Exists(List))
            return null;
        string? line = File.ReadLines(List).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal));
        return line?[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
    }
}
