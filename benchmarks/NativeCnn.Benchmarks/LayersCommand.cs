using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using NativeCnn.Backends;
using NativeCnn.Backends.Native;
using NativeCnn.Backends.Native.Convolutions;
using NativeCnn.Backends.Operations;
using NativeCnn.Cli.Commands;
using NativeCnn.OneDnn;
using NativeCnn.Training;

namespace NativeCnn.Benchmarks;

/// <summary>
/// <c>layers</c>: the times of the passes of named convolutions, without BenchmarkDotNet's processes and statistics, so
/// that another program can alternate it with a peer's. Each result is proved before it is timed.
/// </summary>
internal sealed class LayersCommand : Command
{
    private const string Planner = "planner";
    private const string Native = "native";
    private const string OneDnn = "onednn";
    private const string Auto = "auto";
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
        Description = "Algorithms, or planner for its choice; what cannot compute a layer is left out.",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [ConvolutionPlanner.Im2Col, Planner],
    };
    private readonly Option<string[]> _backends = new("--backend")
    {
        Description =
            "What computes, one or several in turn: native by the algorithms, onednn and auto by their own choice.",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [Native],
    };
    private readonly Option<bool> _tune = new("--tune") { Description = "auto measures instead of predicting." };
    private readonly NumberOption<double> _seconds = NumberOptions.Seconds(
        0.3,
        "How long each algorithm runs each pass; five runs at least."
    );
    private readonly NumberOption<int> _threads = NumberOptions.Threads();
    private readonly Option<bool> _all = new("--all") { Description = "All layers." };
    private readonly Option<bool> _list = new("--list") { Description = "Print the layers' sizes and time nothing." };
    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON object." };

    public LayersCommand()
        : base("layers", "Times the passes of named convolutions, each result proved first.")
    {
        Add(_names);
        foreach (Option option in (Option[])[_backends, _tune, _algorithms, _seconds, _threads, _all, _list, _json])
            Add(option);
        _algorithms.AcceptOnlyFromAmong([.. ConvolutionPlanner.Names, Planner]);
        _backends.AcceptOnlyFromAmong(Native, OneDnn, Auto);
        _names.AcceptOnlyFromAmong([.. NamedLayers.All.Select(layer => layer.Name)]);
        SetAction(Run);
    }

    private int Run(ParseResult arguments)
    {
        string[] names = arguments.GetValue(_names) ?? [];
        int threads = arguments.GetValue(_threads);
        bool json = arguments.GetValue(_json);
        List<LayerResult> results = [];
        foreach (NamedLayer layer in NamedLayers.All)
        {
            bool isWanted =
                names.Length > 0 ? names.Contains(layer.Name) : layer.IsCompared || arguments.GetValue(_all);
            if (!isWanted)
                continue;
            List<PassTime> times = arguments.GetValue(_list) ? [] : Measure(layer.Name, threads, arguments);
            LayerResult result = new(layer, times);
            results.Add(result);
            if (!json)
                result.Print();
        }
        if (json)
            Console.WriteLine(JsonSerializer.Serialize(new { Threads = threads, Layers = results }, SnakeCase));
        return 0;
    }

    // Pass by pass, so that the algorithms of a pass run close to each other.
    private List<PassTime> Measure(string layer, int threads, ParseResult arguments)
    {
        string[] backends = arguments.GetRequiredValue(_backends);
        string[] algorithms = backends.Contains(Native) ? arguments.GetRequiredValue(_algorithms) : [];
        double seconds = arguments.GetValue(_seconds);
        List<PassTime> times = [];
        foreach (var pass in BenchmarkedOperations.All.Where(b => IsPassOf(b, layer)).GroupBy(b => b.Operation))
        {
            (string Name, ProvenOperation Proven)[] contenders =
            [
                .. from name in algorithms
                from benchmark in pass
                where name == Planner ? benchmark.IsPlanned : benchmark.Algorithm == name
                select (name, new ProvenOperation(benchmark, threads)),
                .. from name in backends
                where name != Native
                select (name, new ProvenOperation(pass.First(), Create(name, threads, arguments.GetValue(_tune)))),
            ];
            foreach ((string name, ProvenOperation proven) in contenders)
            {
                RunTimes time = Time(proven, seconds);
                string chosen = proven.Kernel.Algorithm;
                times.Add(new PassTime(name, pass.Key.Pass, chosen, time.Median, time.Fastest, time.Runs));
            }
            foreach ((_, ProvenOperation proven) in contenders)
                proven.Dispose();
        }
        return times;
    }

    private static bool IsPassOf(BenchmarkedOperation benchmark, string layer) =>
        benchmark.Layer == layer && benchmark.Operation is ConvolutionOperation;

    private static Backend Create(string backend, int threads, bool tunes) =>
        backend == OneDnn
            ? new OneDnnBackend(threads)
            : new AutoBackend(
                new NativeBackendOptions
                {
                    Threads = threads,
                    Tuning = tunes ? new ConvolutionTuning { Measure = true } : null,
                }
            );

    private static RunTimes Time(ProvenOperation proven, double seconds)
    {
        for (int i = 0; i < WarmUps; i++)
            proven.Run();
        List<long> ticks = [];
        long start = Stopwatch.GetTimestamp();
        while (ticks.Count < MinRuns || Stopwatch.GetElapsedTime(start).TotalSeconds < seconds)
        {
            long before = Stopwatch.GetTimestamp();
            proven.Run();
            ticks.Add(Stopwatch.GetTimestamp() - before);
        }
        return RunTimes.Of(ticks.ToArray());
    }

    /// <summary>The times of one pass by one algorithm.</summary>
    /// <param name="Algorithm">As it was asked for, or the backend that chose.</param>
    /// <param name="Pass">As the operation names it.</param>
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

        public int Batch => Geometry.BatchSize;

        public int Size => Geometry.Height;

        public int Channels => Geometry.Channels;

        public int Filters => Geometry.Filters;

        public int Kernel => Geometry.KernelHeight;

        public int Stride => Geometry.StrideY;

        public int Padding => Geometry.PadTop;

        public int Groups => Geometry.Groups;

        public long MultiplyAdds => Geometry.MultiplyAdds;

        public IReadOnlyList<PassTime> Times => times;

        public void Print()
        {
            Console.WriteLine($"{Layer}: {Geometry}");
            foreach (PassTime time in times)
            {
                string times = $"{time.Ms, 10:0.000} ms median{time.MsMin, 10:0.000} fastest";
                double speed = 2 * MultiplyAdds / time.MsMin / 1e6;
                Console.WriteLine($"  {time.Pass, -16}{time.Algorithm, -10}{times}{speed, 8:0} GFLOP/s  {time.Chosen}");
            }
        }
    }
}
