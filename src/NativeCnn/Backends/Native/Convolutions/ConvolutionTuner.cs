using System.Diagnostics;
using NativeCnn.Backends.Operations;
using NativeCnn.Randomness;
using NativeCnn.Tensors;
using NativeCnn.Threading;

namespace NativeCnn.Backends.Native.Convolutions;

/// <summary>
/// Measures the algorithms that can compute a pass of a convolution, on random data of the real size.
/// </summary>
internal sealed unsafe class ConvolutionTuner(WorkerPool pool)
{
    private const int MinRounds = 3;
    private const int MaxRounds = 50;
    private const double SecondsPerPass = 0.15;

    // What a broken kernel computes is off by far more; one unlucky sum among millions is not to stop a training.
    private const double Slack = 4;

    /// <summary>The name of the fastest algorithm.</summary>
    /// <exception cref="InvalidOperationException">
    /// Two algorithms disagree about the result; the message names them and the convolution.
    /// </exception>
    public string Fastest(ConvolutionOperation operation, ConvolutionPass pass, bool exact)
    {
        // Scratch memory of its own: the losers' is given back.
        using var workspace = new Workspace(pool.Threads);
        var scratch = new Scratch(workspace, pool.Threads);
        Contender[] contenders =
        [
            .. ConvolutionPlanner
                .Candidates(operation.Geometry, pass, exact)
                .Select(candidate => new Contender(candidate.Algorithm, candidate.Create(pool, scratch))),
        ];
        scratch.Reserve();
        using var data = new Data(operation.Geometry, pass);
        Check(operation, contenders, data);
        return Race(contenders, data).Name;
    }

    private static void Check(ConvolutionOperation operation, Contender[] contenders, Data data)
    {
        Contender first = contenders[0];
        float[] expected = Result(first, data);
        foreach (Contender other in contenders[1..])
        {
            double roundings = first.Algorithm.RoundingsPerProduct + other.Algorithm.RoundingsPerProduct;
            Tolerance tolerance = Tolerance.OfSum(operation.SumLength, Slack * roundings);
            float[] found = Result(other, data);
            for (int i = 0; i < expected.Length; i++)
            {
                if (!tolerance.Allows(expected[i], found[i]))
                {
                    throw new InvalidOperationException(
                        $"The algorithms '{first.Name}' and '{other.Name}' disagree about {operation}: "
                            + $"{expected[i]} and {found[i]} at {i}. Please report it."
                    );
                }
            }
        }
    }

    private static float[] Result(Contender contender, Data data)
    {
        data.Result.Clear();
        contender.Algorithm.Run(data.Operands);
        return data.Result.Span.ToArray();
    }

    // They alternate, so that whatever else runs slows all of them; the fastest run counts.
    private static Contender Race(Contender[] contenders, Data data)
    {
        long[] best = new long[contenders.Length];
        Array.Fill(best, long.MaxValue);
        long start = Stopwatch.GetTimestamp();
        for (int round = 0; round < MaxRounds; round++)
        {
            if (round >= MinRounds && Stopwatch.GetElapsedTime(start).TotalSeconds > SecondsPerPass)
                break;
            for (int k = 0; k < contenders.Length; k++)
            {
                long before = Stopwatch.GetTimestamp();
                contenders[k].Algorithm.Run(data.Operands);
                best[k] = Math.Min(best[k], Stopwatch.GetTimestamp() - before);
            }
        }
        return contenders[Array.IndexOf(best, best.Min())];
    }

    private sealed record Contender(string Name, ConvolutionAlgorithm Algorithm);

    // The operands of one pass, with noise between −1 and 1 where the pass reads.
    private sealed class Data : IDisposable
    {
        private readonly Tensor _input;
        private readonly Tensor _filters;
        private readonly Tensor _output;

        public Data(in ConvolutionGeometry geometry, ConvolutionPass pass)
        {
            _input = Noise(geometry.Input, 1);
            _filters = Noise(geometry.FilterShape, 2);
            _output = Noise(geometry.Output, 3);
            Result = pass switch
            {
                ConvolutionPass.Forward => _output,
                ConvolutionPass.BackwardData => _input,
                _ => _filters,
            };
        }

        /// <summary>What the pass writes.</summary>
        public Tensor Result { get; }

        public ConvolutionOperands Operands =>
            new()
            {
                Input = _input.Floats,
                Filters = _filters.Floats,
                Output = _output.Floats,
                Activation = Activation.Identity,
            };

        public void Dispose()
        {
            _input.Dispose();
            _filters.Dispose();
            _output.Dispose();
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
