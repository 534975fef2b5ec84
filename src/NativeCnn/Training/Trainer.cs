using System.Diagnostics;
using System.Globalization;
using NativeCnn.Backends;
using NativeCnn.Data;
using NativeCnn.Losses;
using NativeCnn.Networks;
using NativeCnn.Tensors;

namespace NativeCnn.Training;

/// <summary>
/// Trains a network by mini-batches: shuffled batches are read ahead, each step is forward, loss, backward and the
/// optimiser's update. A step allocates nothing after the first.
/// </summary>
/// <remarks>The same seeds, network and data give the same bits on any number of threads.</remarks>
public sealed class Trainer : IDisposable
{
    private readonly Network _network;
    private readonly TrainerOptions _options;
    private readonly Backend _backend;
    private readonly TrainingStep _step;
    private Tensor[] _lastGood = [];
    private long _steps;

    /// <summary>Compiles the network for training.</summary>
    /// <param name="network">What is trained; its parameters change.</param>
    /// <param name="backend">What computes, in float32.</param>
    /// <param name="options">Epochs, batch size, optimiser, loss; null for the defaults.</param>
    /// <exception cref="ArgumentException">
    /// An option is impossible, or the backend does not compute in float32.
    /// </exception>
    public Trainer(Network network, Backend backend, TrainerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(backend);
        _options = options ?? new TrainerOptions();
        if (_options.Epochs < 1 || _options.BatchSize < 1)
            throw new ArgumentException(
                $"Epochs and batch size are 1 or more; got {_options.Epochs} and {_options.BatchSize}."
            );
        if (backend.ElementType != ElementType.Float32)
            throw new ArgumentException($"Training runs in Float32; this backend computes in {backend.ElementType}.");
        _network = network;
        _backend = backend;
        _step = new TrainingStep(
            network,
            backend,
            _options.BatchSize,
            _options.Loss,
            _options.Optimizer,
            _options.Penalties
        );
    }

    /// <summary>The network as it runs, for looking at gradients and activations after a step.</summary>
    public CompiledNetwork Compiled => _step.Compiled;

    /// <summary>One step: forward, loss, backward, update.</summary>
    /// <param name="batch">
    /// A batch of the options' size; only its first <see cref="Batch.Count"/> examples count.
    /// </param>
    /// <exception cref="TrainingDivergedException">
    /// The loss is not finite; the parameters were not changed by this step.
    /// </exception>
    public StepResult Step(Batch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        StepResult result = _step.Run(batch.Images, Targets.Classes(batch.Labels.AsSpan(0, batch.Count)));
        _steps++;
        return double.IsFinite(result.Loss) ? result : throw Diverged(batch);
    }

    /// <summary>Trains for the options' number of epochs, testing after each where there is a test set.</summary>
    /// <param name="train">The examples to learn from.</param>
    /// <param name="test">Examples that are only looked at, or null.</param>
    /// <param name="observer">Follows the run, or null.</param>
    /// <param name="cancellation">
    /// Ends the run after the batch under way; the network keeps what it has learned.
    /// </param>
    /// <exception cref="ShapeException">The examples do not fit the network.</exception>
    /// <exception cref="TrainingDivergedException">
    /// The loss is not finite; the network has the weights of the last good epoch again.
    /// </exception>
    public TrainingResult Train(
        IDataset train,
        IDataset? test = null,
        ITrainingObserver? observer = null,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(train);
        Evaluator.CheckFits(_network, train);
        if (test is not null)
            Evaluator.CheckFits(_network, test);
        using var loader = new BatchLoader(train, _options.BatchSize, _options.Seed);
        using Evaluator? evaluator = test is null
            ? null
            : new Evaluator(_network, _backend, _options.BatchSize, _options.Loss);
        var history = new List<EpochRecord>();
        double trainSeconds = 0;
        long examples = 0;
        KeepLastGood();
        for (int epoch = 1; epoch <= _options.Epochs && !cancellation.IsCancellationRequested; epoch++)
        {
            var run = new EpochRun(epoch, _options.Epochs, loader.BatchCount, train.Count);
            try
            {
                RunEpoch(loader, run, observer, cancellation);
            }
            catch (TrainingDivergedException)
            {
                RestoreLastGood();
                throw;
            }
            trainSeconds += run.Seconds;
            examples += run.Examples;
            if (run.Step < loader.BatchCount)
                break;
            KeepLastGood();
            EvaluationResult? tested = evaluator?.Evaluate(test!);
            var record = new EpochRecord(
                epoch,
                run.Loss,
                run.Accuracy,
                tested?.Loss,
                tested?.Accuracy,
                run.Seconds,
                run.ImagesPerSecond
            );
            history.Add(record);
            observer?.EpochFinished(record);
        }
        bool interrupted = history.Count < _options.Epochs;
        return new TrainingResult(history, trainSeconds, examples / Math.Max(trainSeconds, 1e-9), interrupted);
    }

    /// <summary>Frees the compiled network and the optimiser's state; the network and the backend stay.</summary>
    public void Dispose()
    {
        _step.Dispose();
        foreach (Tensor values in _lastGood)
            values.Dispose();
    }

    private void RunEpoch(BatchLoader loader, EpochRun run, ITrainingObserver? observer, CancellationToken cancellation)
    {
        loader.StartEpoch(run.Epoch);
        while (!cancellation.IsCancellationRequested && loader.Next() is { } batch)
        {
            run.Add(batch.Count, Step(batch));
            observer?.BatchFinished(run.Progress);
        }
    }

    private TrainingDivergedException Diverged(Batch batch)
    {
        string origin = Compiled.FindNonFinite(batch.Images) ?? "the loss";
        return new TrainingDivergedException(
            string.Create(
                CultureInfo.InvariantCulture,
                $"The loss is not finite at step {_steps}: it began in {origin}. Use a smaller learning rate."
            )
        )
        {
            Step = _steps,
            Origin = origin,
        };
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

    // The sums of one epoch under way.
    private sealed class EpochRun(int epoch, int epochs, int batches, int count)
    {
        private readonly long _start = Stopwatch.GetTimestamp();
        private double _loss;
        private long _correct;

        public int Epoch => epoch;

        public int Step { get; private set; }

        public int Examples { get; private set; }

        public double Seconds { get; private set; }

        public double Loss => _loss / Math.Max(Examples, 1);

        public double Accuracy => (double)_correct / Math.Max(Examples, 1);

        public double ImagesPerSecond => Examples / Math.Max(Seconds, 1e-9);

        public TrainingProgress Progress =>
            new(epoch, epochs, Step, batches, Loss, Accuracy, ImagesPerSecond, Remaining);

        private TimeSpan Remaining
        {
            get
            {
                double left = (double)count * (epochs - epoch + 1) - Examples;
                return TimeSpan.FromSeconds(left / Math.Max(ImagesPerSecond, 1e-9));
            }
        }

        public void Add(int examples, StepResult result)
        {
            Step++;
            Examples += examples;
            _loss += result.Loss;
            _correct += result.Correct;
            Seconds = Stopwatch.GetElapsedTime(_start).TotalSeconds;
        }
    }
}
