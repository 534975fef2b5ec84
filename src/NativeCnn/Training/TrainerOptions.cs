using NativeCnn.Backends.Operations;
using NativeCnn.Losses;
using NativeCnn.Optimizers;
using NativeCnn.Schedules;

namespace NativeCnn.Training;

/// <summary>How a <see cref="Trainer"/> trains. Impossible values are refused where they are set.</summary>
/// <remarks>
/// Several trainers may share it, and its optimiser and loss: what an optimiser keeps for each value belongs to the
/// trainer. Nothing here is ever disposed by one.
/// </remarks>
public sealed class TrainerOptions
{
    /// <summary>How often every example is seen, 1 or more; 10 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    public int Epochs
    {
        get;
        init => field = NumberRange.Count(value);
    } = 10;

    /// <summary>
    /// Examples per step, 1 or more; 64 by default. The last batch of an epoch may have fewer: see <see
    /// cref="Data.Batch"/>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    public int BatchSize
    {
        get;
        init => field = NumberRange.Count(value);
    } = 64;

    /// <summary>
    /// Decides the order of the examples; 1 by default. Initial values come from the network's own seed.
    /// </summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>
    /// How many threads read examples ahead, 1 to <see cref="Data.BatchLoader.MaximumThreads"/>; 1 by default. Results do
    /// not depend on it.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is outside that.</exception>
    public int LoaderThreads
    {
        get;
        init =>
            field = value is >= 1 and <= Data.BatchLoader.MaximumThreads
                ? value
                : throw new ArgumentOutOfRangeException(nameof(LoaderThreads), value, "It is 1 to 256.");
    } = 1;

    /// <summary>What changes the parameters: SGD with rate 0.01 and momentum 0.9 by default.</summary>
    public Optimizer Optimizer
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(Optimizer));
    } = new Sgd { LearningRate = 0.01f, Momentum = 0.9f };

    /// <summary>What is minimised: softmax cross-entropy by default.</summary>
    public Loss Loss
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(Loss));
    } = new Losses.SoftmaxCrossEntropy();

    /// <summary>
    /// What the optimiser's learning rate is multiplied by at each step of a run; nothing by default. The optimiser
    /// itself stays as it is.
    /// </summary>
    public Schedule Schedule
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(Schedule));
    } = Schedule.Constant;

    /// <summary>How gradients are kept small; null, the default, for not at all.</summary>
    public GradientClipping? Clipping { get; init; }

    /// <summary>
    /// After how many batches a step is taken, by the mean over all of them, 1 or more; 1 by default. At the end of an
    /// epoch a step is taken by those that are left.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    public int AccumulatedBatches
    {
        get;
        init => field = NumberRange.Count(value);
    } = 1;

    /// <summary>
    /// After how many epochs without a smaller test loss (training loss where there is no test set) a run ends, 1 or
    /// more; null, the default, for after its last epoch alone. <see cref="CheckpointKeeper"/> keeps the best epoch.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    public int? Patience
    {
        get;
        init => field = value is { } patience ? NumberRange.Count(patience) : null;
    }

    /// <summary>What is added to the loss, such as a <see cref="Losses.WeightPenalty"/>; nothing by default.</summary>
    /// <exception cref="ArgumentNullException">It is null, or one of them is.</exception>
    public IReadOnlyList<Penalty> Penalties
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value, nameof(Penalties));
            if (value.Contains(null!))
                throw new ArgumentNullException(nameof(Penalties), "A penalty is null.");
            field = [.. value];
        }
    } = [];
}

/// <summary>What a run did.</summary>
/// <param name="History">One record per epoch that was trained and, where there is a test set, tested.</param>
/// <param name="TrainSeconds">The time spent on training steps and batches, without tests.</param>
/// <param name="ImagesPerSecond">Training examples per second of that time.</param>
/// <param name="Interrupted">Whether cancellation ended the run early.</param>
public sealed record TrainingResult(
    IReadOnlyList<EpochRecord> History,
    double TrainSeconds,
    double ImagesPerSecond,
    bool Interrupted
)
{
    /// <summary>Where the time went; of a run that was resumed, since then.</summary>
    public TrainingTimes Times { get; init; }

    /// <summary>Whether the run ended before its last epoch as its loss became no smaller.</summary>
    public bool StoppedEarly { get; init; }
}
