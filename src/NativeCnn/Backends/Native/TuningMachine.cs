using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text;
using NativeCnn.Interop;

namespace NativeCnn.Backends.Native;

/// <summary>
/// All that measured times depend on besides the convolution: measured choices are for one machine as it was then.
/// </summary>
internal sealed record TuningMachine(
    string Processor,
    string InstructionSet,
    string Version,
    string ShimInterface,
    string OpenBlasVersion,
    string OpenBlasCore
)
{
    /// <summary>This process on this machine.</summary>
    public static TuningMachine Current()
    {
        NativeRuntimeInfo native = NativeRuntime.EnsureLoaded();
        return new TuningMachine(
            ProcessorName(),
            Shim.nativecnn_instruction_set_in_use().ToString(),
            typeof(TuningMachine).Assembly.GetName().Version?.ToString() ?? "unknown",
            native.Shim.AbiVersion.ToString(CultureInfo.InvariantCulture),
            native.OpenBlas.Version,
            native.OpenBlas.Core
        );
    }

    /// <summary>Names and values, as they are written.</summary>
    public IEnumerable<(string Name, string Value)> Fields =>
        [
            ("processor", Processor),
            ("instruction_set", InstructionSet),
            ("version", Version),
            ("shim_interface", ShimInterface),
            ("openblas", OpenBlasVersion),
            ("openblas_core", OpenBlasCore),
        ];

    // Virtual machines hide the brand behind a family name: family, model and stepping tell processors apart there.
    private static string ProcessorName()
    {
        string name = BrandString() ?? ListedName() ?? RuntimeInformation.ProcessArchitecture.ToString();
        return X86Base.IsSupported
            ? string.Create(CultureInfo.InvariantCulture, $"{name} ({X86Base.CpuId(1, 0).Eax:x8})")
            : name;
    }

    // CPUID leaves 0x80000002 to 0x80000004 hold 48 characters.
    private static string? BrandString()
    {
        const int First = unchecked((int)0x80000002);
        const int Last = First + 2;
        if (!X86Base.IsSupported || unchecked((uint)X86Base.CpuId((int)0x80000000, 0).Eax < (uint)Last))
            return null;
        Span<int> words = stackalloc int[12];
        for (int leaf = 0; leaf < 3; leaf++)
        {
            (int a, int b, int c, int d) = X86Base.CpuId(First + leaf, 0);
            ((ReadOnlySpan<int>)[a, b, c, d]).CopyTo(words[(4 * leaf)..]);
        }
        string name = Encoding.ASCII.GetString(MemoryMarshal.AsBytes(words)).Trim('\0', ' ');
        return name.Length == 0 ? null : name;
    }

    // Arm has no brand string; Linux lists implementer and part there.
    private static string? ListedName()
    {
        const string List = "/proc/cpuinfo";
        if (!File.Exists(List))
            return null;
        string[] wanted = ["model name", "CPU implementer", "CPU part", "CPU variant"];
        IEnumerable<string> lines = File.ReadLines(List)
            .Where(line => wanted.Any(name => line.StartsWith(name, StringComparison.Ordinal)))
            .Select(line => line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim())
            .Distinct()
            .Take(wanted.Length);
        string found = string.Join(' ', lines);
        return found.Length == 0 ? null : found;
    }
}
