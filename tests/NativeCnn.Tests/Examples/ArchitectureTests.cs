using System.Globalization;
using System.Text;
using NativeCnn.Backends.Native;
using NativeCnn.Layers;
using NativeCnn.Models;
using NativeCnn.Networks;
using NativeCnn.Networks.Compilation;
using NativeCnn.Optimizers;
using NativeCnn.Tensors;

namespace NativeCnn.Tests.Examples;

/// <summary>Keeps what docs/architecture.md shows of the program true.</summary>
public sealed class ArchitectureTests
{
    private static readonly string Root = SharedData.Repository;

    private static readonly string Document = File.ReadAllText(Path.Combine(Root, "docs", "architecture.md"));

    [Fact]
    public void The_memory_plan_is_drawn_as_it_is() => Assert.Equal(Draw(), Block("plan"));

    [Fact]
    public void The_reading_route_has_files_that_are_there_and_a_days_length()
    {
        int lines = 0;
        foreach (string row in Block("route").Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string file = row.Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
            lines += File.ReadLines(Path.Combine(Root, file)).Count();
        }
        Assert.InRange(lines, 1500, 2000);
    }

    private static string Draw()
    {
        using Network network = LeNet.Create(new Shape(1, 28, 28, 1), 10);
        using var backend = new NativeBackend(1);
        var options = new CompilationOptions(backend, 64, Phase.Training, new Sgd { Momentum = 0.9f });
        CompilationPlan plan = NetworkCompiler.Plan(network, options);
        var text = new StringBuilder();
        OperationCall?[] calls = [.. plan.Program.Forward, null, .. plan.Program.Backward];
        foreach (PlannedBuffer buffer in plan.Placement.Buffers.OrderBy(b => b.Offset).ThenBy(b => b.First))
        {
            string place = (buffer.Offset / 1024).ToString("N0", CultureInfo.InvariantCulture);
            string size = (buffer.Bytes / 1024).ToString("N0", CultureInfo.InvariantCulture);
            IEnumerable<char> needed = Enumerable
                .Range(0, calls.Length)
                .Select(moment => moment >= buffer.First && moment <= buffer.Last ? '█' : '·');
            text.Append(
                CultureInfo.InvariantCulture,
                $"{string.Concat(needed)}  at {place, 5} kB  {size, 5} kB  {buffer.Name}\n"
            );
        }
        for (int moment = 0; moment < calls.Length; moment++)
        {
            string what = calls[moment] is { } call ? $"{call.Layer?.Name} {call.Operation.Name}" : "the loss";
            text.Append(CultureInfo.InvariantCulture, $"{new string(' ', moment)}└ {what.Trim()}\n");
        }
        return text.ToString();
    }

    private static string Block(string name)
    {
        int start = Document.IndexOf($"```{name}\n", StringComparison.Ordinal) + name.Length + 4;
        return Document[start..Document.IndexOf("```", start, StringComparison.Ordinal)];
    }
}
