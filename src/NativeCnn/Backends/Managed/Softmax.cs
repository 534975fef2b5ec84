using System.Numerics;
using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Managed;

public sealed partial class ManagedBackend
{
    private static readonly bool Softmax =
        Provide<SoftmaxForward>((b, operation) => new SoftmaxForwardKernel(b, operation))
        && Provide<SoftmaxBackward>((b, operation) => new SoftmaxBackwardKernel(b, operation));
}

internal sealed class SoftmaxForwardKernel(ManagedBackend backend, SoftmaxForward operation)
    : SoftmaxKernel<SoftmaxForward>(backend, operation)
{
    // p_c = exp(z_c − m) / Σ_d exp(z_d − m), m = max z, which keeps exp from overflowing and changes nothing else
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        int classes = operands[0]!.Shape.ElementsPerExample;
        for (int n = 0; n < operands[0]!.Shape.BatchSize; n++)
        {
            ReadOnlySpan<T> z = Elements<T>(operands[0]).Slice(n * classes, classes);
            Span<T> p = Elements<T>(operands[1]).Slice(n * classes, classes);
            double maximum = Maximum(z);
            double sum = SumOfExponentials(z, maximum);
            for (int c = 0; c < p.Length; c++)
                p[c] = Round<T>(Math.Exp(Wide(z[c]) - maximum) / sum);
        }
    }
}

internal sealed class SoftmaxBackwardKernel(ManagedBackend backend, SoftmaxBackward operation)
    : ManagedKernel<SoftmaxBackward>(backend, operation)
{
    // dz_c = p_c (g_c − Σ_d p_d g_d)
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        int classes = operands[0]!.Shape.ElementsPerExample;
        for (int n = 0; n < operands[0]!.Shape.BatchSize; n++)
        {
            ReadOnlySpan<T> p = Elements<T>(operands[0]).Slice(n * classes, classes);
            ReadOnlySpan<T> g = Elements<T>(operands[1]).Slice(n * classes, classes);
            Span<T> dz = Elements<T>(operands[2]).Slice(n * classes, classes);
            double mean = 0;
            for (int d = 0; d < p.Length; d++)
                mean += Wide(p[d]) * Wide(g[d]);
            for (int c = 0; c < dz.Length; c++)
                dz[c] = Round<T>(Wide(p[c]) * (Wide(g[c]) - mean));
        }
    }
}

/// <summary>A kernel that computes softmax, alone or in a loss.</summary>
internal abstract class SoftmaxKernel<TOperation>(ManagedBackend backend, TOperation operation)
    : ManagedKernel<TOperation>(backend, operation)
    where TOperation : Operation
{
    /// <summary>m = max z.</summary>
    protected static double Maximum<T>(ReadOnlySpan<T> z)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        // Math.Max passes a NaN on.
        double maximum = double.NegativeInfinity;
        foreach (T value in z)
            maximum = Math.Max(maximum, Wide(value));
        return maximum;
    }

    /// <summary>Σ_c exp(z_c − m).</summary>
    protected static double SumOfExponentials<T>(ReadOnlySpan<T> z, double maximum)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        double sum = 0;
        foreach (T value in z)
            sum += Math.Exp(Wide(value) - maximum);
        return sum;
    }
}
