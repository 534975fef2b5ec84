using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Native;

// Chunks of rows of the small image, each a row of blocks of the large one.
public sealed unsafe partial class NativeBackend
{
    private static readonly bool UpSampling =
        Provide<UpSamplingForward>((b, operation) => new UpSamplingForwardKernel(b, operation))
        && Provide<UpSamplingBackward>((b, operation) => new UpSamplingBackwardKernel(b, operation));
}

internal sealed unsafe class UpSamplingForwardKernel(NativeBackend backend, UpSamplingForward operation)
    : RowKernel<UpSamplingForward>(
        backend,
        operation,
        (long)operation.Operands[0].Shape.BatchSize * operation.Operands[0].Shape.Height,
        (long)operation.Operands[1].Shape.Width * operation.Operands[1].Shape.Channels * operation.Factor.Height
    )
{
    private readonly Shape _input = operation.Operands[0].Shape;
    private readonly Shape _output = operation.Operands[1].Shape;
    private readonly double _scale = UpSamplingForward.ScaleOf(operation.Kind, operation.Factor);

    protected override void ComputeRows(long first, long count, int worker)
    {
        int length = _output.Width * _output.Channels;
        bool isZeroInsertion = Operation.Kind == UpSamplingKind.ZeroInsertion;
        for (long r = first; r < first + count; r++)
        {
            float* from = At(0, r * _input.Width * _input.Channels);
            float* to = At(1, PixelRow.Start(_input, r, Operation.Factor.Height, _output));
            var row = new Span<float>(to, length);
            if (isZeroInsertion)
            {
                row.Clear();
                PixelRow.Insert(from, _input, Operation.Factor.Width, to);
            }
            else
                Blocks.Repeat(from, _input, Operation.Factor.Width, _scale, to);
            for (int a = 1; a < Operation.Factor.Height; a++)
            {
                var copy = new Span<float>(to + (long)a * length, length);
                if (isZeroInsertion)
                    copy.Clear();
                else
                    row.CopyTo(copy);
            }
        }
    }
}

internal sealed unsafe class UpSamplingBackwardKernel(NativeBackend backend, UpSamplingBackward operation)
    : RowKernel<UpSamplingBackward>(
        backend,
        operation,
        (long)operation.Operands[1].Shape.BatchSize * operation.Operands[1].Shape.Height,
        (long)operation.Operands[0].Shape.Width * operation.Operands[0].Shape.Channels * operation.Factor.Height
    )
{
    private readonly Shape _output = operation.Operands[0].Shape;
    private readonly Shape _input = operation.Operands[1].Shape;
    private readonly double _scale = UpSamplingForward.ScaleOf(operation.Kind, operation.Factor);

    protected override void ComputeRows(long first, long count, int worker)
    {
        for (long r = first; r < first + count; r++)
        {
            float* from = At(0, PixelRow.Start(_input, r, Operation.Factor.Height, _output));
            float* to = At(1, r * _input.Width * _input.Channels);
            if (Operation.Kind == UpSamplingKind.ZeroInsertion)
                PixelRow.Skip(from, _input, Operation.Factor.Width, to);
            else
                Blocks.Sum(from, _input, Operation.Factor, _scale, to);
        }
    }
}

/// <summary>A row of pixels of a small image, and the row of blocks of a large one that they stand for.</summary>
internal static unsafe class Blocks
{
    /// <summary>Writes each pixel, scaled, the width of a block times into the first row of the blocks.</summary>
    public static void Repeat(float* row, Shape small, int width, double scale, float* to)
    {
        for (int j = 0; j < small.Width; j++, row += small.Channels)
        {
            float* first = to;
            for (int c = 0; c < small.Channels; c++)
                first[c] = (float)(row[c] * scale);
            to += small.Channels;
            for (int b = 1; b < width; b++, to += small.Channels)
                PixelRow.Copy(first, small.Channels, to);
        }
    }

    /// <summary>Writes the sum of each block, scaled; from is the first of the blocks.</summary>
    public static void Sum(float* from, Shape small, Size2 block, double scale, float* to)
    {
        long pixels = (long)block.Width * small.Channels;
        long row = pixels * small.Width;
        for (int j = 0; j < small.Width; j++)
        for (int c = 0; c < small.Channels; c += Lanes.Count)
        {
            int lanes = Math.Min(Lanes.Count, small.Channels - c);
            WideSum sum = default;
            for (int a = 0; a < block.Height; a++)
            {
                float* pixel = from + a * row + j * pixels + c;
                for (int b = 0; b < block.Width; b++, pixel += small.Channels)
                    sum.Add(Lanes.Load(pixel, lanes));
            }
            Lanes.Store(sum.Scaled(scale), to + (long)j * small.Channels + c, lanes);
        }
    }
}
