using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Native;

// Chunks of rows of what is written. The pixels inside are copied as they lie in memory.
public sealed unsafe partial class NativeBackend
{
    private static readonly bool BorderPadding =
        Provide<BorderPaddingForward>((b, operation) => new BorderPaddingForwardKernel(b, operation))
        && Provide<BorderPaddingBackward>((b, operation) => new BorderPaddingBackwardKernel(b, operation));
}

internal sealed unsafe class BorderPaddingForwardKernel(NativeBackend backend, BorderPaddingForward operation)
    : RowKernel<BorderPaddingForward>(backend, operation, operation.Operands[1].Shape)
{
    private readonly Shape _input = operation.Operands[0].Shape;
    private readonly Shape _output = operation.Operands[1].Shape;

    protected override void ComputeRows(long first, long count, int worker)
    {
        int channels = _input.Channels;
        int length = _output.Width * channels;
        int inside = _input.Width * channels;
        Padding padding = Operation.Padding;
        for (long r = first; r < first + count; r++)
        {
            float* to = At(1, r * length);
            (long n, long i) = Math.DivRem(r, _output.Height);
            int row = BorderPaddingForward.Source(Operation.Kind, (int)i - padding.Top, _input.Height);
            if (row < 0)
            {
                new Span<float>(to, length).Clear();
                continue;
            }
            float* from = At(0, (n * _input.Height + row) * inside);
            for (int j = 0; j < padding.Left; j++)
                Fill(from, j - padding.Left, to + (long)j * channels);
            float* image = to + (long)padding.Left * channels;
            new ReadOnlySpan<float>(from, inside).CopyTo(new Span<float>(image, inside));
            for (int j = 0; j < padding.Right; j++)
                Fill(from, _input.Width + j, image + inside + (long)j * channels);
        }
    }

    // A pixel left or right of the image.
    private void Fill(float* row, int place, float* to)
    {
        int source = BorderPaddingForward.Source(Operation.Kind, place, _input.Width);
        if (source < 0)
            new Span<float>(to, _input.Channels).Clear();
        else
            PixelRow.Copy(row + (long)source * _input.Channels, _input.Channels, to);
    }
}

internal sealed unsafe class BorderPaddingBackwardKernel(NativeBackend backend, BorderPaddingBackward operation)
    : RowKernel<BorderPaddingBackward>(backend, operation, operation.Operands[1].Shape)
{
    private readonly Shape _output = operation.Operands[0].Shape;
    private readonly Shape _input = operation.Operands[1].Shape;
    private readonly int[][] _rows = Places(
        operation.Kind,
        operation.Operands[1].Shape.Height,
        (operation.Padding.Top, operation.Padding.Bottom)
    );
    private readonly int[][] _columns = Places(
        operation.Kind,
        operation.Operands[1].Shape.Width,
        (operation.Padding.Left, operation.Padding.Right)
    );

    protected override void ComputeRows(long first, long count, int worker)
    {
        int channels = _input.Channels;
        for (long r = first; r < first + count; r++)
        {
            (long n, long row) = Math.DivRem(r, _input.Height);
            float* image = At(0, n * _output.Height * _output.Width * channels);
            float* to = At(1, r * _input.Width * channels);
            int[] rows = _rows[row];
            int column = 0;
            while (column < _input.Width)
            {
                int alone = column;
                while (rows.Length == 1 && alone < _input.Width && _columns[alone].Length == 1)
                    alone++;
                if (alone > column)
                {
                    // Pixels with one place each, which lie side by side.
                    int length = (alone - column) * channels;
                    float* from = image + ((long)rows[0] * _output.Width + _columns[column][0]) * channels;
                    new ReadOnlySpan<float>(from, length).CopyTo(new Span<float>(to + (long)column * channels, length));
                    column = alone;
                }
                else
                    SumPlaces(image, rows, _columns[column], to + (long)column++ * channels);
            }
        }
    }

    private void SumPlaces(float* image, int[] rows, int[] columns, float* to)
    {
        for (int c = 0; c < _input.Channels; c += Lanes.Count)
        {
            int lanes = Math.Min(Lanes.Count, _input.Channels - c);
            WideSum sum = default;
            foreach (int row in rows)
            foreach (int column in columns)
                sum.Add(Lanes.Load(image + ((long)row * _output.Width + column) * _input.Channels + c, lanes));
            Lanes.Store(sum.Rounded, to + c, lanes);
        }
    }

    // The places that hold each pixel of an axis, in their order.
    private static int[][] Places(BorderKind kind, int size, (int Before, int After) padding)
    {
        var places = new List<int>[size];
        for (int pixel = 0; pixel < size; pixel++)
            places[pixel] = [];
        for (int place = 0; place < padding.Before + size + padding.After; place++)
        {
            int source = BorderPaddingForward.Source(kind, place - padding.Before, size);
            if (source >= 0)
                places[source].Add(place);
        }
        return Array.ConvertAll(places, of => of.ToArray());
    }
}
