using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using NativeCnn.Backends.Operations;
using NativeCnn.Cli.Commands;
using NativeCnn.Cli.Diagnostics;
using NativeCnn.Tensors;
using NativeCnn.Threading;

namespace NativeCnn.Benchmarks;

/// <summary>
/// <c>streaming</c>: normalisations and pooling beside the time in which this machine streams their tensors, each once,
/// at the bandwidth measured in the same run; batch normalisation and pooling also beside the passes that they need.
/// </summary>
internal sealed class StreamingCommand : Command
{
    private static readonly Part[] Parts =
    [
        new(
            "batch norm 8x56x56x256",
            row => row is { Layer: "resnet50-conv2", Operation: BatchNormForward or BatchNormBackward }
        ),
        new(
            "batch norm 8x112x112x64",
            row => row is { Layer: "resnet50-conv1", Operation: BatchNormForward or BatchNormBackward }
        ),
        new(
            "group norm 8x56x56x256, 32 groups",
            row => row is { Layer: "resnet50-conv2", Operation: GroupNormForward or GroupNormBackward }
        ),
        new("layer norm 4096x512", row => row is { Layer: "transformer-layer" }),
        new(
            "contrast 9x9, 32x64x64x32",
            row =>
                row
                    is {
                        Layer: "lcn-9x9",
                        Operation: SubtractiveNormForward
                            or SubtractiveNormBackward
                            or DivisiveNormForward
                            or DivisiveNormBackward
                    }
        ),
        new(
            "brightness 32x64x64x32",
            row => row is { Layer: "lcn-9x9", Operation: BrightnessNormForward or BrightnessNormBackward }
        ),
        new("max 2x2/2 of 4x224x224x64", row => row is { Layer: "vgg16-pool1", Operation: MaxPoolingForward }),
        new("average 2x2/2 of 4x224x224x64", row => row is { Layer: "vgg16-pool1", Operation: AveragePoolingForward }),
        new("max 3x3/2 of 32x55x55x64", row => row is { Layer: "alexnet-pool1", Operation: MaxPoolingForward }),
        new("average 3x3/2 of 32x55x55x64", row => row is { Layer: "alexnet-pool1", Operation: AveragePoolingForward }),
        new("max 3x3/2 of 8x112x112x64", row => row is { Layer: "resnet50-pool1", Operation: MaxPoolingForward }),
        new(
            "average 3x3/2 of 8x112x112x64",
            row => row is { Layer: "resnet50-pool1", Operation: AveragePoolingForward }
        ),
    ];

    private readonly NumberOption<int> _threads = NumberOptions.Threads(2);
    private readonly NumberOption<int> _rounds = NumberOptions.Rounds(15);
    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON array." };
    private readonly Option<string> _only = new("--only") { Description = "Only what has this in its name." };

    public StreamingCommand()
        : base("streaming", "Times normalisations and pooling beside what streaming their tensors takes.")
    {
        Add(_threads);
        Add(_rounds);
        Add(_json);
        Add(_only);
        SetAction(Run);
    }

    private int Run(ParseResult arguments)
    {
        int threads = arguments.GetValue(_threads);
        string only = arguments.GetValue(_only) ?? "";
        using var pool = new WorkerPool(threads);
        using var memory = new MemoryBandwidth(pool);
        bool isJson = arguments.GetValue(_json);
        var all = new List<Measurement>();
        Part[] parts = [.. Parts.Where(part => part.Name.Contains(only, StringComparison.OrdinalIgnoreCase))];
        if (parts.Length == 0)
            throw new ArgumentException($"--only {only}: nothing has this in its name.");
        foreach (Part part in parts)
        {
            all.Add(Measure(part, threads, arguments.GetValue(_rounds), memory));
            if (!isJson)
                Console.WriteLine(all[^1]);
        }
        if (isJson)
            Console.WriteLine(JsonSerializer.Serialize(all));
        return 0;
    }

    private static Measurement Measure(Part part, int threads, int rounds, MemoryBandwidth memory)
    {
        BenchmarkedOperation[] rows = [.. BenchmarkedOperations.All.Where(part.Has)];
        ProvenOperation[] operations = [.. rows.Select(row => new ProvenOperation(row, threads))];
        double bytes = rows.Sum(row => (double)row.Operation.Bytes(ElementType.Float32));
        // Alternated: a shared machine drifts.
        var times = new double[rounds];
        var streams = new double[rounds];
        var passes = new double[rounds];
        for (int round = 0; round < rounds; round++)
        {
            double accumulated = memory.Accumulate();
            streams[round] = 1e3 * bytes / accumulated;
            passes[round] = 1e3 * rows.Sum(row => Passes(row.Operation, memory, accumulated));
            times[round] = Milliseconds(() => Array.ForEach(operations, operation => operation.Run()));
        }
        Array.ForEach(operations, operation => operation.Dispose());
        return new(part.Name, Median(times), Median(streams), Median(passes));
    }

    // The seconds of the passes over memory that nothing spares. Batch normalisation has its sums before the first
    // result: forward reads x, then reads it again and writes y; backward reads x and dy, then reads both again and
    // writes dx. Pooling reads x; what it writes is not counted.
    private static double Passes(Operation operation, MemoryBandwidth memory, double accumulated)
    {
        double tensor = sizeof(float) * (double)operation.Operands[0].Shape.Count;
        return operation switch
        {
            BatchNormForward => tensor / memory.Read() + 2 * tensor / memory.Copy(),
            BatchNormBackward => 2 * tensor / memory.Read() + 3 * tensor / accumulated,
            MaxPoolingForward or AveragePoolingForward => tensor / memory.Read(),
            _ => 0,
        };
    }

    private static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);

    private static double Milliseconds(Action action)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    // Milliseconds; 0 where nobody counted the passes.
    private sealed record Measurement(string Name, double Time, double Streaming, double Passes)
    {
        public override string ToString()
        {
            string text = string.Create(
                CultureInfo.InvariantCulture,
                $"{Name, -36} {Time, 8:f2} ms, streaming {Streaming, 8:f2} ms, ratio {Time / Streaming:f2}"
            );
            string passes = string.Create(
                CultureInfo.InvariantCulture,
                $"; its passes {Passes, 8:f2} ms, ratio {Time / Passes:f2}"
            );
            return Passes > 0 ? text + passes : text;
        }
    }

    private sealed record Part(string Name, Func<BenchmarkedOperation, bool> Has);
}
