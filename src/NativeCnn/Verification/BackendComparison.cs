using NativeCnn.Backends;
using NativeCnn.Data;
using NativeCnn.Layers;
using NativeCnn.Losses;
using NativeCnn.Networks;
using NativeCnn.Tensors;
using NativeCnn.Training;

namespace NativeCnn.Verification;

/// <summary>
/// Trains one network on several backends, from the same parameters on the same batches, and says where they part. Each
/// operation is compared by itself, given the reference's values on every backend, so that a difference is the
/// operation's own; then each backend trains alone, so that losses can be laid side by side.
/// </summary>
public static class BackendComparison
{
    /// <summary>Compares backends with the first of them.</summary>
    /// <param name="network">What is trained. It has its parameters again afterwards.</param>
    /// <param name="backends">Two or more that compute in float32; the first is the reference.</param>
    /// <param name="data">The examples; null for random ones of the network's size, with random labels.</param>
    /// <param name="options">Steps, training and what is allowed; null for the defaults.</param>
    /// <param name="progress">Is told of each step; null for nobody.</param>
    /// <param name="cancellation">Ends the comparison after the step under way.</param>
    /// <exception cref="ArgumentException">
    /// There are less than two backends, or one does not compute in float32; or the network has several outputs, or ends
    /// in softmax where the loss takes the softmax itself.
    /// </exception>
    /// <exception cref="ShapeException">The examples do not fit the network, or a size overflows.</exception>
    /// <exception cref="InvalidDataException">A parameter or a value of an example is not finite.</exception>
    /// <exception cref="NotSupportedException">A backend lacks a kernel; the message names layer and operation.</exception>
    /// <exception cref="InsufficientMemoryException">The network needs more memory than there is.</exception>
    /// <exception cref="InvalidOperationException">A backend is in use by another call.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static ComparisonResult Run(
        Network network,
        IReadOnlyList<Backend> backends,
        IDataset? data = null,
        ComparisonOptions? options = null,
        IProgress<ComparisonProgress>? progress = null,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(network);
        CheckBackends(backends);
        options ??= new ComparisonOptions();
        data ??= new RandomExamples(
            network,
            (int)Math.Min((long)options.Training.BatchSize * options.Steps, int.MaxValue),
            options.Training.Seed
        );
        Evaluator.CheckFits(network, data);
        network.CheckFinite();
        var run = new ComparisonRun(network, data, options, progress, cancellation);
        using var start = new ParameterCopy(network);
        try
        {
            using var comparing = new ComparingBackend(backends[0], [.. backends.Skip(1)])
            {
                AllowedUnits = options.AllowedUnits,
            };
            List<double[]> losses = [run.Train(comparing)];
            foreach (Backend backend in backends.Skip(1))
            {
                start.Restore();
                losses.Add(run.Train(backend));
            }
            return new ComparisonResult(
                [.. comparing.Compared.SelectMany(kernel => kernel.Results())],
                [.. losses.Select((curve, i) => Curve(backends[i].Name, losses[0], curve, options.AllowedLossShare))],
                options.AllowedUnits,
                options.AllowedLossShare
            );
        }
        finally
        {
            start.Restore();
        }
    }

    private static void CheckBackends(IReadOnlyList<Backend> backends)
    {
        ArgumentNullException.ThrowIfNull(backends);
        if (backends.Count < 2)
            throw new ArgumentException("A comparison takes two backends or more.", nameof(backends));
        foreach (Backend backend in backends)
        {
            ArgumentNullException.ThrowIfNull(backend, nameof(backends));
            backend.CheckOpen();
            if (backend.ElementType != ElementType.Float32)
                throw new ArgumentException(
                    $"Backends are compared in Float32; '{backend.Name}' computes in {backend.ElementType}.",
                    nameof(backends)
                );
        }
    }

    private static LossCurve Curve(string name, double[] reference, double[] losses, double allowed)
    {
        double worst = 0;
        int? first = null;
        for (int i = 0; i < Math.Max(reference.Length, losses.Length); i++)
        {
            // One that ended early was not finite there.
            double expected = i < reference.Length ? reference[i] : double.NaN;
            double actual = i < losses.Length ? losses[i] : double.NaN;
            double error = TensorCheck.Difference(expected, actual);
            double share = error == 0 ? 0 : error / Math.Abs(expected);
            share = double.IsNaN(share) ? double.PositiveInfinity : share;
            worst = Math.Max(worst, share);
            if (share > allowed)
                first ??= i + 1;
        }
        return new LossCurve(name, losses, worst, first);
    }
}

/// <summary>Trains the network on one backend after another.</summary>
internal sealed class ComparisonRun(
    Network network,
    IDataset data,
    ComparisonOptions options,
    IProgress<ComparisonProgress>? progress,
    CancellationToken cancellation
)
{
    /// <summary>The mean loss of each step, up to one that is not finite.</summary>
    public double[] Train(Backend backend)
    {
        TrainerOptions training = options.Training;
        using var step = new TrainingStep(
            network,
            backend,
            training.BatchSize,
            training.Loss,
            training.Optimizer,
            training.Penalties,
            TargetKind.Classes,
            training.Clipping
        );
        if (backend is ComparingBackend)
        {
            foreach (OperationCall call in step.Compiled.Calls)
                ((ComparingKernel)call.Kernel).Name(call);
        }
        using var loader = new BatchLoader(data, training.BatchSize, training.Seed);
        List<double> losses = [];
        for (int i = 1, epoch = 0; i <= options.Steps && losses.TrueForAll(double.IsFinite); i++)
        {
            cancellation.ThrowIfCancellationRequested();
            Batch? batch = i == 1 ? null : loader.Next(cancellation);
            if (batch is null)
            {
                loader.StartEpoch(++epoch, cancellation);
                batch = loader.Next(cancellation)!;
            }
            if (backend is ComparingBackend comparing)
                comparing.Step = i;
            StepResult result = step.Run(batch.Images, Targets.Classes(batch.Labels.AsSpan(0, batch.Count)));
            losses.Add(result.Loss / result.Weight);
            progress?.Report(new ComparisonProgress(backend.Name, i, options.Steps));
        }
        return [.. losses];
    }
}

/// <summary>The values that a network's parameters had.</summary>
internal sealed class ParameterCopy : IDisposable
{
    private readonly Network _network;
    private readonly Tensor[] _values;

    public ParameterCopy(Network network)
    {
        _network = network;
        _values = [.. network.Parameters.Select(parameter => new Tensor(parameter.Shape))];
        for (int i = 0; i < _values.Length; i++)
            network.Parameters[i].Value.CopyTo(_values[i]);
    }

    /// <summary>Gives them back.</summary>
    public void Restore()
    {
        for (int i = 0; i < _values.Length; i++)
            _values[i].CopyTo(_network.Parameters[i].Value);
    }

    public void Dispose() => Array.ForEach(_values, tensor => tensor.Dispose());
}
