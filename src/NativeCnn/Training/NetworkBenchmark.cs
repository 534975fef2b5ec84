using System.Diagnostics;
using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Native;
using NativeCnn.Layers;
using NativeCnn.Losses;
using NativeCnn.Networks;
using NativeCnn.Optimizers;
using NativeCnn.Randomness;
using NativeCnn.Tensors;
using NativeCnn.Threading;

namespace NativeCnn.Training;

/// <summary>The times of something that ran several times.</summary>
/// <param name="Median">The median, in milliseconds.</param>
/// <param name="Fastest">The shortest, in milliseconds: the least disturbed by whatever else ran.</param>
/// <param name="Percentile99">
/// The time that 99 of 100 runs did not exceed, in milliseconds; of fewer runs the longest.
/// </param>
/// <param name="Runs">How often it ran.</param>
public sealed record RunTimes(double Median, double Fastest, double Percentile99, int Runs)
{
    /// <summary>The figures of some runs.</summary>
    /// <param name="ticks">Their times in ticks of <see cref="Stopwatch"/>; they are sorted.</param>
    internal static RunTimes Of(Span<long> ticks)
    {
        ticks.Sort();
        return new RunTimes(
            Milliseconds(MedianOfSorted(ticks)),
            Milliseconds(ticks[0]),
            Milliseconds(ticks[(int)Math.Ceiling(0.99 * ticks.Length) - 1]),
            ticks.Length
        );
    }

    /// <summary>The middle one of sorted times, or the mean of the two in the middle.</summary>
    internal static double MedianOfSorted(ReadOnlySpan<long> sorted) =>
        (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2.0;

    /// <summary>Ticks of <see cref="Stopwatch"/> as milliseconds.</summary>
    internal static double Milliseconds(double ticks) => ticks * 1000 / Stopwatch.Frequency;
}

/// <summary>What <see cref="NetworkBenchmark.Train"/> found.</summary>
/// <param name="Step">The times of one training step.</param>
/// <param name="FirstLoss">The mean loss per example of the first step, before any update.</param>
/// <param name="LastLoss">That of the last step.</param>
/// <param name="AllocatedBytesPerStep">
/// What a step takes from the managed heap, over all timed steps and computing threads; 0 is expected.
/// </param>
public sealed record TrainingBenchmark(RunTimes Step, double FirstLoss, double LastLoss, long AllocatedBytesPerStep);

/// <summary>
/// Times training steps and inference passes of a network on random examples and random labels, which take as long as
/// real ones.
/// </summary>
public sealed class NetworkBenchmark : IDisposable
{
    private const int WarmUps = 3;
    private const int MinRuns = 5;
    private const int MaxRuns = 10_000;

    // Small, so that random labels do not make the weights grow over thousands of steps.
    private const float LearningRate = 1e-3f;
    private const float Momentum = 0.9f;

    // Up to so many multiply-adds, the managed backend answers in about a second.
    private const long MaxManagedMultiplyAdds = 500_000_000;

    // Of the largest output: Winograd rounds some ten times more than a plain sum, once per layer.
    private const double OutputTolerance = 5e-3;

    private readonly Network _network;
    private readonly Backend _backend;
    private readonly Tensor _input;
    private readonly int[] _labels;

    /// <summary>Draws the examples.</summary>
    /// <param name="network">What is timed. Training changes its parameters.</param>
    /// <param name="backend">What computes, in float32.</param>
    /// <param name="batchSize">Examples per step.</param>
    /// <param name="seed">The seed of the examples and labels.</param>
    /// <exception cref="InsufficientMemoryException">
    /// Training needs more memory than there is; the message has the sum.
    /// </exception>
    public NetworkBenchmark(Network network, Backend backend, int batchSize, ulong seed = 1)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(backend);
        NetworkMemory.CheckAvailable(network, backend, batchSize, Phase.Training, CreateOptimizer());
        _network = network;
        _backend = backend;
        _input = new Tensor(network.InputShape.WithBatchSize(batchSize));
        var random = new RandomStream(seed, 0);
        foreach (ref float value in _input.Span)
            value = 2 * random.NextSingle() - 1;
        _labels = new int[batchSize];
        foreach (ref int label in _labels.AsSpan())
            label = random.NextInt(network.OutputShape.ElementsPerExample);
    }

    /// <summary>
    /// Compares the outputs for the examples with the managed backend's, or for large networks with those of im2col
    /// alone.
    /// </summary>
    /// <returns>What they were compared with.</returns>
    /// <exception cref="InvalidOperationException">They differ.</exception>
    public string CheckOutputs()
    {
        bool isManaged = _network.Summarize(1).MultiplyAdds <= MaxManagedMultiplyAdds / _labels.Length;
        string name = isManaged ? "managed" : "im2col";
        using Backend trusted = isManaged
            ? new ManagedBackend()
            : new NativeBackend(new NativeBackendOptions { Threads = _backend.Threads, Algorithm = name });
        float[] expected = Outputs(trusted);
        float[] actual = Outputs(_backend);
        Tolerance tolerance = new(OutputTolerance * expected.Max(Math.Abs), 0);
        for (int i = 0; i < expected.Length; i++)
        {
            if (!tolerance.Allows(expected[i], actual[i]))
                throw new InvalidOperationException(
                    $"Output {i} of '{_network.Name}' is {actual[i]} where {name} computes {expected[i]}: the times "
                        + "would mean nothing. Please report this with the output of nativecnn doctor."
                );
        }
        return name;
    }

    /// <summary>
    /// Times training steps: zero gradients, forward, softmax cross-entropy, backward, SGD with momentum 0.9.
    /// </summary>
    /// <param name="duration">How long to measure; at least five steps are.</param>
    /// <exception cref="TrainingDivergedException">The loss is not a positive finite number.</exception>
    public TrainingBenchmark Train(TimeSpan duration)
    {
        using TrainingStep step = CreateStep(_network, _backend, _labels.Length);
        double Step() => step.Run(_input, Targets.Classes(_labels)).Loss / _labels.Length;
        double first = CheckLoss(Step());
        double last = 0;
        (RunTimes times, long allocated) = Measure(() => last = Step(), duration);
        // Rounded up: one allocation in many steps is not none.
        return new TrainingBenchmark(times, first, CheckLoss(last), (allocated + times.Runs - 1) / times.Runs);
    }

    /// <summary>Times inference passes, with packed parameters kept: forward alone, up to the logits.</summary>
    /// <param name="duration">How long to measure; at least five passes are.</param>
    public RunTimes Infer(TimeSpan duration)
    {
        using CompiledNetwork compiled = _network.Compile(_backend, _labels.Length, Phase.Inference, keepsPacked: true);
        return Measure(() => compiled.Forward(_input), duration).Times;
    }

    /// <summary>Where the time of a training step goes, operation by operation.</summary>
    /// <param name="duration">How long to measure; at least five steps are.</param>
    public NetworkProfile Profile(TimeSpan duration) =>
        NetworkProfile.Measure(_network, _backend, _input, _labels, duration);

    /// <summary>Frees the examples; network and backend stay.</summary>
    public void Dispose() => _input.Dispose();

    /// <summary>The step that is timed: softmax cross-entropy, SGD with momentum.</summary>
    internal static TrainingStep CreateStep(Network network, Backend backend, int batchSize) =>
        new(network, backend, batchSize, new SoftmaxCrossEntropy(), CreateOptimizer());

    private static Sgd CreateOptimizer() => new() { LearningRate = LearningRate, Momentum = Momentum };

    private float[] Outputs(Backend backend)
    {
        using CompiledNetwork compiled = _network.Compile(backend, _labels.Length, Phase.Inference);
        compiled.Forward(_input);
        using TensorHold hold = compiled.Output.Hold();
        return compiled.Output.Span.ToArray();
    }

    private (RunTimes Times, long AllocatedBytes) Measure(Action run, TimeSpan duration)
    {
        for (int i = 0; i < WarmUps; i++)
            run();
        long[] ticks = new long[MaxRuns];
        int runs = 0;
        long allocated = AllocationMeter.Measure(RunAll, _backend.Pool);
        return (RunTimes.Of(ticks.AsSpan(0, runs)), allocated);

        void RunAll()
        {
            long start = Stopwatch.GetTimestamp();
            while (runs < MinRuns || (runs < MaxRuns && Stopwatch.GetElapsedTime(start) < duration))
            {
                long before = Stopwatch.GetTimestamp();
                run();
                ticks[runs++] = Stopwatch.GetTimestamp() - before;
            }
        }
    }

    private double CheckLoss(double loss) =>
        double.IsFinite(loss) && loss > 0
            ? loss
            : throw new TrainingDivergedException(
                $"The loss of '{_network.Name}' on random examples is {loss}: its times would mean nothing."
            );
}
