using System.Diagnostics;
using NativeCnn.Backends;
using NativeCnn.Backends.Operations;
using NativeCnn.Layers;
using NativeCnn.Losses;
using NativeCnn.Networks;
using NativeCnn.Optimizers;
using NativeCnn.Tensors;
using NativeCnn.Threading;

namespace NativeCnn.Training;

/// <summary>What one step found, before it changed the parameters.</summary>
/// <param name="Loss">The loss summed over the examples that count, penalties not included.</param>
/// <param name="Correct">
/// How many examples have their largest output at their label; 0 where targets are no classes.
/// </param>
/// <param name="Penalty">The sum of the penalties; 0 for a batch after which no step was taken.</param>
/// <param name="Weight">What the loss is divided by for its mean: <see cref="Losses.Loss.WeightOf"/>.</param>
public readonly record struct StepResult(double Loss, int Correct, double Penalty = 0, double Weight = 0);

/// <summary>
/// One training step of a network: gradients to zero, forward, loss, backward, penalties, update. It allocates nothing
/// after the first.
/// </summary>
public sealed class TrainingStep : IDisposable
{
    private readonly PreparedLoss _loss;
    private readonly PreparedPenalties _penalties;
    private readonly PreparedGradients? _gradients;
    private readonly int _accumulatedBatches;
    private int _batches;
    private double _weight;
    private readonly ExclusiveUse _use = new(() => "training step");

    /// <summary>Compiles the network for training.</summary>
    /// <param name="network">What is trained; its parameters change.</param>
    /// <param name="backend">What computes; it must outlive the step.</param>
    /// <param name="batchSize">Examples per step.</param>
    /// <param name="loss">What is minimised.</param>
    /// <param name="optimizer">How.</param>
    /// <param name="penalties">
    /// What is added to the loss; nothing by default. Their parameters' gradients are then stored.
    /// </param>
    /// <param name="targets">What the targets will be; classes by default.</param>
    /// <param name="clipping">How gradients are kept small; they are then stored. Not at all by default.</param>
    /// <param name="accumulatedBatches">
    /// After how many batches a step is taken, by the mean over all of them, 1 or more; 1 by default. With more,
    /// gradients are stored.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">The number of accumulated batches is below 1.</exception>
    /// <exception cref="NotSupportedException">
    /// The loss is not defined for such targets, or the backend lacks a kernel; or the optimiser needs second
    /// derivatives and a layer or the loss has none, which the message names.
    /// </exception>
    /// <exception cref="ArgumentException">
    /// The network has several outputs, or ends in softmax where the loss takes the softmax itself.
    /// </exception>
    public TrainingStep(
        Network network,
        Backend backend,
        int batchSize,
        Loss loss,
        Optimizer optimizer,
        IReadOnlyList<Penalty>? penalties = null,
        TargetKind targets = TargetKind.Classes,
        GradientClipping? clipping = null,
        int accumulatedBatches = 1
    )
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(loss);
        ArgumentNullException.ThrowIfNull(optimizer);
        Evaluator.CheckOneOutput(network);
        Evaluator.CheckLogits(network, loss);
        _accumulatedBatches = NumberRange.Count(accumulatedBatches, nameof(accumulatedBatches));
        penalties ??= [];
        bool changesGradients = clipping is not null || accumulatedBatches > 1;
        bool keepsGradients = changesGradients || penalties.Count > 0;
        Compiled = network.Compile(backend, batchSize, Phase.Training, optimizer, keepsGradients);
        try
        {
            if (optimizer is DiagonalLevenbergMarquardt diagonal)
                SecondDerivatives = new SecondDerivativeEstimate(Compiled, loss, diagonal);
            _loss = loss.Prepare(backend, Compiled.Output.Shape, targets);
            _penalties = new PreparedPenalties(backend, penalties, Compiled.Parameters);
            if (changesGradients)
                _gradients = new PreparedGradients(backend, clipping, Compiled.Parameters);
        }
        catch
        {
            SecondDerivatives?.Dispose();
            _loss?.Dispose();
            _penalties?.Dispose();
            Compiled.Dispose();
            throw;
        }
    }

    /// <summary>The network as it runs, for looking at gradients and activations after a step.</summary>
    public CompiledNetwork Compiled { get; }

    /// <summary>The optimiser's estimate of second derivatives; null where it needs none.</summary>
    internal SecondDerivativeEstimate? SecondDerivatives { get; }

    /// <summary>Whether batches were accumulated that wait for others.</summary>
    internal bool AwaitsBatches => _batches > 0;

    /// <summary>Is told how long each part takes; null, the default, for nobody.</summary>
    internal IStepObserver? Observer
    {
        get => field;
        set
        {
            field = value;
            Compiled.Observer = value;
        }
    }

    /// <summary>
    /// Takes a step by the mean loss over the examples that count, each by its weight; where batches are accumulated,
    /// after the last of each group and over all of them.
    /// </summary>
    /// <param name="input">A batch, N×H×W×C.</param>
    /// <param name="targets">What the outputs should have been.</param>
    /// <returns>
    /// What was found. If the loss or the penalties are not finite, the step ended there, of the parameters at most
    /// state was changed, and batches that were accumulated before it are forgotten.
    /// </returns>
    /// <exception cref="ArgumentException">
    /// Input or targets do not fit the network, or there are no targets; nothing was computed.
    /// </exception>
    /// <exception cref="InvalidOperationException">It is in use by another call; nothing was computed.</exception>
    public StepResult Run(Tensor input, Targets targets)
    {
        using ExclusiveUse.Scope use = _use.Hold();
        using ExclusiveUse.Scope passes = Compiled.Hold();
        _loss.CheckTargets(targets);
        if (targets.Count == 0)
            throw new ArgumentException("A training step needs the targets of one example or more.", nameof(targets));
        double weight = _loss.WeightOf(targets);
        if (SecondDerivatives is { Exists: false } estimate)
        {
            estimate.Add(input, targets.Count);
            estimate.Finish();
        }
        if (_batches == 0)
            Zero();
        Compiled.ForwardHeld(input);
        // What several batches weigh together is known after the last.
        double loss = EvaluateLoss(targets, 1 / (_accumulatedBatches == 1 ? weight : Compiled.BatchSize));
        if (!double.IsFinite(loss))
        {
            Forget();
            return new StepResult(loss, 0, Weight: weight);
        }
        // Counted before the backward pass, which uses the output's memory again.
        int correct = Accuracy.CountCorrect(Compiled.Output, targets.Labels);
        Compiled.BackwardHeld();
        _batches++;
        _weight += weight;
        double penalty = _batches == _accumulatedBatches ? Update() : 0;
        return new StepResult(loss, correct, penalty, weight);
    }

    /// <summary>Takes the step of batches that were accumulated and wait for others, by the mean over them.</summary>
    /// <returns>The sum of the penalties; 0 where no batch waits. If it is not finite, no step was taken.</returns>
    /// <exception cref="InvalidOperationException">It is in use by another call; nothing was computed.</exception>
    public double Finish()
    {
        using ExclusiveUse.Scope use = _use.Hold();
        using ExclusiveUse.Scope passes = Compiled.Hold();
        return _batches == 0 ? 0 : Update();
    }

    /// <summary>Frees the compiled network; network and backend stay.</summary>
    /// <exception cref="InvalidOperationException">It is in use on another thread.</exception>
    public void Dispose()
    {
        if (!_use.Close())
            return;
        Compiled.Dispose();
        SecondDerivatives?.Dispose();
        _loss.Dispose();
        _penalties.Dispose();
        _gradients?.Dispose();
    }

    private double Update()
    {
        if (_accumulatedBatches > 1)
            _gradients!.Scale(Compiled.BatchSize / _weight);
        Forget();
        double penalty = _penalties.Evaluate();
        // Where there are penalties, no layer has taken a step in its backward pass.
        if (!double.IsFinite(penalty))
            return penalty;
        _gradients?.Clip();
        Compiled.UpdateHeld();
        return penalty;
    }

    /// <summary>Forgets the batches that were accumulated and wait for others.</summary>
    internal void Forget()
    {
        _batches = 0;
        _weight = 0;
    }

    private void Zero()
    {
        long start = Observer is null ? 0 : Stopwatch.GetTimestamp();
        Compiled.ZeroGradientsHeld();
        Observer?.Zeroed(Stopwatch.GetTimestamp() - start);
    }

    private double EvaluateLoss(Targets targets, double scale)
    {
        long start = Observer is null ? 0 : Stopwatch.GetTimestamp();
        double loss = _loss.Evaluate(Compiled.Output, targets, scale, Compiled.OutputGradient);
        Observer?.Evaluated(_loss.Kernel, Stopwatch.GetTimestamp() - start);
        return loss;
    }
}
