using System.CommandLine;
using System.Diagnostics;
using NativeCnn.Backends;
using NativeCnn.Backends.Native;
using NativeCnn.Backends.Operations;
using NativeCnn.Cli.Commands;
using NativeCnn.OneDnn;
using NativeCnn.Randomness;
using NativeCnn.Tensors;
using NativeCnn.Training;

namespace NativeCnn.Benchmarks;

/// <summary>
/// <c>dense</c>: the passes of the dense layers of LeNet and AlexNet by the native backend and by oneDNN, alternately.
/// Both results are compared before they are timed.
/// </summary>
internal sealed class DenseCommand : Command
{
    // Runs of each side between two changes of sides take about so many multiply-adds.
    private const long MultiplyAddsPerRound = 100_000_000;
    private const int WarmUps = 2;

    // Examples, inputs and units.
    private static readonly (int Batch, int Inputs, int Units)[] Layers =
    [
        (64, 800, 500),
        (64, 500, 10),
        (1, 800, 500),
        (1, 500, 10),
        (32, 9216, 4096),
        (32, 4096, 4096),
        (32, 4096, 1000),
        (1, 9216, 4096),
        (1, 4096, 1000),
    ];

    private readonly NumberOption<int> _rounds = NumberOptions.Rounds(21);
    private readonly NumberOption<int> _threads = NumberOptions.Threads();

    public DenseCommand()
        : base("dense", "Times dense layers by the native backend and by oneDNN, alternately.")
    {
        Add(_rounds);
        Add(_threads);
        SetAction(Run);
    }

    private int Run(ParseResult arguments)
    {
        int threads = arguments.GetValue(_threads);
        using var native = new NativeBackend(threads);
        using var oneDnn = new OneDnnBackend(threads);
        foreach ((int batch, int inputs, int units) in Layers)
        {
            Shape input = Shape.Vector(batch, inputs);
            Shape weights = Shape.Vector(units, inputs);
            Console.WriteLine($"{batch} examples, {inputs} → {units}: ms of native and onednn, and onednn ÷ native");
            Operation[] passes =
            [
                new DenseForward(input, weights, Activation.Relu, hasBias: true),
                new DenseBackwardData(input, weights),
                new DenseBackwardWeights(input, weights),
            ];
            int runs = (int)Math.Max(1, MultiplyAddsPerRound / passes[0].MultiplyAdds);
            foreach (Operation pass in passes)
                Compare(native.Prepare(pass), oneDnn.Prepare(pass), runs, arguments.GetValue(_rounds));
        }
        return 0;
    }

    private static void Compare(Kernel native, Kernel oneDnn, int runs, int rounds)
    {
        Operation pass = native.Operation;
        Tensor[] operands = [.. pass.Operands.Select((operand, place) => Filled(operand.Shape, (ulong)place))];
        float[] expected = Result(native, operands);
        float[] found = Result(oneDnn, operands);
        float tolerance = 1e-4f * expected.Max(Math.Abs);
        for (int i = 0; i < expected.Length; i++)
        {
            if (!(Math.Abs(found[i] - expected[i]) <= tolerance))
                throw new InvalidOperationException($"Value {i} of {pass} is {found[i]} by oneDNN, not {expected[i]}.");
        }
        long[] nativeTicks = new long[rounds];
        long[] oneDnnTicks = new long[rounds];
        for (int round = -WarmUps; round < rounds; round++)
        {
            long first = Time(native, operands, runs);
            long second = Time(oneDnn, operands, runs);
            if (round >= 0)
                (nativeTicks[round], oneDnnTicks[round]) = (first, second);
        }
        Array.ForEach(operands, tensor => tensor.Dispose());
        double one = RunTimes.Of(nativeTicks).Median / runs;
        double other = RunTimes.Of(oneDnnTicks).Median / runs;
        Console.WriteLine($"  {pass.Pass, -16}{one, 9:0.000}{other, 9:0.000}{other / one, 7:0.00}  {oneDnn.Algorithm}");
    }

    private static Tensor Filled(Shape shape, ulong stream)
    {
        var tensor = new Tensor(shape);
        var random = new RandomStream(1, stream);
        foreach (ref float value in tensor.Span)
            value = 2 * random.NextSingle() - 1;
        return tensor;
    }

    // The last operand, which is added to where it is a gradient of weights.
    private static float[] Result(Kernel kernel, Tensor[] operands)
    {
        operands[^1].Clear();
        kernel.Run(operands);
        return operands[^1].Span.ToArray();
    }

    private static long Time(Kernel kernel, Tensor[] operands, int runs)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < runs; i++)
            kernel.Run(operands);
        return Stopwatch.GetTimestamp() - start;
    }
}
