using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using NativeCnn.Backends.Native;
using NativeCnn.Backends.Operations;
using NativeCnn.Cli.Commands;
using NativeCnn.OneDnn;
using NativeCnn.Tensors;

namespace NativeCnn.Benchmarks;

/// <summary>
/// <c>onednn</c>: operations other than convolutions by the native kernels and by oneDNN's through its backend,
/// alternately. Both results are proved first.
/// </summary>
internal sealed class OneDnnCommand : Command
{
    private static readonly Shape[] Maps = [new(64, 24, 24, 20), new(32, 27, 27, 192), new(8, 56, 56, 256)];
    private static readonly Shape[] Vectors = [new(64, 1, 1, 10), new(32, 1, 1, 1000), new(4096, 1, 1, 512)];

    // Parts of the channels that are joined.
    private static readonly int[] BranchesOf = [2, 4, 4];

    private readonly NumberOption<int> _threads = NumberOptions.Threads(1);
    private readonly NumberOption<int> _rounds = NumberOptions.Rounds(31);
    private readonly Option<string> _only = new("--only") { Description = "Only operations with this in their name." };

    public OneDnnCommand()
        : base("onednn", "Times operations by the native kernels and by oneDNN's, alternately.")
    {
        Add(_threads);
        Add(_rounds);
        Add(_only);
        SetAction(Run);
    }

    private int Run(ParseResult arguments)
    {
        string only = arguments.GetValue(_only) ?? "";
        int threads = arguments.GetValue(_threads);
        BenchmarkedOperation[] rows =
        [
            .. Rows().Where(row => row.ToString().Contains(only, StringComparison.OrdinalIgnoreCase)),
        ];
        if (rows.Length == 0)
            throw new ArgumentException($"--only {only}: nothing has this in its name.");
        foreach (BenchmarkedOperation row in rows)
        {
            using ProvenOperation native = new(row, new NativeBackend(threads));
            using ProvenOperation other = new(row, new OneDnnBackend(threads));
            if (other.Kernel.Algorithm.StartsWith("onednn ", StringComparison.Ordinal))
                Console.WriteLine(Measure(row, native, other, arguments.GetValue(_rounds)));
            else
                Console.WriteLine($"{row, -60} not by oneDNN");
        }
        return 0;
    }

    private static string Measure(BenchmarkedOperation row, ProvenOperation native, ProvenOperation other, int rounds)
    {
        var ours = new double[rounds];
        var theirs = new double[rounds];
        // So often that a round takes some milliseconds.
        int runs = (int)Math.Clamp(3 / Milliseconds(native, 3), 1, 1000);
        for (int round = 0; round < rounds; round++)
        {
            ours[round] = Milliseconds(native, runs);
            theirs[round] = Milliseconds(other, runs);
        }
        (double our, double their) = (Median(ours), Median(theirs));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{row, -60} native {our, 8:f4} ms, onednn {their, 8:f4} ms, ratio {their / our:f2}, {other.Kernel.Algorithm}"
        );
    }

    private static IEnumerable<BenchmarkedOperation> Rows()
    {
        foreach (Shape maps in Maps)
        {
            foreach (int window in (int[])[2, 3])
            {
                PoolingGeometry g = new(maps, window, 2);
                string name = $"{maps}, {window}×{window}/2";
                yield return new(name, new AveragePoolingForward(g));
                yield return new(name, new AveragePoolingBackward(g));
                MaxPoolingForward max = new(g, wantsArgmax: true);
                yield return new(name, new MaxPoolingBackward(g)) { After = max };
            }
            string shape = $"{maps}";
            yield return new(shape, new LocalResponseNormForward(new(5, 5e-4f, 0.75f, 2), maps, wantsScale: false));
            yield return new(shape, new BatchNormInference(1e-5f, maps))
            {
                Filled = { ["runningVariance"] = Fillings.NotNegative },
            };
            foreach (Activation f in (Activation[])[Activation.LeakyRelu(), Activation.Absolute])
                yield return new($"{shape}, {f.Kind}", new ActivationForward(f, maps));
            foreach (Activation f in (Activation[])[Activation.Tanh, Activation.Logistic(), Activation.Gain(2)])
            {
                yield return new($"{shape}, {f.Kind}", new ActivationForward(f, maps));
                yield return new($"{shape}, {f.Kind}", new ActivationBackward(f, maps));
            }
            yield return new(shape, new Backends.Operations.Addition(maps));
            Shape[] branches = Array.ConvertAll(
                BranchesOf,
                part => new Shape(maps.BatchSize, maps.Height, maps.Width, maps.Channels / part)
            );
            yield return new(shape, new ConcatenationForward(branches));
            yield return new(shape, new ConcatenationBackward(branches, [true, true, true]));
        }
        foreach (Shape vectors in Vectors)
            yield return new($"{vectors}", new SoftmaxBackward(vectors)) { After = new SoftmaxForward(vectors) };
    }

    private static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);

    private static double Milliseconds(ProvenOperation operation, int runs)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < runs; i++)
            operation.Run();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds / runs;
    }
}
