using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Managed;

public sealed partial class ManagedBackend
{
    private static readonly bool BorderPadding =
        Provide<BorderPaddingForward>((b, operation) => new BorderPaddingForwardKernel(b, operation))
        && Provide<BorderPaddingBackward>((b, operation) => new BorderPaddingBackwardKernel(b, operation));
}

internal sealed class BorderPaddingForwardKernel(ManagedBackend backend, BorderPaddingForward operation)
    : ManagedKernel<BorderPaddingForward>(backend, operation)
{
    // y[place] = x[the pixel that it holds], or 0
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        ReadOnlySpan<T> x = Elements<T>(operands[0]);
        Span<T> y = Elements<T>(operands[1]);
        int place = 0;
        foreach (int source in BorderPlaces.All(Operation.Kind, operands[0]!.Shape, Operation.Padding))
            y[place++] = source < 0 ? T.Zero : x[source];
    }
}

internal sealed class BorderPaddingBackwardKernel(ManagedBackend backend, BorderPaddingBackward operation)
    : ManagedKernel<BorderPaddingBackward>(backend, operation)
{
    // dx[pixel] = Σ dy[place] over the places that hold the pixel
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        ReadOnlySpan<T> dy = Elements<T>(operands[0]);
        Span<T> dx = Elements<T>(operands[1]);
        var sums = new double[dx.Length];
        int place = 0;
        foreach (int source in BorderPlaces.All(Operation.Kind, operands[1]!.Shape, Operation.Padding))
        {
            double gradient = Wide(dy[place++]);
            if (source >= 0)
                sums[source] += gradient;
        }
        for (int k = 0; k < sums.Length; k++)
            dx[k] = Round<T>(sums[k]);
    }
}

file static class BorderPlaces
{
    /// <summary>For each element of the padded image the one of the image that it holds; −1 for none.</summary>
    public static IEnumerable<int> All(BorderKind kind, Shape image, Padding padding)
    {
        for (int n = 0; n < image.BatchSize; n++)
        for (int i = -padding.Top; i < image.Height + padding.Bottom; i++)
        for (int j = -padding.Left; j < image.Width + padding.Right; j++)
        for (int c = 0; c < image.Channels; c++)
        {
            int row = BorderPaddingForward.Source(kind, i, image.Height);
            int column = BorderPaddingForward.Source(kind, j, image.Width);
            yield return row < 0 || column < 0
                ? -1
                : ((n * image.Height + row) * image.Width + column) * image.Channels + c;
        }
    }
}
