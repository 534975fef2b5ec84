using System.Diagnostics;
using NativeCnn.Backends.Operations;
using NativeCnn.Randomness;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Native.Convolutions;

/// <summary>Measures what can compute a pass of a convolution, on random data of the real size.</summary>
internal static class ConvolutionTuner
{
    private const int MinRounds = 3;
    private const int MaxRounds = 50;
    private const double SecondsPerPass = 0.15;

    // What takes so many times as long as the fastest runs no more often than it must.
    private const double Hopeless = 3;

    // What a broken kernel computes is off by far more; one unlucky sum among millions is not to stop a training.
    private const double Slack = 4;

    /// <summary>The name of the fastest.</summary>
    /// <exception cref="InvalidOperationException">
    /// Two of them disagree about the result; the message names them and the convolution.
    /// </exception>
    public static string Fastest(
        ConvolutionOperation operation,
        IReadOnlyList<ConvolutionContender> contenders,
        int threads
    )
    {
        double[] seconds = Seconds(operation, contenders, threads, SecondsPerPass, MaxRounds);
        return contenders[Array.IndexOf(seconds, seconds.Min())].Name;
    }

    /// <summary>The shortest time of each, in seconds.</summary>
    /// <param name="operation">The pass.</param>
    /// <param name="contenders">What can compute it.</param>
    /// <param name="threads">How many threads their backend has.</param>
    /// <param name="limit">After so many seconds no new round begins.</param>
    /// <param name="maxRounds">How often each runs at most.</param>
    /// <exception cref="InvalidOperationException">
    /// Two of them disagree about the result; the message names them and the convolution.
    /// </exception>
    public static double[] Seconds(
        ConvolutionOperation operation,
        IReadOnlyList<ConvolutionContender> contenders,
        int threads,
        double limit,
        int maxRounds
    )
    {
        // Scratch memory of its own: the losers' is given back.
        using var workspace = new Workspace(threads);
        Kernel[] kernels = NativeBackend.Make(workspace, contenders.Select(contender => contender.Create));
        foreach (Kernel kernel in kernels)
            kernel.Reserve();
        using var data = new Data(operation);
        Check(contenders, kernels, data);
        return Race(kernels, data, limit, maxRounds);
    }

    private static void Check(IReadOnlyList<ConvolutionContender> contenders, Kernel[] kernels, Data data)
    {
        float[] expected = data.Compute(kernels[0]);
        for (int k = 1; k < kernels.Length; k++)
        {
            double roundings = kernels[0].RoundingsPerProduct + kernels[k].RoundingsPerProduct;
            Tolerance tolerance = Tolerance.OfSum(kernels[k].Operation.SumLength, Slack * roundings);
            float[] found = data.Compute(kernels[k]);
            for (int i = 0; i < expected.Length; i++)
            {
                if (!tolerance.Allows(expected[i], found[i]))
                {
                    throw new InvalidOperationException(
                        $"The algorithms '{contenders[0].Name}' and '{contenders[k].Name}' disagree about "
                            + $"{kernels[k].Operation}: {expected[i]} and {found[i]} at {i}. Please report it."
                    );
                }
            }
        }
    }

    // They alternate, so that whatever else runs slows all of them; the fastest run counts.
    private static double[] Race(Kernel[] kernels, Data data, double limit, int maxRounds)
    {
        double[] best = new double[kernels.Length];
        Array.Fill(best, double.PositiveInfinity);
        long start = Stopwatch.GetTimestamp();
        for (int round = 0; round < maxRounds; round++)
        {
            if (round >= MinRounds && Stopwatch.GetElapsedTime(start).TotalSeconds > limit)
                break;
            double most = round < MinRounds ? double.PositiveInfinity : Hopeless * best.Min();
            for (int k = 0; k < kernels.Length; k++)
            {
                if (best[k] > most)
                    continue;
                long before = Stopwatch.GetTimestamp();
                kernels[k].Compute(data.Operands, []);
                best[k] = Math.Min(best[k], Stopwatch.GetElapsedTime(before).TotalSeconds);
            }
        }
        return best;
    }

    // The operands, with noise between −1 and 1 where the operation reads.
    private sealed class Data : IDisposable
    {
        private readonly Tensor?[] _operands;

        public Data(ConvolutionOperation operation)
        {
            _operands =
            [
                .. operation.Operands.Select(
                    (operand, k) => operand.IsWanted ? Noise(operand.Shape, (ulong)k + 1) : null
                ),
            ];
            int written = operation.Operands.TakeWhile(operand => operand.Role == OperandRole.Read).Count();
            Result = _operands[written]!;
        }

        /// <summary>As the operation declares them.</summary>
        public ReadOnlySpan<Tensor?> Operands => _operands;

        // What the operation writes.
        private Tensor Result { get; }

        /// <summary>What a kernel computes from zeros.</summary>
        public float[] Compute(Kernel kernel)
        {
            Result.Clear();
            kernel.Compute(_operands, []);
            return Result.Span.ToArray();
        }

        public void Dispose()
        {
            foreach (Tensor? operand in _operands)
                operand?.Dispose();
        }

        private static Tensor Noise(Shape shape, ulong seed)
        {
            Tensor tensor = new(shape);
            RandomStream random = new(seed, 0);
            foreach (ref float value in tensor.Span)
                value = 2 * random.NextSingle() - 1;
            return tensor;
        }
    }
}
