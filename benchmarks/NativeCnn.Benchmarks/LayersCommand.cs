using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using NativeCnn.Backends;
using NativeCnn.Backends.Native.Convolutions;
using NativeCnn.Threading;

namespace NativeCnn.Benchmarks;

/// <summary>
/// <c>layers</c>: the times of the passes of named convolutions, without BenchmarkDotNet's processes and statistics, so that another
/// program can alternate it with a peer's. Each result is checked before it is timed.
/// </summary>
internal sealed class LayersCommand : Command
{
    private const int WarmUps = 2;
    private const int MinRuns = 5;

    private static readonly JsonSerializerOptions SnakeCase = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    private readonly Argument<string[]> _names = new("layer")
    {
        Description = "Layers by name [default: those that are compared with oneDNN]",
        Arity = ArgumentArity.ZeroOrMore,
    };
    private readonly Option<string[]> _algorithms = new("--algorithms")
    {
        Description = "Of im2col, direct, winograd4, winograd2 and planner; what cannot compute a layer is left out.",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => ["im2col", PlannedConvolution.Planner],
    };
    private readonly Option<double> _seconds = new("--seconds")
    {
        Description = "How long each algorithm runs each pass; five runs at least.",
        DefaultValueFactory = _ => 0.3,
    };
    private readonly Option<int> _threads = new("--threads") { DefaultValueFactory = _ => ThreadCount.Default };
    private readonly Option<bool> _all = new("--all") { Description = "All layers." };
    private readonly Option<bool> _list = new("--list") { Description = "Print the layers' sizes and time nothing." };
    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON object." };

    public LayersCommand()
        : base("layers", "Times the passes of named convolutions, each result checked first.")
    {
        Add(_names);
        foreach (Option option in (Option[])[_algorithms, _seconds, _threads, _all, _list, _json])
            Add(option);
        _algorithms.AcceptOnlyFromAmong([.. ConvolutionPlanner.Names, PlannedConvolution.Planner]);
        _names.Validators.Add(result =>
        {
            foreach (string name in result.Tokens.Select(token => token.Value))
            {
                if (NamedLayers.Find(name) is null)
                    result.AddError(
                        $"There is no layer '{name}'; the layers are {string.Join(", ", NamedLayers.All)}."
                    );
            }
        });
        SetAction(Run);
    }

    private int Run(ParseResult arguments)
    {
        int threads = arguments.GetValue(_threads);
        bool json = arguments.GetValue(_json);
        var results = new List<LayerResult>();
        foreach (NamedLayer layer in Selected(arguments))
        {
            LayerResult result = new(
                layer,
                arguments.GetValue(_list)
                    ? []
                    : Measure(layer, arguments.GetRequiredValue(_algorithms), threads, arguments.GetValue(_seconds))
            );
            results.Add(result);
            if (!json)
                result.Print();
        }
        if (json)
            Console.WriteLine(JsonSerializer.Serialize(new { Threads = threads, Layers = results }, SnakeCase));
        return 0;
    }

    private IEnumerable<NamedLayer> Selected(ParseResult arguments)
    {
        if (arguments.GetValue(_names) is { Length: > 0 } names)
            return names.Select(name => NamedLayers.Find(name)!);
        return NamedLayers.All.Where(layer => layer.IsCompared || arguments.GetValue(_all));
    }

    // Pass by pass, so that the algorithms of a pass run close to each other.
    private static List<PassTime> Measure(NamedLayer layer, string[] algorithms, int threads, double seconds)
    {
        using var tensors = new ConvolutionTensors(layer.Geometry);
        (string Name, PlannedConvolution Convolution)[] planned =
        [
            .. algorithms
                .Where(name => name == PlannedConvolution.Planner || layer.Algorithms.Contains(name))
                .Select(name => (name, new PlannedConvolution(tensors, name, threads))),
        ];
        var times = new List<PassTime>();
        foreach (
            (string pass, Action<PlannedConvolution> run, Func<ConvolutionPlan, string> chosen) in ((
                string,
                Action<PlannedConvolution>,
                Func<ConvolutionPlan, string>
            )[])
                [
                    ("forward", convolution => convolution.Forward(), plan => plan.Forward),
                    ("backward_data", convolution => convolution.BackwardData(), plan => plan.BackwardData),
                    ("backward_filter", convolution => convolution.BackwardFilter(), plan => plan.BackwardFilter),
                ]
        )
        {
            foreach ((string name, PlannedConvolution convolution) in planned)
            {
                (double median, double fastest, int runs) = Time(() => run(convolution), seconds);
                times.Add(new PassTime(name, pass, chosen(convolution.Plan), median, fastest, runs));
            }
        }
        foreach ((_, PlannedConvolution convolution) in planned)
            convolution.Dispose();
        return times;
    }

    private static (double Median, double Fastest, int Runs) Time(Action run, double seconds)
    {
        for (int i = 0; i < WarmUps; i++)
            run();
        var times = new List<double>();
        long start = Stopwatch.GetTimestamp();
        while (times.Count < MinRuns || Stopwatch.GetElapsedTime(start).TotalSeconds < seconds)
        {
            long before = Stopwatch.GetTimestamp();
            run();
            times.Add(Stopwatch.GetElapsedTime(before).TotalMilliseconds);
        }
        times.Sort();
        return ((times[(times.Count - 1) / 2] + times[times.Count / 2]) / 2, times[0], times.Count);
    }

    /// <summary>The times of one pass by one algorithm.</summary>
    /// <param name="Algorithm">As it was asked for.</param>
    /// <param name="Pass">forward, backward_data or backward_filter.</param>
    /// <param name="Chosen">What computed it.</param>
    /// <param name="Ms">The median, in milliseconds.</param>
    /// <param name="MsMin">The fastest.</param>
    /// <param name="Runs">How often it ran.</param>
    private sealed record PassTime(string Algorithm, string Pass, string Chosen, double Ms, double MsMin, int Runs);

    /// <summary>A layer's sizes, images and kernels being square, and its times.</summary>
    private sealed class LayerResult(NamedLayer layer, List<PassTime> times)
    {
        private ConvolutionGeometry Geometry => layer.Geometry;

        public string Layer => layer.Name;

        public int Batch => Geometry.Batch;

        public int Size => Geometry.Height;

        public int Channels => Geometry.Channels;

        public int Filters => Geometry.Filters;

        public int Kernel => Geometry.KernelHeight;

        public int Stride => Geometry.StrideY;

        public int Padding => Geometry.PadTop;

        public long MultiplyAdds => Geometry.MultiplyAdds;

        public IReadOnlyList<PassTime> Times => times;

        public void Print()
        {
            Console.WriteLine($"{Layer}: {Geometry}");
            foreach (PassTime time in times)
            {
                Console.WriteLine(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"  {time.Pass, -16}{time.Algorithm, -10}{time.Ms, 10:0.000} ms median{time.MsMin, 10:0.000} fastest{2 * MultiplyAdds / time.MsMin / 1e6, 8:0} GFLOP/s  {time.Chosen}"
                    )
                );
            }
        }
    }
}
