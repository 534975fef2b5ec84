using System.Diagnostics;
using NativeCnn.Backends;
using NativeCnn.Data;
using NativeCnn.Layers;
using NativeCnn.Losses;
using NativeCnn.Networks;
using NativeCnn.Tensors;
using NativeCnn.Threading;

namespace NativeCnn.Training;

/// <summary>What a network makes of a data set.</summary>
/// <param name="Accuracy">The share of examples whose label has the largest output, 0 to 1.</param>
/// <param name="Loss">The mean loss of the examples, each by its weight: <see cref="Losses.Loss.WeightOf"/>.</param>
/// <param name="Confusion">Which classes were taken for which.</param>
/// <param name="Examples">How many examples there were.</param>
/// <param name="Seconds">How long it took.</param>
public sealed record EvaluationResult(
    double Accuracy,
    double Loss,
    ConfusionMatrix Confusion,
    int Examples,
    double Seconds
)
{
    /// <summary>Among how many classes <see cref="TopAccuracy"/> looks for the label.</summary>
    public const int TopClasses = 5;

    /// <summary>
    /// The share of examples whose label is among the five classes with the largest outputs, 0 to 1; 1 where there are
    /// no more classes.
    /// </summary>
    public double TopAccuracy { get; init; }
}

/// <summary>Runs a network over data sets without changing it.</summary>
/// <remarks>
/// The losses of the examples are added in float64 in the data's order, whatever the batch size. Each is that of the
/// network's float32 output, which on the native backend may differ in its last bits between batch sizes, since that
/// backend picks its kernels by them; on the managed backend the result is the same to the bit.
/// </remarks>
public sealed class Evaluator : IDisposable
{
    private readonly Network _network;
    private readonly PreparedLoss _loss;
    private readonly CompiledNetwork _compiled;
    private readonly ExclusiveUse _use = new(() => "evaluator");

    /// <summary>Compiles the network for inference.</summary>
    /// <param name="network">The network; changes of its parameters count in later evaluations.</param>
    /// <param name="backend">What computes, in float32.</param>
    /// <param name="batchSize">Examples per run; 64 by default.</param>
    /// <param name="loss">What is measured; softmax cross-entropy by default.</param>
    /// <exception cref="ArgumentException">
    /// The network has several outputs, the backend does not compute in float32, or the loss takes the softmax of a
    /// network that ends in softmax.
    /// </exception>
    public Evaluator(Network network, Backend backend, int batchSize = 64, Loss? loss = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(backend);
        loss ??= new SoftmaxCrossEntropy();
        CheckOneOutput(network);
        CheckLogits(network, loss);
        if (backend.ElementType != ElementType.Float32)
            throw new ArgumentException($"Evaluation runs in Float32; this backend computes in {backend.ElementType}.");
        _network = network;
        _compiled = network.Compile(backend, batchSize, Phase.Inference);
        try
        {
            _loss = loss.Prepare(backend, _compiled.Output.Shape, wantsGradient: false);
        }
        catch
        {
            _compiled.Dispose();
            throw;
        }
    }

    /// <summary>Accuracy, loss and confusion matrix over all examples.</summary>
    /// <param name="dataset">The examples.</param>
    /// <param name="cancellation">Ends the evaluation, also where the data set never returns.</param>
    /// <exception cref="ShapeException">The examples do not fit the network.</exception>
    /// <exception cref="ArgumentException">There are no examples.</exception>
    /// <exception cref="InvalidDataException">
    /// A weight, a value of an example or a loss is not finite, or a label is no class; the message says which.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="InvalidOperationException">It is in use by another call; nothing was computed.</exception>
    public EvaluationResult Evaluate(IDataset dataset, CancellationToken cancellation = default)
    {
        using ExclusiveUse.Scope use = _use.Hold();
        CheckFits(_network, dataset);
        _network.CheckFinite();
        EvaluationResult result = Measure(dataset, cancellation, out string? origin);
        return origin is null
            ? result
            : throw new InvalidDataException(
                $"The loss of '{_network.Name}' over {dataset.Name} is not finite: it began in {origin}."
            );
    }

    /// <summary>Accuracy, loss and confusion matrix of a network over a data set.</summary>
    /// <remarks>Throws what the constructor and <see cref="Evaluate(IDataset, CancellationToken)"/> do.</remarks>
    public static EvaluationResult Evaluate(
        Network network,
        Backend backend,
        IDataset dataset,
        int batchSize = 64,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(network);
        CheckFits(network, dataset);
        using var evaluator = new Evaluator(network, backend, Math.Min(batchSize, dataset.Count));
        return evaluator.Evaluate(dataset, cancellation);
    }

    /// <summary>Frees the compiled network.</summary>
    /// <exception cref="InvalidOperationException">It is in use on another thread.</exception>
    public void Dispose()
    {
        if (!_use.Close())
            return;
        _compiled.Dispose();
        _loss.Dispose();
    }

    /// <summary>
    /// The result, or, where the loss stopped being finite, that of the examples up to there and the origin.
    /// </summary>
    internal EvaluationResult Measure(IDataset dataset, CancellationToken cancellation, out string? origin)
    {
        long start = Stopwatch.GetTimestamp();
        var confusion = new ConfusionMatrix(dataset.ClassNames);
        double loss = 0;
        double weight = 0;
        int correct = 0;
        int nearly = 0;
        int seen = 0;
        int classes = dataset.ClassNames.Count;
        origin = null;
        using var loader = new BatchLoader(dataset, _compiled.BatchSize, shuffle: false);
        loader.StartEpoch(0, cancellation);
        while (origin is null && loader.Next(cancellation) is { } batch)
        {
            cancellation.ThrowIfCancellationRequested();
            ReadOnlySpan<int> labels = batch.Labels.AsSpan(0, batch.Count);
            _compiled.Forward(batch.Images);
            loss = _loss.AddTo(loss, _compiled.Output, Targets.Classes(labels), 1, null);
            weight += _loss.WeightOf(Targets.Classes(labels));
            using TensorHold hold = _compiled.Output.Hold();
            ReadOnlySpan<float> outputs = _compiled.Output.Span;
            for (int n = 0; n < labels.Length; n++)
            {
                ReadOnlySpan<float> output = outputs.Slice(n * classes, classes);
                int predicted = Accuracy.Predicted(output);
                nearly += Accuracy.Rank(output, labels[n]) < EvaluationResult.TopClasses ? 1 : 0;
                confusion.Add(labels[n], predicted);
                correct += predicted == labels[n] ? 1 : 0;
            }
            seen += labels.Length;
            if (!double.IsFinite(loss))
                origin = _compiled.FindNonFinite(batch.Images) ?? "the loss";
        }
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return new EvaluationResult((double)correct / seen, loss / weight, confusion, seen, seconds)
        {
            TopAccuracy = (double)nearly / seen,
        };
    }

    /// <summary>Refuses networks with outputs whose gradients one loss would not write.</summary>
    internal static void CheckOneOutput(Network network)
    {
        if (network.Outputs.Count > 1)
            throw new ArgumentException(
                $"Network '{network.Name}' has {network.Outputs.Count} outputs, and this takes one loss: compile it and run forward, losses, backward and update."
            );
    }

    /// <summary>Refuses to have softmax taken of probabilities, which trains badly and measures something else.</summary>
    internal static void CheckLogits(Network network, Loss loss)
    {
        if (loss is SoftmaxCrossEntropy && network.FinalSoftmax is { } layer)
            throw new ArgumentException(
                $"Network '{network.Name}' ends in softmax ('{layer.Name}'), and softmax cross-entropy takes the softmax itself: leave that layer out, or use SquaredError."
            );
    }

    internal static void CheckFits(Network network, IDataset dataset)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        if (dataset.ExampleShape != network.InputShape)
        {
            throw new ShapeException(
                $"Network '{network.Name}' takes {network.InputShape}; the examples of {dataset.Name} are {dataset.ExampleShape}."
            );
        }
        BatchLoader.CheckNotEmpty(dataset);
        if (dataset.ClassNames.Count != network.OutputShape.ElementsPerExample)
        {
            throw new ShapeException(
                $"Network '{network.Name}' has {network.OutputShape.ElementsPerExample} outputs; {dataset.Name} has {dataset.ClassNames.Count} classes."
            );
        }
    }
}
