using System.Diagnostics;
using NativeCnn.Backends;
using NativeCnn.Data;
using NativeCnn.Layers;
using NativeCnn.Losses;
using NativeCnn.Networks;
using NativeCnn.Tensors;

namespace NativeCnn.Training;

/// <summary>What a network makes of a data set.</summary>
/// <param name="Accuracy">The share of examples whose label has the largest output, 0 to 1.</param>
/// <param name="Loss">The mean loss per example.</param>
/// <param name="Confusion">Which classes were taken for which.</param>
/// <param name="Examples">How many examples there were.</param>
/// <param name="Seconds">How long it took.</param>
public sealed record EvaluationResult(
    double Accuracy,
    double Loss,
    ConfusionMatrix Confusion,
    int Examples,
    double Seconds
);

/// <summary>Runs a network over data sets without changing it.</summary>
public sealed class Evaluator : IDisposable
{
    private readonly Network _network;
    private readonly PreparedLoss _loss;
    private readonly CompiledNetwork _compiled;

    /// <summary>Compiles the network for inference.</summary>
    /// <param name="network">The network; changes of its parameters count in later evaluations.</param>
    /// <param name="backend">What computes, in float32.</param>
    /// <param name="batchSize">Examples per run; 64 by default. The result does not depend on it.</param>
    /// <param name="loss">What is measured; softmax cross-entropy by default.</param>
    public Evaluator(Network network, Backend backend, int batchSize = 64, Loss? loss = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(backend);
        _network = network;
        _compiled = network.Compile(backend, batchSize, Phase.Inference);
        _loss = (loss ?? new SoftmaxCrossEntropy()).Prepare(backend, _compiled.Output.Shape, wantsGradient: false);
    }

    /// <summary>Accuracy, loss and confusion matrix over all examples.</summary>
    /// <exception cref="ShapeException">The examples do not fit the network.</exception>
    public EvaluationResult Evaluate(IDataset dataset)
    {
        CheckFits(_network, dataset);
        long start = Stopwatch.GetTimestamp();
        var confusion = new ConfusionMatrix(dataset.ClassNames);
        double loss = 0;
        int correct = 0;
        int classes = dataset.ClassNames.Count;
        using var loader = new BatchLoader(dataset, _compiled.BatchSize, shuffle: false);
        loader.StartEpoch(0);
        while (loader.Next() is { } batch)
        {
            ReadOnlySpan<int> labels = batch.Labels.AsSpan(0, batch.Count);
            _compiled.Forward(batch.Images);
            loss += _loss.Evaluate(_compiled.Output, Targets.Classes(labels), 1, null);
            ReadOnlySpan<float> outputs = _compiled.Output.Span;
            for (int n = 0; n < labels.Length; n++)
            {
                int predicted = Accuracy.Predicted(outputs.Slice(n * classes, classes));
                confusion.Add(labels[n], predicted);
                correct += predicted == labels[n] ? 1 : 0;
            }
        }
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return new EvaluationResult(
            (double)correct / dataset.Count,
            loss / dataset.Count,
            confusion,
            dataset.Count,
            seconds
        );
    }

    /// <summary>Accuracy, loss and confusion matrix of a network over a data set.</summary>
    public static EvaluationResult Evaluate(Network network, Backend backend, IDataset dataset, int batchSize = 64)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        using var evaluator = new Evaluator(network, backend, Math.Min(batchSize, dataset.Count));
        return evaluator.Evaluate(dataset);
    }

    /// <summary>Frees the compiled network.</summary>
    public void Dispose()
    {
        _compiled.Dispose();
        _loss.Dispose();
    }

    /// <summary>Refuses networks with outputs whose gradients one loss would not write.</summary>
    internal static void CheckOneOutput(Network network)
    {
        if (network.Outputs.Count > 1)
            throw new ArgumentException(
                $"Network '{network.Name}' has {network.Outputs.Count} outputs, and this takes one loss: compile it and run forward, losses, backward and update."
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
        if (dataset.ClassNames.Count != network.OutputShape.ElementsPerExample)
        {
            throw new ShapeException(
                $"Network '{network.Name}' has {network.OutputShape.ElementsPerExample} outputs; {dataset.Name} has {dataset.ClassNames.Count} classes."
            );
        }
    }
}
