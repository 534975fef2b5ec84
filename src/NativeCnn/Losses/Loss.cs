using NativeCnn.Backends;
using NativeCnn.Tensors;

namespace NativeCnn.Losses;

/// <summary>What training minimises: a number from a network's output and the labels, and its gradient.</summary>
public abstract class Loss : IDisposable
{
    /// <summary>The loss summed over the first <c>labels.Length</c> examples; the examples after those do not count.</summary>
    /// <param name="backend">What computes.</param>
    /// <param name="output">The network's output, N×H×W×C.</param>
    /// <param name="labels">A class index per example, at most N.</param>
    /// <param name="scale">What the gradient is multiplied by: 1 / the number of examples for a mean.</param>
    /// <param name="outputGradient">Receives the gradient, zero for examples that do not count; null where only the loss is wanted.</param>
    public abstract double Evaluate(
        IBackend backend,
        Tensor output,
        ReadOnlySpan<int> labels,
        double scale,
        Tensor? outputGradient
    );

    /// <summary>Frees what <see cref="Evaluate"/> reserved.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees what <see cref="Evaluate"/> reserved.</summary>
    protected virtual void Dispose(bool disposing) { }
}

/// <summary>
/// Softmax cross-entropy of logits z: log Σ_c exp z_c − z_label, fused and stable; gradient softmax(z) − onehot(label).
/// </summary>
public sealed class SoftmaxCrossEntropy : Loss
{
    /// <inheritdoc/>
    public override double Evaluate(
        IBackend backend,
        Tensor output,
        ReadOnlySpan<int> labels,
        double scale,
        Tensor? outputGradient
    ) => backend.SoftmaxCrossEntropy(output, labels, scale, outputGradient);
}

/// <summary>
/// Squared error factor · Σ_c (y_c − t_c)² against one-of-c targets made from the labels. With
/// <paramref name="factor"/> ½ the gradient is y − t.
/// </summary>
/// <param name="factor">½ (the default) or 1.</param>
/// <param name="low">The target of every class but the label: 0 by default; −1 for tanh outputs.</param>
/// <param name="high">The target of the label's class: 1 by default.</param>
public sealed class SquaredError(double factor = 0.5, double low = 0, double high = 1) : Loss
{
    private Tensor? _targets;

    /// <inheritdoc/>
    public override double Evaluate(
        IBackend backend,
        Tensor output,
        ReadOnlySpan<int> labels,
        double scale,
        Tensor? outputGradient
    )
    {
        if (_targets is null || _targets.Shape != output.Shape || _targets.Type != output.Type)
        {
            _targets?.Dispose();
            _targets = new Tensor(output.Shape, output.Type);
        }
        if (output.Type == ElementType.Float64)
            SetTargets(_targets.AsSpan<double>(), output.Shape, labels, low, high);
        else
            SetTargets(_targets.Span, output.Shape, labels, (float)low, (float)high);
        return backend.SquaredError(output, _targets, labels.Length, factor, scale, outputGradient);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _targets?.Dispose();
        base.Dispose(disposing);
    }

    private static void SetTargets<T>(Span<T> targets, Shape shape, ReadOnlySpan<int> labels, T low, T high)
    {
        targets.Fill(low);
        for (int n = 0; n < labels.Length; n++)
        {
            if ((uint)labels[n] >= (uint)shape.ExampleCount)
                throw new ArgumentOutOfRangeException(
                    nameof(labels),
                    $"Label {labels[n]} is not one of {shape.ExampleCount} classes."
                );
            targets[n * shape.ExampleCount + labels[n]] = high;
        }
    }
}
