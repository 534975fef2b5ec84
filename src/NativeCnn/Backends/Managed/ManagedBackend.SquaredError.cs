using System.Numerics;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Managed;

public sealed partial class ManagedBackend
{
    /// <inheritdoc/>
    public double SquaredError(
        Tensor output,
        Tensor targets,
        int count,
        double factor,
        double scale,
        Tensor? outputGradient
    )
    {
        OperationChecks.SquaredError(output, targets, count, factor, outputGradient, ElementType);
        return IsFloat32
            ? SquaredError<float>(output, targets, count, factor, scale, outputGradient)
            : SquaredError<double>(output, targets, count, factor, scale, outputGradient);
    }

    // loss = factor Σ (y − t)²; dy = scale · 2 · factor (y − t)
    private static double SquaredError<T>(
        Tensor output,
        Tensor targets,
        int count,
        double factor,
        double scale,
        Tensor? outputGradient
    )
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ReadOnlySpan<T> y = output.AsSpan<T>();
        ReadOnlySpan<T> t = targets.AsSpan<T>();
        Span<T> dy = outputGradient is null ? default : outputGradient.AsSpan<T>();
        // Examples that do not count keep this zero.
        dy.Clear();
        double sum = 0;
        for (int k = 0; k < count * output.Shape.ExampleCount; k++)
        {
            double difference = Wide(y[k]) - Wide(t[k]);
            sum += difference * difference;
            if (outputGradient is not null)
                dy[k] = Round<T>(scale * 2 * factor * difference);
        }
        return factor * sum;
    }
}
