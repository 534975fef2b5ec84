using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Managed;

public sealed partial class ManagedBackend
{
    private static readonly bool AdaptivePooling =
        Provide<AdaptiveAveragePoolingForward>((b, operation) => new AdaptiveAveragePoolingForwardKernel(b, operation))
        && Provide<AdaptiveAveragePoolingBackward>(
            (b, operation) => new AdaptiveAveragePoolingBackwardKernel(b, operation)
        )
        && Provide<AdaptiveMaxPoolingForward>((b, operation) => new AdaptiveMaxPoolingForwardKernel(b, operation))
        && Provide<AdaptiveMaxPoolingBackward>((b, operation) => new AdaptiveMaxPoolingBackwardKernel(b, operation));
}

internal sealed class AdaptiveAveragePoolingForwardKernel(
    ManagedBackend backend,
    AdaptiveAveragePoolingForward operation
) : ManagedKernel<AdaptiveAveragePoolingForward>(backend, operation)
{
    // y[n,i,j,c] = Σ x[n,row,column,c] / pixels, ⌊i·H/H'⌋ ≤ row < ⌈(i + 1)·H/H'⌉ and so across
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        Shape input = operands[0]!.Shape;
        ReadOnlySpan<T> x = Elements<T>(operands[0]);
        Span<T> y = Elements<T>(operands[1]);
        foreach (AdaptivePlace place in AdaptivePlace.All(input, operands[1]!.Shape))
        {
            double sum = 0;
            foreach (int pixel in place.Pixels)
                sum += Wide(x[pixel]);
            y[place.Output] = Round<T>(sum / place.Count);
        }
    }
}

internal sealed class AdaptiveAveragePoolingBackwardKernel(
    ManagedBackend backend,
    AdaptiveAveragePoolingBackward operation
) : ManagedKernel<AdaptiveAveragePoolingBackward>(backend, operation)
{
    // dx[n,row,column,c] = Σ dy[n,i,j,c] / pixels over the windows that hold (row, column)
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        ReadOnlySpan<T> dy = Elements<T>(operands[0]);
        Span<T> dx = Elements<T>(operands[1]);
        var sums = new double[dx.Length];
        foreach (AdaptivePlace place in AdaptivePlace.All(operands[1]!.Shape, operands[0]!.Shape))
        {
            double share = Wide(dy[place.Output]) / place.Count;
            foreach (int pixel in place.Pixels)
                sums[pixel] += share;
        }
        for (int k = 0; k < sums.Length; k++)
            dx[k] = Round<T>(sums[k]);
    }
}

internal sealed class AdaptiveMaxPoolingForwardKernel(ManagedBackend backend, AdaptiveMaxPoolingForward operation)
    : ManagedKernel<AdaptiveMaxPoolingForward>(backend, operation)
{
    // y[n,i,j,c] = max x[n,row,column,c] over the window. First of equals in scan order; a NaN beats every number.
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        Shape input = operands[0]!.Shape;
        ReadOnlySpan<T> x = Elements<T>(operands[0]);
        Span<T> y = Elements<T>(operands[1]);
        Span<int> argmax = Elements<int>(operands[2]);
        foreach (AdaptivePlace place in AdaptivePlace.All(input, operands[1]!.Shape))
        {
            int winner = -1;
            foreach (int pixel in place.Pixels)
            {
                if (winner < 0 || x[pixel] > x[winner] || (T.IsNaN(x[pixel]) && !T.IsNaN(x[winner])))
                    winner = pixel;
            }
            y[place.Output] = x[winner];
            if (!argmax.IsEmpty)
                argmax[place.Output] = winner / input.Channels % (input.Height * input.Width);
        }
    }
}

internal sealed class AdaptiveMaxPoolingBackwardKernel(ManagedBackend backend, AdaptiveMaxPoolingBackward operation)
    : ManagedKernel<AdaptiveMaxPoolingBackward>(backend, operation)
{
    // dx[n,row,column,c] = Σ dy[n,i,j,c] over the windows whose place is row·W + column
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        Shape input = operands[2]!.Shape;
        ReadOnlySpan<T> dy = Elements<T>(operands[0]);
        ReadOnlySpan<int> argmax = Elements<int>(operands[1]);
        Span<T> dx = Elements<T>(operands[2]);
        var sums = new double[dx.Length];
        foreach (AdaptivePlace place in AdaptivePlace.All(input, operands[0]!.Shape))
        foreach (int pixel in place.Pixels)
        {
            if (pixel / input.Channels % (input.Height * input.Width) == argmax[place.Output])
                sums[pixel] += Wide(dy[place.Output]);
        }
        for (int k = 0; k < sums.Length; k++)
            dx[k] = Round<T>(sums[k]);
    }
}

/// <summary>An output element and the input elements of its window, in scan order.</summary>
file readonly record struct AdaptivePlace(int Output, int Count, IEnumerable<int> Pixels)
{
    public static IEnumerable<AdaptivePlace> All(Shape input, Shape output)
    {
        int place = 0;
        for (int n = 0; n < output.BatchSize; n++)
        for (int i = 0; i < output.Height; i++)
        for (int j = 0; j < output.Width; j++)
        for (int c = 0; c < output.Channels; c++)
        {
            int top = AdaptiveWindow.Begin(i, input.Height, output.Height);
            int left = AdaptiveWindow.Begin(j, input.Width, output.Width);
            int bottom = AdaptiveWindow.End(i, input.Height, output.Height);
            int right = AdaptiveWindow.End(j, input.Width, output.Width);
            int count = (bottom - top) * (right - left);
            yield return new AdaptivePlace(place++, count, Window(input, n, c, (top, left, bottom, right)));
        }
    }

    private static IEnumerable<int> Window(Shape input, int n, int c, (int Top, int Left, int Bottom, int Right) window)
    {
        for (int row = window.Top; row < window.Bottom; row++)
        for (int column = window.Left; column < window.Right; column++)
            yield return ((n * input.Height + row) * input.Width + column) * input.Channels + c;
    }
}
