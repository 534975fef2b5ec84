using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Managed;

public sealed partial class ManagedBackend
{
    private static readonly bool ChannelScale =
        Provide<ChannelScaleForward>((b, operation) => new ChannelScaleForwardKernel(b, operation))
        && Provide<ChannelScaleBackward>((b, operation) => new ChannelScaleBackwardKernel(b, operation));
}

internal sealed class ChannelScaleForwardKernel(ManagedBackend backend, ChannelScaleForward operation)
    : ManagedKernel<ChannelScaleForward>(backend, operation)
{
    // y = x where x > 0 and the positive is kept, else a_c x
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        ReadOnlySpan<T> x = Elements<T>(operands[0]);
        ReadOnlySpan<T> a = Elements<T>(operands[1]);
        Span<T> y = Elements<T>(operands[2]);
        for (int k = 0; k < y.Length; k++)
        {
            bool isKept = Operation.KeepsPositive && x[k] > T.Zero;
            y[k] = isKept ? x[k] : Round<T>(Wide(a[k % a.Length]) * Wide(x[k]));
        }
    }
}

internal sealed class ChannelScaleBackwardKernel(ManagedBackend backend, ChannelScaleBackward operation)
    : ManagedKernel<ChannelScaleBackward>(backend, operation)
{
    // dx = dy and nothing to da where x > 0 and the positive is kept, else dx = a_c dy, da_c += x dy
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        ReadOnlySpan<T> x = Elements<T>(operands[0]);
        ReadOnlySpan<T> a = Elements<T>(operands[1]);
        ReadOnlySpan<T> dy = Elements<T>(operands[2]);
        Span<T> dx = Elements<T>(operands[3]);
        Span<T> da = Elements<T>(operands[4]);
        var sums = new double[da.Length];
        for (int k = 0; k < x.Length; k++)
        {
            int c = k % sums.Length;
            bool isKept = Operation.KeepsPositive && x[k] > T.Zero;
            T gradient = dy[k];
            if (!dx.IsEmpty)
                dx[k] = isKept ? gradient : Round<T>(Wide(a[c]) * Wide(gradient));
            if (!isKept)
                sums[c] += Wide(x[k]) * Wide(gradient);
        }
        for (int c = 0; c < da.Length; c++)
            da[c] = Round<T>(Wide(da[c]) + sums[c]);
    }
}
