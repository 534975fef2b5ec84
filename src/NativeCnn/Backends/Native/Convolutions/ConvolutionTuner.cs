using System.Diagnostics;
using NativeCnn.Randomness;
using NativeCnn.Tensors;
using NativeCnn.Threading;

namespace NativeCnn.Backends.Native.Convolutions;

/// <summary>Measures the algorithms that can compute a pass of a convolution, on random data of the real size.</summary>
internal sealed unsafe class ConvolutionTuner(WorkerPool pool)
{
    private const int MinRounds = 3;
    private const int MaxRounds = 50;
    private const double SecondsPerPass = 0.15;

    // Of the largest result. Winograd's own bound, of the sum of absolute products, is some twenty times smaller.
    private const double Tolerance = 2e-3;

    /// <summary>The name of the fastest algorithm.</summary>
    /// <exception cref="InvalidOperationException">Two algorithms disagree about the result; the message names them and the convolution.</exception>
    public string Fastest(in ConvolutionGeometry geometry, ConvolutionPass pass, bool exact)
    {
        // Scratch memory of its own: the losers' is given back.
        using var workspace = new Workspace(pool.Threads);
        IReadOnlyList<ConvolutionCandidate> candidates = new ConvolutionPlanner(pool, workspace).Candidates(
            geometry,
            pass,
            exact
        );
        if (candidates is [var only])
            return only.Name;
        using var data = new Data(geometry, pass);
        IConvolutionAlgorithm[] algorithms = [.. candidates.Select(candidate => candidate.Create())];
        Check(geometry, pass, candidates, algorithms, data);
        return candidates[Race(algorithms, data)].Name;
    }

    private static void Check(
        in ConvolutionGeometry geometry,
        ConvolutionPass pass,
        IReadOnlyList<ConvolutionCandidate> candidates,
        IConvolutionAlgorithm[] algorithms,
        Data data
    )
    {
        data.Result.Clear();
        algorithms[0].Run(data.Operands);
        float[] expected = data.Result.Span.ToArray();
        double tolerance = Tolerance * expected.Max(Math.Abs);
        for (int k = 1; k < algorithms.Length; k++)
        {
            data.Result.Clear();
            algorithms[k].Run(data.Operands);
            ReadOnlySpan<float> found = data.Result.Span;
            for (int i = 0; i < expected.Length; i++)
            {
                // Written so that NaN fails.
                if (!(Math.Abs(found[i] - expected[i]) <= tolerance))
                {
                    throw new InvalidOperationException(
                        $"The algorithms '{candidates[0].Name}' and '{candidates[k].Name}' disagree about {pass} of {geometry}: {expected[i]} and {found[i]} at {i}. Please report it."
                    );
                }
            }
        }
    }

    // They alternate, so that whatever else runs slows all of them; the fastest run counts.
    private static int Race(IConvolutionAlgorithm[] algorithms, Data data)
    {
        long[] best = new long[algorithms.Length];
        Array.Fill(best, long.MaxValue);
        long start = Stopwatch.GetTimestamp();
        for (int round = 0; round < MaxRounds; round++)
        {
            if (round >= MinRounds && Stopwatch.GetElapsedTime(start).TotalSeconds > SecondsPerPass)
                break;
            for (int k = 0; k < algorithms.Length; k++)
            {
                long before = Stopwatch.GetTimestamp();
                algorithms[k].Run(data.Operands);
                best[k] = Math.Min(best[k], Stopwatch.GetTimestamp() - before);
            }
        }
        return Array.IndexOf(best, best.Min());
    }

    // The operands of one pass, with noise where the pass reads.
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
