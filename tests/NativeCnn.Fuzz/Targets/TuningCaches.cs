using System.Text;
using NativeCnn.Backends.Native;
using NativeCnn.Backends.Native.Convolutions;

namespace NativeCnn.Fuzz.Targets;

/// <summary>The file of measured choices: whatever is in it, reading reports one sentence at most.</summary>
internal sealed class TuningCaches : FuzzTarget
{
    private static readonly TuningMachine Machine = new("p", "i", "1", "2", "3", "c");

    public override string Name => "tuning";

    public override IReadOnlyList<byte[]> Wholes { get; } =
    [
        Encoding.UTF8.GetBytes(
            """
            {"format":"nativecnn.tuning","format_version":3,"processor":"p","instruction_set":"i","version":"1",
            "shim_interface":"2","openblas":"3","openblas_core":"c","choices":[{"exact":false,
            "pass":"Forward","geometry":"1×28×28×1 → 20, 5×5","algorithm":"im2col"}]}
            """
        ),
    ];

    public override IReadOnlyList<string> Words =>
        ["Forward", "BackwardData", "direct", "winograd4", "true", "null", "{}", "[]", "\"\"", "\\ud800", "choices"];

    public override string Run(byte[] input, string file)
    {
        File.WriteAllBytes(file, input);
        List<string> reports = [];
        new TuningCacheFile(file, reports.Add).Load(Machine);
        if (reports.Count > 1)
            throw new InvalidOperationException($"Reading reported {reports.Count} sentences.");
        return reports.Count == 0 ? "read" : Outline(reports[0]);
    }
}
