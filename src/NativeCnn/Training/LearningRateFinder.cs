using NativeCnn.Backends;
using NativeCnn.Backends.Operations;
using NativeCnn.Data;
using NativeCnn.Losses;
using NativeCnn.Networks;
using NativeCnn.Parameters;
using NativeCnn.Tensors;

namespace NativeCnn.Training;

/// <summary>A step of a search for a learning rate.</summary>
/// <param name="Rate">The rate that the step was taken with.</param>
/// <param name="Loss">The mean loss of its batch, before the step.</param>
/// <param name="SmoothedLoss">An average over this step and those before it.</param>
public readonly record struct LearningRateTrial(double Rate, double Loss, double SmoothedLoss);

/// <summary>What a search for a learning rate found.</summary>
/// <param name="Trials">The steps, with rates that rise by the same factor each.</param>
/// <param name="Suggested">
/// The rate at which the smoothed loss fell the fastest over the logarithm of the rate; null where it never fell.
/// </param>
public sealed record LearningRateCurve(IReadOnlyList<LearningRateTrial> Trials, double? Suggested);

/// <summary>
/// Finds a learning rate to begin with: steps are taken with rates that rise from very small to very large, until the
/// loss explodes.
/// </summary>
/// <remarks>
/// <para>The loss is smoothed by s ← 0.9 s + 0.1 loss, divided by 1 − 0.9ᵗ, and the search ends where that is above four
/// times the smallest so far, or not finite.</para>
/// <para>Source: L. Smith, "Cyclical learning rates for training neural networks", 2017, section 3.3.</para>
/// </remarks>
public static class LearningRateFinder
{
    private const double Kept = 0.9;
    private const double Exploded = 4;

    // The average begins with single batches, of which one may fall by chance.
    private const int FewestTrials = 5;

    /// <summary>Searches. The network's parameters are afterwards as they were.</summary>
    /// <param name="network">What would be trained.</param>
    /// <param name="backend">What computes, in float32.</param>
    /// <param name="train">The examples to learn from.</param>
    /// <param name="options">How; its schedule and epochs are not looked at, and its optimiser's rate is above 0.</param>
    /// <param name="lowest">The first rate, above 0; 10⁻⁶ by default.</param>
    /// <param name="highest">The last rate, above the first; 10 by default.</param>
    /// <param name="steps">How many rates, 2 or more; 100 by default.</param>
    /// <param name="cancellation">Ends the search after the step under way, with what was found.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is outside its range.</exception>
    /// <exception cref="ArgumentException">The optimiser's own rate is 0, of which no factor is another rate.</exception>
    /// <exception cref="ShapeException">The examples do not fit the network.</exception>
    /// <exception cref="InvalidDataException">A value of an example or a weight is not finite.</exception>
    public static LearningRateCurve Find(
        Network network,
        Backend backend,
        IDataset train,
        TrainerOptions? options = null,
        double lowest = 1e-6,
        double highest = 10,
        int steps = 100,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(backend);
        NumberRange.AboveZeroAsSingle(lowest, nameof(lowest));
        NumberRange.AboveZeroAsSingle(highest, nameof(highest));
        if (!(highest > lowest))
            throw new ArgumentOutOfRangeException(
                nameof(highest),
                $"The last rate is above the first, {lowest}; got {highest}."
            );
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 2);
        options ??= new TrainerOptions();
        if (options.Optimizer.LearningRate == 0)
            throw new ArgumentException("The optimiser's learning rate is 0: give it one above.", nameof(options));
        if (backend.ElementType != ElementType.Float32)
            throw new ArgumentException($"Training runs in Float32; this backend computes in {backend.ElementType}.");
        Evaluator.CheckFits(network, train);
        network.CheckFinite();
        Tensor[] before = [.. network.Parameters.Select(Copy)];
        try
        {
            return Search(network, backend, train, options, Rates(lowest, highest, steps), cancellation);
        }
        finally
        {
            for (int i = 0; i < before.Length; i++)
            {
                before[i].CopyTo(network.Parameters[i].Value);
                before[i].Dispose();
            }
        }
    }

    private static LearningRateCurve Search(
        Network network,
        Backend backend,
        IDataset train,
        TrainerOptions options,
        IEnumerable<double> rates,
        CancellationToken cancellation
    )
    {
        using var step = new TrainingStep(
            network,
            backend,
            options.BatchSize,
            options.Loss,
            options.Optimizer,
            options.Penalties,
            clipping: options.Clipping
        );
        using var loader = new BatchLoader(train, options.BatchSize, options.Seed);
        List<LearningRateTrial> trials = [];
        try
        {
            Try(step, loader, options.Optimizer.LearningRate, rates, trials, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested) { }
        return new LearningRateCurve(trials, Steepest(trials));
    }

    private static void Try(
        TrainingStep step,
        BatchLoader loader,
        double own,
        IEnumerable<double> rates,
        List<LearningRateTrial> trials,
        CancellationToken cancellation
    )
    {
        double sum = 0;
        double best = double.PositiveInfinity;
        int epoch = 1;
        loader.StartEpoch(epoch, cancellation);
        foreach (double rate in rates)
        {
            cancellation.ThrowIfCancellationRequested();
            if (loader.Next(cancellation) is not { } batch)
            {
                loader.StartEpoch(++epoch, cancellation);
                batch = loader.Next(cancellation)!;
            }
            step.Compiled.LearningRateFactor = rate / own;
            StepResult result = step.Run(batch.Images, Targets.Classes(batch.Labels.AsSpan(0, batch.Count)));
            double loss = result.Loss / result.Weight;
            sum = Kept * sum + (1 - Kept) * loss;
            double smoothed = sum / (1 - Math.Pow(Kept, trials.Count + 1));
            if (!double.IsFinite(smoothed) || !double.IsFinite(result.Penalty))
                return;
            trials.Add(new LearningRateTrial(rate, loss, smoothed));
            best = Math.Min(best, smoothed);
            if (smoothed > Exploded * best)
                return;
        }
    }

    // Over the two neighbours of a rate; rates rise by the same factor, so that losses alone are compared.
    private static double? Steepest(List<LearningRateTrial> trials)
    {
        double? rate = null;
        double steepest = 0;
        for (int i = FewestTrials; i < trials.Count - 1; i++)
        {
            double fall = trials[i - 1].SmoothedLoss - trials[i + 1].SmoothedLoss;
            if (fall > steepest)
                (steepest, rate) = (fall, trials[i].Rate);
        }
        return rate;
    }

    private static IEnumerable<double> Rates(double lowest, double highest, int steps) =>
        Enumerable.Range(0, steps).Select(i => lowest * Math.Pow(highest / lowest, i / (steps - 1.0)));

    private static Tensor Copy(Parameter parameter)
    {
        var copy = new Tensor(parameter.Shape);
        parameter.Value.CopyTo(copy);
        return copy;
    }
}
