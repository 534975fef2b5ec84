using System.Globalization;
using NativeCnn.Backends;
using NativeCnn.Data;
using NativeCnn.Losses;
using NativeCnn.Networks;
using NativeCnn.Tensors;
using NativeCnn.Threading;

namespace NativeCnn.Training;

/// <summary>
/// Trains a network by mini-batches: shuffled batches are read ahead, each step is forward, loss, backward and the
/// optimiser's update. A step allocates nothing after the first.
/// </summary>
/// <remarks>
/// The same seeds, network and data give the same bits on any number of threads. What the optimiser keeps for each value
/// belongs to the trainer, so that several may share options.
/// </remarks>
public sealed partial class Trainer : IDisposable
{
    private readonly Network _network;
    private readonly TrainerOptions _options;
    private readonly Backend _backend;
    private readonly ExclusiveUse _use = new(() => "trainer");
    private readonly List<EpochRecord> _history = [];
    private TrainingStep _step;
    private Tensor[] _lastGood = [];
    private long _steps;
    private bool _hasDiverged;

    /// <summary>Compiles the network for training.</summary>
    /// <param name="network">What is trained; its parameters change.</param>
    /// <param name="backend">What computes, in float32.</param>
    /// <param name="options">Epochs, batch size, optimiser, loss; null for the defaults.</param>
    /// <exception cref="ArgumentException">
    /// The backend does not compute in float32, the network has several outputs, or it ends in softmax where the loss
    /// takes the softmax itself.
    /// </exception>
    /// <exception cref="NotSupportedException">
    /// The optimiser needs second derivatives, and a layer or the loss has none; the message names it.
    /// </exception>
    public Trainer(Network network, Backend backend, TrainerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(backend);
        if (backend.ElementType != ElementType.Float32)
            throw new ArgumentException($"Training runs in Float32; this backend computes in {backend.ElementType}.");
        _options = options ?? new TrainerOptions();
        _network = network;
        _backend = backend;
        _step = CreateStep();
    }

    /// <summary>
    /// The network as it runs, for looking at gradients and activations after a step; another one after a divergence.
    /// </summary>
    public CompiledNetwork Compiled => _step.Compiled;

    /// <summary>
    /// One step: forward, loss, backward, update. It is no part of a run: the optimiser's own rate is used, whatever the
    /// schedule, and an update waits for as many batches as the options accumulate.
    /// </summary>
    /// <param name="batch">
    /// A batch of the options' size; only its first <see cref="Batch.Count"/> examples count.
    /// </param>
    /// <exception cref="TrainingDivergedException">
    /// The loss or a penalty is not finite; of the parameters, this step changed at most state.
    /// </exception>
    /// <exception cref="ShapeException">The batch does not fit the network.</exception>
    /// <exception cref="InvalidOperationException">The trainer is in use by another call.</exception>
    public StepResult Step(Batch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        using ExclusiveUse.Scope use = _use.Hold();
        StartAfreshIfDiverged();
        return TakeStep(batch, "the data set");
    }

    /// <summary>Trains for the options' number of epochs, testing after each where there is a test set.</summary>
    /// <remarks>
    /// An epoch is good when its training loss, its test loss and all parameters after it are finite; only then does it
    /// enter the history and is the observer told of it. Where an epoch is not, the run ends, and the network has the
    /// weights of the last good one again, or those that it began with.
    /// </remarks>
    /// <param name="train">The examples to learn from.</param>
    /// <param name="test">Examples that are only looked at, or null.</param>
    /// <param name="observer">Follows the run, or null.</param>
    /// <param name="cancellation">
    /// Ends the run after the batch under way, also where a data set never returns; the network keeps what it has
    /// learned.
    /// </param>
    /// <exception cref="ShapeException">The examples do not fit the network.</exception>
    /// <exception cref="ArgumentException">A data set has no examples.</exception>
    /// <exception cref="InvalidDataException">
    /// A value of an example is not finite, or a label is no class; the network keeps what it has learned. Or its
    /// weights were not finite before; nothing was computed. The message says which.
    /// </exception>
    /// <exception cref="TrainingDivergedException">
    /// A loss, a penalty or a weight is not finite; the network has the weights of the last good epoch again.
    /// </exception>
    /// <exception cref="InvalidOperationException">The trainer is in use by another call.</exception>
    public TrainingResult Train(
        IDataset train,
        IDataset? test = null,
        ITrainingObserver? observer = null,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(train);
        using ExclusiveUse.Scope use = _use.Hold();
        CheckFits(train, test);
        _network.CheckFinite();
        StartAfreshIfDiverged();
        return TrainToTheEnd(new TrainingRun(train, test, Compiled.StepCount), observer, cancellation);
    }

    private TrainingResult TrainToTheEnd(TrainingRun run, ITrainingObserver? observer, CancellationToken cancellation)
    {
        _history.Clear();
        _history.AddRange(run.Start?.History ?? []);
        _step.Forget();
        KeepLastGood();
        _run = run;
        try
        {
            return TrainEpochs(run, observer, cancellation);
        }
        catch (Exception e) when (e is TrainingDivergedException || _network.FindNonFiniteParameter() is not null)
        {
            _hasDiverged = true;
            _run = null;
            RestoreLastGood();
            throw;
        }
    }

    /// <summary>Frees the compiled network and the optimiser's state; the network and the backend stay.</summary>
    /// <exception cref="InvalidOperationException">It is in use on another thread.</exception>
    public void Dispose()
    {
        if (!_use.Close())
            return;
        _step.Dispose();
        foreach (Tensor values in _lastGood)
            values.Dispose();
    }

    private TrainingResult TrainEpochs(TrainingRun run, ITrainingObserver? observer, CancellationToken cancellation)
    {
        using var loader = new BatchLoader(
            run.Train,
            _options.BatchSize,
            _options.Seed,
            threads: _options.LoaderThreads
        );
        run.BatchesPerEpoch = loader.BatchCount;
        var schedule = new RunSchedule(_options, Compiled, loader.BatchCount, run.FirstUpdate, _history);
        using Evaluator? evaluator = run.Test is null
            ? null
            : new Evaluator(_network, _backend, _options.BatchSize, _options.Loss);
        while (_history.Count < _options.Epochs && !HasStoppedEarly() && !cancellation.IsCancellationRequested)
        {
            int epoch = _history.Count + 1;
            run.Epoch = new EpochRun(epoch, _options.Epochs, loader.BatchCount, run.Train.Count, run.TakeSums());
            TrainEpoch(loader, run, schedule, observer, cancellation);
            // Also of an epoch that was cut short: its weights stay in the network.
            CheckWeights(epoch);
            EvaluationResult? tested = null;
            if (
                !run.Epoch.IsWhole
                || (evaluator is not null && !TryTest(evaluator, run.Test!, epoch, cancellation, out tested))
            )
                break;
            run.Clock.Tested();
            KeepLastGood();
            _history.Add(run.FinishEpoch(tested));
            schedule.FinishEpoch(_history[^1]);
            observer?.EpochFinished(_history[^1]);
            run.Clock.Followed();
        }
        bool stoppedEarly = _history.Count < _options.Epochs && HasStoppedEarly();
        bool interrupted = _history.Count < _options.Epochs && !stoppedEarly;
        return new TrainingResult([.. _history], run.Seconds, run.Examples / Math.Max(run.Seconds, 1e-9), interrupted)
        {
            Times = run.Clock.Times,
            StoppedEarly = stoppedEarly,
        };
    }

    private bool HasStoppedEarly()
    {
        if (_options.Patience is not { } patience || _history.Count <= patience)
            return false;
        double best = _history.SkipLast(patience).Min(RunSchedule.LossOf);
        return !_history.TakeLast(patience).Any(epoch => RunSchedule.LossOf(epoch) < best);
    }

    private void TrainEpoch(
        BatchLoader loader,
        TrainingRun run,
        RunSchedule schedule,
        ITrainingObserver? observer,
        CancellationToken cancellation
    )
    {
        EpochRun epoch = run.Epoch!;
        try
        {
            if (run.EstimatedEpoch < epoch.Epoch)
                EstimateSecondDerivatives(loader, run, cancellation);
            loader.StartEpochAt(epoch.Epoch, epoch.Step, cancellation);
            while (!cancellation.IsCancellationRequested && loader.Next(cancellation) is { } batch)
            {
                run.Clock.Waited();
                schedule.SetFactor();
                epoch.Add(batch.Count, TakeStep(batch, run.Train.Name));
                run.Clock.Stepped();
                observer?.BatchFinished(epoch.Progress with { WaitingShare = run.Clock.WaitingShare });
                run.Clock.Followed();
            }
            run.Clock.Waited();
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested) { }
        finally
        {
            schedule.Reset();
        }
        // A run that goes on would have had the batches that these wait for.
        run.IsExact &= epoch.IsWhole || !_step.AwaitsBatches;
        // Batches that wait for others, which do not come.
        CheckPenalty(_step.Finish());
        run.Clock.Stepped();
    }

    // The sample is what the epoch's random order begins with.
    private void EstimateSecondDerivatives(BatchLoader loader, TrainingRun run, CancellationToken cancellation)
    {
        if (_step.SecondDerivatives is not { } estimate)
            return;
        estimate.Forget();
        loader.StartEpoch(run.Epoch!.Epoch, cancellation);
        int missing = estimate.SampleCount;
        while (missing > 0 && loader.Next(cancellation) is { } batch)
        {
            int count = Math.Min(missing, batch.Count);
            estimate.Add(batch.Images, count);
            missing -= count;
        }
        estimate.Finish();
        run.EstimatedEpoch = run.Epoch.Epoch;
    }

    private StepResult TakeStep(Batch batch, string dataset)
    {
        StepResult result = _step.Run(batch.Images, Targets.Classes(batch.Labels.AsSpan(0, batch.Count)));
        _steps++;
        if (!double.IsFinite(result.Loss))
        {
            string start = string.Create(CultureInfo.InvariantCulture, $"The loss is not finite at step {_steps}: ");
            throw batch.DescribeNonFinite(dataset) is { } example
                ? Diverged(start + example, "the input")
                : Diverged(start, "it began in", Compiled.FindNonFinite(batch.Images) ?? "the loss");
        }
        CheckPenalty(result.Penalty);
        return result;
    }

    private void CheckPenalty(double penalty)
    {
        if (!double.IsFinite(penalty))
            throw Diverged(
                string.Create(CultureInfo.InvariantCulture, $"The penalties are not finite at step {_steps}: "),
                "there is a value too large or not finite in",
                _network.FindNonFiniteParameter() is { } parameter ? $"'{parameter.Name}'" : "the weights"
            );
    }

    /// <returns>Whether all examples were looked at; if not, training was cancelled.</returns>
    private bool TryTest(
        Evaluator evaluator,
        IDataset test,
        int epoch,
        CancellationToken cancellation,
        out EvaluationResult? tested
    )
    {
        tested = null;
        string? origin;
        try
        {
            tested = evaluator.Measure(test, cancellation, out origin);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return false;
        }
        return origin is null
            ? true
            : throw Diverged(
                string.Create(CultureInfo.InvariantCulture, $"The test loss is not finite after epoch {epoch}: "),
                "it began in",
                origin
            );
    }

    private void CheckWeights(int epoch)
    {
        if (_network.FindNonFiniteParameter() is { } parameter)
            throw Diverged(
                string.Create(CultureInfo.InvariantCulture, $"The weights are not finite in epoch {epoch}: "),
                "there is a NaN or an infinity in",
                $"'{parameter.Name}'"
            );
    }

    private TrainingDivergedException Diverged(string what, string where, string origin) =>
        Diverged($"{what}{where} {origin}. Use a smaller learning rate.", origin);

    private TrainingDivergedException Diverged(string message, string origin) =>
        new(message)
        {
            Step = _steps,
            Origin = origin,
            LastGoodEpoch = _history.Count,
            History = [.. _history],
        };

    private TrainingStep CreateStep() =>
        new(
            _network,
            _backend,
            _options.BatchSize,
            _options.Loss,
            _options.Optimizer,
            _options.Penalties,
            clipping: _options.Clipping,
            accumulatedBatches: _options.AccumulatedBatches
        );

    // A velocity that is not finite would spoil the good weights at the next step.
    private void StartAfreshIfDiverged()
    {
        if (!_hasDiverged)
            return;
        _step.Dispose();
        _step = CreateStep();
        _hasDiverged = false;
    }

    private void CheckFits(IDataset train, IDataset? test)
    {
        Evaluator.CheckFits(_network, train);
        if (test is not null)
            Evaluator.CheckFits(_network, test);
    }

    private void KeepLastGood()
    {
        if (_lastGood.Length == 0)
            _lastGood = [.. _network.Parameters.Select(parameter => new Tensor(parameter.Shape))];
        for (int i = 0; i < _lastGood.Length; i++)
            _network.Parameters[i].Value.CopyTo(_lastGood[i]);
    }

    private void RestoreLastGood()
    {
        for (int i = 0; i < _lastGood.Length; i++)
            _lastGood[i].CopyTo(_network.Parameters[i].Value);
    }
}
