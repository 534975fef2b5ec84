using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Managed;

public sealed partial class ManagedBackend
{
    private static readonly bool LocalResponseNorm =
        Provide<LocalResponseNormForward>((b, operation) => new LocalResponseNormForwardKernel(b, operation))
        && Provide<LocalResponseNormBackward>((b, operation) => new LocalResponseNormBackwardKernel(b, operation));
}

internal sealed class LocalResponseNormForwardKernel(ManagedBackend backend, LocalResponseNormForward operation)
    : ManagedKernel<LocalResponseNormForward>(backend, operation)
{
    // s_c = k + α/size · Σ_j x_j², j from c − before to c + after;  y_c = x_c s_c^−β
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        LocalResponseNormOptions options = Operation.Options;
        ReadOnlySpan<T> x = Elements<T>(operands[0]);
        Span<T> y = Elements<T>(operands[1]);
        Span<T> scale = Elements<T>(operands[2]);
        int channels = operands[0]!.Shape.Channels;
        for (int k = 0; k < x.Length; k++)
        {
            int c = k % channels;
            double sum = 0;
            for (int j = Window.First(c, options.Before); j <= Window.Last(c, options.After, channels); j++)
                sum += Wide(x[k - c + j]) * Wide(x[k - c + j]);
            double s = options.K + (double)options.Alpha / options.Size * sum;
            y[k] = Round<T>(Wide(x[k]) * Math.Pow(s, -options.Beta));
            if (!scale.IsEmpty)
                scale[k] = Round<T>(s);
        }
    }
}

internal sealed class LocalResponseNormBackwardKernel(ManagedBackend backend, LocalResponseNormBackward operation)
    : ManagedKernel<LocalResponseNormBackward>(backend, operation)
{
    // dx_c = dy_c s_c^−β − 2αβ/size · x_c Σ_j dy_j x_j s_j^(−β−1), j over the channels whose window has c:
    // from c − after to c + before
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        LocalResponseNormOptions options = Operation.Options;
        ReadOnlySpan<T> x = Elements<T>(operands[0]);
        ReadOnlySpan<T> s = Elements<T>(operands[1]);
        ReadOnlySpan<T> dy = Elements<T>(operands[2]);
        Span<T> dx = Elements<T>(operands[3]);
        int channels = operands[0]!.Shape.Channels;
        double factor = 2 * (double)options.Alpha * options.Beta / options.Size;
        for (int k = 0; k < dx.Length; k++)
        {
            int c = k % channels;
            double sum = 0;
            for (int j = Window.First(c, options.After); j <= Window.Last(c, options.Before, channels); j++)
            {
                int at = k - c + j;
                sum += Wide(dy[at]) * Wide(x[at]) * Math.Pow(Wide(s[at]), -options.Beta - 1.0);
            }
            dx[k] = Round<T>(Wide(dy[k]) * Math.Pow(Wide(s[k]), -options.Beta) - factor * Wide(x[k]) * sum);
        }
    }
}

/// <summary>The channels that a window holds.</summary>
file static class Window
{
    public static int First(int c, int before) => Math.Max(c - before, 0);

    // c + after, or the last channel; compared without a sum, which a window of any size could overflow.
    public static int Last(int c, int after, int channels) => after < channels - c ? c + after : channels - 1;
}
