using NativeCnn.Losses;
using NativeCnn.Optimizers;

namespace NativeCnn.Training;

/// <summary>How a <see cref="Trainer"/> trains.</summary>
public sealed class TrainerOptions
{
    /// <summary>How often every example is seen; 10 by default.</summary>
    public int Epochs { get; init; } = 10;

    /// <summary>Examples per step; 64 by default. The last batch of an epoch may have fewer.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>
    /// Decides the order of the examples; 1 by default. Initial values come from the network's own seed.
    /// </summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>What changes the parameters: SGD with rate 0.01 and momentum 0.9 by default.</summary>
    public Optimizer Optimizer { get; init; } = new Sgd { LearningRate = 0.01f, Momentum = 0.9f };

    /// <summary>What is minimised: softmax cross-entropy by default.</summary>
    public Loss Loss { get; init; } = new SoftmaxCrossEntropy();

    /// <summary>What is added to the loss, such as a <see cref="WeightPenalty"/>; nothing by default.</summary>
    public IReadOnlyList<Penalty> Penalties { get; init; } = [];
}

/// <summary>What a run did.</summary>
/// <param name="History">One record per finished epoch.</param>
/// <param name="TrainSeconds">The time spent on training steps and batches, without tests.</param>
/// <param name="ImagesPerSecond">Training examples per second of that time.</param>
/// <param name="Interrupted">Whether cancellation ended the run early.</param>
public sealed record TrainingResult(
    IReadOnlyList<EpochRecord> History,
    double TrainSeconds,
    double ImagesPerSecond,
    bool Interrupted
);
