using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using NativeCnn.Backends.Operations;
using NativeCnn.Interop;
using NativeCnn.Tensors;
using NativeCnn.Threading;

namespace NativeCnn.Benchmarks;

/// <summary>
/// <c>normalization</c>: forward and backward of the normalisations beside the time in which this machine streams their
/// tensors, each once, at the bandwidth measured in the same run.
/// </summary>
internal sealed class NormalizationCommand : Command
{
    private static readonly Dictionary<string, Func<BenchmarkedOperation, bool>> Parts = new()
    {
        ["batch norm 8x56x56x256"] = row =>
            row is { Layer: "resnet50-conv2", Operation: BatchNormForward or BatchNormBackward },
        ["batch norm 8x112x112x64"] = row =>
            row is { Layer: "resnet50-conv1", Operation: BatchNormForward or BatchNormBackward },
        ["group norm 8x56x56x256, 32 groups"] = row =>
            row is { Layer: "resnet50-conv2", Operation: GroupNormForward or GroupNormBackward },
        ["layer norm 4096x512"] = row => row is { Layer: "transformer-layer" },
        ["contrast 9x9, 32x64x64x32"] = row =>
            row
                is {
                    Layer: "lcn-9x9",
                    Operation: SubtractiveNormForward
                        or SubtractiveNormBackward
                        or DivisiveNormForward
                        or DivisiveNormBackward
                },
        ["brightness 32x64x64x32"] = row =>
            row is { Layer: "lcn-9x9", Operation: BrightnessNormForward or BrightnessNormBackward },
    };

    private readonly Option<int> _threads = new("--threads") { DefaultValueFactory = _ => 2 };
    private readonly Option<int> _rounds = new("--rounds") { DefaultValueFactory = _ => 15 };

    public NormalizationCommand()
        : base("normalization", "Times the normalisations beside what streaming their tensors takes.")
    {
        Add(_threads);
        Add(_rounds);
        SetAction(Run);
    }

    private int Run(ParseResult arguments)
    {
        int threads = arguments.GetValue(_threads);
        int rounds = arguments.GetValue(_rounds);
        using var stream = new Streaming(threads);
        foreach ((string name, Func<BenchmarkedOperation, bool> isPart) in Parts)
        {
            BenchmarkedOperation[] rows = [.. BenchmarkedOperations.All.Where(isPart)];
            ProvenOperation[] operations = [.. rows.Select(row => new ProvenOperation(row, threads))];
            double bytes = rows.Sum(row => (double)row.Operation.Bytes(ElementType.Float32));
            // Alternated: a shared machine drifts.
            var times = new double[rounds];
            var streams = new double[rounds];
            for (int round = 0; round < rounds; round++)
            {
                streams[round] = bytes / stream.BytesPerMillisecond();
                times[round] = Milliseconds(() => Array.ForEach(operations, operation => operation.Run()));
            }
            Array.ForEach(operations, operation => operation.Dispose());
            (double time, double streamed) = (Median(times), Median(streams));
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{name, -36} {time, 8:f2} ms, streaming {streamed, 8:f2} ms, ratio {time / streamed:f2}"
                )
            );
        }
        return 0;
    }

    private static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);

    private static double Milliseconds(Action action)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    /// <summary>The bandwidth of the memory, as <c>nativecnn doctor</c> measures it.</summary>
    private sealed class Streaming : IDisposable
    {
        private const int Floats = 1 << 24;

        private readonly WorkerPool _pool;
        private readonly Tensor _arrays;

        public Streaming(int threads)
        {
            _pool = new WorkerPool(threads);
            _arrays = new Tensor(Shape.Vector(2 * threads, Floats));
            // Written once, so that the system has given every page.
            _arrays.Span.Fill(1);
        }

        public double BytesPerMillisecond()
        {
            var work = new Work(_arrays);
            return 3.0 * sizeof(float) * Floats * _pool.Threads / Milliseconds(() => _pool.RunOnEach(ref work));
        }

        public void Dispose()
        {
            _pool.Dispose();
            _arrays.Dispose();
        }

        private readonly unsafe struct Work(Tensor arrays) : IParallelWork
        {
            public void Run(int chunk, int worker)
            {
                float* values = arrays.Floats + 2L * Floats * chunk;
                Shim.nativecnn_accumulate(values, Floats, values + Floats);
            }
        }
    }
}
