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
        var windows = new Windows(operands[0]!.Shape.Channels, options.Before, options.After);
        for (int pixel = 0; pixel < x.Length; pixel += windows.Terms.Length)
        {
            for (int c = 0; c < windows.Terms.Length; c++)
                windows.Terms[c] = Wide(x[pixel + c]) * Wide(x[pixel + c]);
            windows.Add();
            for (int c = 0; c < windows.Terms.Length; c++)
            {
                double s = options.K + (double)options.Alpha / options.Size * windows.Sums[c];
                y[pixel + c] = Round<T>(Wide(x[pixel + c]) * Math.Pow(s, -options.Beta));
                if (!scale.IsEmpty)
                    scale[pixel + c] = Round<T>(s);
            }
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
        var windows = new Windows(operands[0]!.Shape.Channels, options.After, options.Before);
        double factor = 2 * (double)options.Alpha * options.Beta / options.Size;
        for (int pixel = 0; pixel < dx.Length; pixel += windows.Terms.Length)
        {
            for (int c = 0; c < windows.Terms.Length; c++)
            {
                int at = pixel + c;
                windows.Terms[c] = Wide(dy[at]) * Wide(x[at]) * Math.Pow(Wide(s[at]), -options.Beta - 1.0);
            }
            windows.Add();
            for (int c = 0; c < windows.Terms.Length; c++)
            {
                int at = pixel + c;
                double direct = Wide(dy[at]) * Math.Pow(Wide(s[at]), -options.Beta);
                dx[at] = Round<T>(direct - factor * Wide(x[at]) * windows.Sums[c]);
            }
        }
    }
}

/// <summary>The sums of one term per channel over a window around each, in a time that no window makes longer.</summary>
/// <remarks>
/// Blocks as long as a window are added up from both ends (van Herk, "A fast algorithm for local minimum and maximum
/// filters", 1992, for sums). A window is the end of one block and the beginning of the next, so that nothing is
/// subtracted and an infinity stays in its windows.
/// </remarks>
/// <param name="channels">How many channels there are.</param>
/// <param name="before">The channels that a window reaches before its own.</param>
/// <param name="after">The channels that it reaches after its own.</param>
file sealed class Windows(int channels, int before, int after)
{
    // No further than there are channels, so that no sum of them overflows for a window of any size.
    private readonly long _before = Math.Min(before, channels - 1);
    private readonly long _after = Math.Min(after, channels - 1);
    private readonly double[] _fromBegin = new double[channels];
    private readonly double[] _toEnd = new double[channels];

    /// <summary>What is added up.</summary>
    public double[] Terms { get; } = new double[channels];

    /// <summary>The sums that <see cref="Add"/> made.</summary>
    public double[] Sums { get; } = new double[channels];

    /// <summary>Adds up the terms.</summary>
    public void Add()
    {
        long length = _before + 1 + _after;
        double sum = 0;
        for (int c = 0; c < channels; c++)
            _fromBegin[c] = sum = Terms[c] + (c % length == 0 ? 0 : sum);
        for (int c = channels - 1; c >= 0; c--)
            _toEnd[c] = sum = Terms[c] + (c == channels - 1 || (c + 1) % length == 0 ? 0 : sum);
        for (int c = 0; c < channels; c++)
        {
            long first = Math.Max(c - _before, 0);
            long last = Math.Min(c + _after, channels - 1);
            // A window within one block begins with it, or is cut off by the last channel.
            Sums[c] =
                first / length != last / length ? _toEnd[first] + _fromBegin[last]
                : first % length == 0 ? _fromBegin[last]
                : _toEnd[first];
        }
    }
}
