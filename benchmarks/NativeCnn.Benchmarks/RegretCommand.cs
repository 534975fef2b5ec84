using System.CommandLine;
using System.Text.Json;
using NativeCnn.Backends.Operations;
using NativeCnn.Cli.Commands;

namespace NativeCnn.Benchmarks;

/// <summary>
/// <c>regret</c>: how much slower than the fastest algorithm is what the cost model chooses, over random layers.
/// </summary>
internal sealed class RegretCommand : Command
{
    private const string Native = "native";
    private const string Auto = "auto";

    private static readonly JsonSerializerOptions SnakeCase = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    private readonly NumberOption<int> _layers = NumberOptions.Of<int>(
        "--layers",
        new(1, 1_000_000),
        100,
        "How many layers are drawn."
    );
    private readonly NumberOption<ulong> _seed = NumberOptions.Seed("Another list of layers for every seed.");
    private readonly Option<bool> _named = new("--named")
    {
        Description = "The named layers of published networks instead of random ones.",
    };
    private readonly Option<string> _backend = new("--backend")
    {
        Description = "Whose choice: native among its own algorithms, auto among these and oneDNN.",
        DefaultValueFactory = _ => Native,
    };
    private readonly NumberOption<int> _threads = NumberOptions.Threads();
    private readonly NumberOption<double> _seconds = NumberOptions.Seconds(
        0.2,
        "How long the algorithms of a pass run together; three runs of each at least."
    );
    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON object with every time." };

    public RegretCommand()
        : base("regret", "Times what the cost model chooses for random convolutions against all it could choose.")
    {
        foreach (Option option in (Option[])[_layers, _seed, _named, _backend, _threads, _seconds, _json])
            Add(option);
        _backend.AcceptOnlyFromAmong(Native, Auto);
        SetAction(Run);
    }

    private int Run(ParseResult arguments)
    {
        int threads = arguments.GetValue(_threads);
        ulong seed = arguments.GetValue(_seed);
        IReadOnlyList<ConvolutionGeometry> layers = arguments.GetValue(_named)
            ? [.. NamedLayers.All.Select(layer => layer.Geometry)]
            : RandomLayers.Draw(arguments.GetValue(_layers), seed);
        List<MeasuredChoice> choices = [];
        using (ChoiceMeasurement measurement = new(threads, arguments.GetValue(_backend) == Auto))
        {
            foreach (ConvolutionOperation pass in layers.SelectMany(ChoiceMeasurement.PassesOf))
                choices.Add(measurement.Measure(pass, arguments.GetValue(_seconds)));
        }
        RegretReport report = new(choices);
        if (!arguments.GetValue(_json))
        {
            report.Write(Console.Out);
            return 0;
        }
        var document = new
        {
            Threads = threads,
            Seed = seed,
            report.Mean,
            report.Worst,
            Choices = choices.Select(Describe),
        };
        Console.WriteLine(JsonSerializer.Serialize(document, SnakeCase));
        return 0;
    }

    private static object Describe(MeasuredChoice choice)
    {
        ConvolutionGeometry g = choice.Operation.Geometry;
        return new
        {
            Pass = choice.Operation.Name,
            Batch = g.BatchSize,
            Size = g.Height,
            g.Channels,
            g.Filters,
            Kernel = g.KernelHeight,
            Stride = g.StrideY,
            Padding = g.PadTop,
            g.Groups,
            choice.Regret,
            choice.Times,
        };
    }
}
