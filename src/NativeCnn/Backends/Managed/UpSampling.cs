using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Managed;

public sealed partial class ManagedBackend
{
    private static readonly bool UpSampling =
        Provide<UpSamplingForward>((b, operation) => new UpSamplingForwardKernel(b, operation))
        && Provide<UpSamplingBackward>((b, operation) => new UpSamplingBackwardKernel(b, operation));
}

internal sealed class UpSamplingForwardKernel(ManagedBackend backend, UpSamplingForward operation)
    : ManagedKernel<UpSamplingForward>(backend, operation)
{
    // y[n, i·f + a, j·f + b, c] = w_ab x[n,i,j,c]
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        (Shape input, Shape output) = (operands[0]!.Shape, operands[1]!.Shape);
        ReadOnlySpan<T> x = Elements<T>(operands[0]);
        Span<T> y = Elements<T>(operands[1]);
        foreach ((int from, int to, double weight) in BlockPlace.All(Operation.Kind, input, output, Operation.Factor))
            y[to] = weight == 0 ? T.Zero : Round<T>(weight * Wide(x[from]));
    }
}

internal sealed class UpSamplingBackwardKernel(ManagedBackend backend, UpSamplingBackward operation)
    : ManagedKernel<UpSamplingBackward>(backend, operation)
{
    // dx[n,i,j,c] = Σ w_ab dy[n, i·f + a, j·f + b, c]
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        (Shape output, Shape input) = (operands[0]!.Shape, operands[1]!.Shape);
        ReadOnlySpan<T> dy = Elements<T>(operands[0]);
        Span<T> dx = Elements<T>(operands[1]);
        var sums = new double[dx.Length];
        foreach ((int to, int from, double weight) in BlockPlace.All(Operation.Kind, input, output, Operation.Factor))
        {
            if (weight != 0)
                sums[to] += weight * Wide(dy[from]);
        }
        for (int k = 0; k < sums.Length; k++)
            dx[k] = Round<T>(sums[k]);
    }
}

/// <summary>An element of the large image, the one of the small that it comes from, and its weight w_ab.</summary>
file readonly record struct BlockPlace(int Small, int Large, double Weight)
{
    public static IEnumerable<BlockPlace> All(UpSamplingKind kind, Shape small, Shape large, Size2 factor)
    {
        int place = 0;
        for (int n = 0; n < large.BatchSize; n++)
        for (int row = 0; row < large.Height; row++)
        for (int column = 0; column < large.Width; column++)
        for (int c = 0; c < large.Channels; c++)
        {
            bool isFirst = row % factor.Height == 0 && column % factor.Width == 0;
            double weight = kind switch
            {
                UpSamplingKind.Nearest => 1,
                UpSamplingKind.ZeroInsertion => isFirst ? 1 : 0,
                _ => 1.0 / ((double)factor.Height * factor.Width),
            };
            int pixel = (n * small.Height + row / factor.Height) * small.Width + column / factor.Width;
            yield return new BlockPlace(pixel * small.Channels + c, place++, weight);
        }
    }
}
