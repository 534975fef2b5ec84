using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using NativeCnn.Backends.Native;
using NativeCnn.Cli.Commands;
using NativeCnn.Cli.Diagnostics;
using NativeCnn.Losses;
using NativeCnn.Networks;
using NativeCnn.Randomness;
using NativeCnn.Tensors;
using NativeCnn.Threading;
using NativeCnn.Training;

namespace NativeCnn.Benchmarks;

/// <summary>
/// <c>scaling</c>: predicts a training step on more threads than the machine has, from the runs of the pool on one
/// thread, and compares the prediction with the measured step on one and two.
/// </summary>
internal sealed class ScalingCommand : Command
{
    private const int WarmUps = 2;
    private const int MinRounds = 5;
    private const int Shown = 12;

    // Threads that are measured as well, and up to how many the same recording serves.
    private const int MeasuredThreads = 2;
    private const int FewThreads = 8;

    private static readonly JsonSerializerOptions SnakeCase = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    private readonly Option<string> _model = new("--model") { DefaultValueFactory = _ => "lenet" };
    private readonly NumberOption<int> _batch = NumberOptions.Of<int>(
        "--batch",
        new(1, 1_000_000),
        null,
        "Examples of a step [default: docs/performance.md's]"
    );
    private readonly Option<int[]> _threads = NumberOptions.List(
        "--threads",
        NumberOptions.ThreadRange,
        [1, 2, 4, 8, 16, 32, 64, 128],
        "Numbers of threads to predict, separated by commas."
    );
    private readonly NumberOption<int> _at = NumberOptions.Of<int>(
        "--at",
        NumberOptions.ThreadRange,
        64,
        "The number of threads at which losses are told apart."
    );
    private readonly NumberOption<double> _seconds = NumberOptions.Seconds(
        10,
        "How long to record and measure; five rounds at least."
    );
    private readonly NumberOption<double> _bandwidth = NumberOptions.Of<double>(
        "--bandwidth",
        new(0, 1e6, AboveMinimum: true),
        null,
        "The simulated machine's, in GB/s [default: this machine's, as doctor measures it]"
    );
    private readonly NumberOption<double> _cache = NumberOptions.Of<double>(
        "--cache",
        new(0, 1e6),
        32,
        "Operands of an operation of fewer MB together stay in caches."
    );
    private readonly NumberOption<double> _wake = Microseconds("--wake");
    private readonly NumberOption<double> _transfer = Microseconds("--transfer");
    private readonly NumberOption<double> _finish = Microseconds("--finish");
    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON object." };

    public ScalingCommand()
        : base("scaling", "Predicts a training step on many threads from its runs on one.")
    {
        foreach (
            Option option in (Option[])
                [_model, _batch, _threads, _at, _seconds, _bandwidth, _cache, _wake, _transfer, _finish, _json]
        )
            Add(option);
        _model.AcceptOnlyFromAmong([.. NamedNetworks.Batches.Keys]);
        SetAction(Run);
    }

    private static NumberOption<double> Microseconds(string name) =>
        NumberOptions.Of<double>(name, new(0, 1e6), null, "Microseconds [default: measured]");

    private int Run(ParseResult arguments)
    {
        string model = arguments.GetRequiredValue(_model);
        int batch = arguments.Given(_batch) ?? NamedNetworks.Batches[model];
        SimulatedMachine machine = Machine(arguments);
        int at = arguments.GetValue(_at);
        double seconds = arguments.GetValue(_seconds);
        // Work is divided otherwise for many threads: what they would run is recorded by itself.
        Recording few = Record(model, batch, MeasuredThreads, seconds);
        Recording many = at <= FewThreads ? few : Record(model, batch, at, seconds);
        int[] threads = arguments.GetRequiredValue(_threads);
        var report = new ScalingReport(
            model,
            batch,
            machine,
            few,
            count => count <= FewThreads ? few : many,
            threads,
            at
        );
        if (arguments.GetValue(_json))
            Console.WriteLine(JsonSerializer.Serialize(report.Figures(), SnakeCase));
        else
            report.Print(Shown);
        return 0;
    }

    private SimulatedMachine Machine(ParseResult arguments)
    {
        HandOver cost = HandOver.Measure();
        cost = cost with
        {
            Wake = arguments.Given(_wake) / 1e6 ?? cost.Wake,
            Transfer = arguments.Given(_transfer) / 1e6 ?? cost.Transfer,
            Finish = arguments.Given(_finish) / 1e6 ?? cost.Finish,
        };
        return new(cost, 1e9 * arguments.Given(_bandwidth) ?? MeasureBandwidth(), 1e6 * arguments.GetValue(_cache));
    }

    private static double MeasureBandwidth()
    {
        using var pool = new WorkerPool(ThreadCount.Default);
        using var memory = new MemoryBandwidth(pool);
        return Enumerable.Range(0, 9).Select(_ => memory.Accumulate()).Order().ElementAt(4);
    }

    // One step on one thread, one on two and one recorded in turn: a shared machine drifts.
    private static Recording Record(string model, int batch, int planned, double seconds)
    {
        using Network network = NamedNetworks.Create(model);
        using Tensor input = Fillings.NoiseOf(network.InputShape.WithBatchSize(batch), 1);
        RandomStream random = new(2);
        int[] labels = new int[batch];
        foreach (ref int label in labels.AsSpan())
            label = random.NextInt(network.OutputShape.ElementsPerExample);
        using var one = new NativeBackend(new NativeBackendOptions { Threads = 1, PlannedThreads = planned });
        using var two = new NativeBackend(new NativeBackendOptions { Threads = 2, PlannedThreads = planned });
        using TrainingStep stepOfOne = NetworkBenchmark.CreateStep(network, one, batch);
        using TrainingStep stepOfTwo = NetworkBenchmark.CreateStep(network, two, batch);
        var recorder = new StepRecorder(one.Pool!, stepOfOne.Compiled);

        void Step(TrainingStep step)
        {
            double loss = step.Run(input, Targets.Classes(labels)).Loss;
            if (!double.IsFinite(loss))
                throw new InvalidOperationException($"The loss is {loss}: the times would mean nothing.");
        }
        double Time(TrainingStep step)
        {
            long start = Stopwatch.GetTimestamp();
            Step(step);
            return Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        for (int i = 0; i < WarmUps; i++)
        {
            Step(stepOfOne);
            Step(stepOfTwo);
        }
        List<double> onOne = [];
        List<double> onTwo = [];
        long begin = Stopwatch.GetTimestamp();
        while (onOne.Count < MinRounds || Stopwatch.GetElapsedTime(begin).TotalSeconds < seconds)
        {
            recorder.Record(stepOfOne, () => Step(stepOfOne));
            onOne.Add(Time(stepOfOne));
            onTwo.Add(Time(stepOfTwo));
        }
        return new(recorder.Operations(), onOne.Min(), onTwo.Min(), onOne.Count);
    }
}

/// <summary>What was recorded and measured.</summary>
/// <param name="Operations">Of the step on one thread.</param>
/// <param name="OnOne">The fastest step on one thread, nothing recorded, in seconds.</param>
/// <param name="OnTwo">The fastest step on two.</param>
/// <param name="Rounds">How many of each.</param>
internal sealed record Recording(IReadOnlyList<RecordedOperation> Operations, double OnOne, double OnTwo, int Rounds);
