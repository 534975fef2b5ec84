using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Native;

// Chunks of rows of the small image forward, of the large one backward.
public sealed unsafe partial class NativeBackend
{
    private static readonly bool Skipping =
        Provide<SkippingForward>((b, operation) => new SkippingForwardKernel(b, operation))
        && Provide<SkippingBackward>((b, operation) => new SkippingBackwardKernel(b, operation));
}

internal sealed unsafe class SkippingForwardKernel(NativeBackend backend, SkippingForward operation)
    : RowKernel<SkippingForward>(
        backend,
        operation,
        (long)operation.Operands[1].Shape.BatchSize * operation.Operands[1].Shape.Height,
        (long)operation.Operands[0].Shape.Width * operation.Operands[0].Shape.Channels
    )
{
    private readonly Shape _input = operation.Operands[0].Shape;
    private readonly Shape _output = operation.Operands[1].Shape;

    protected override void ComputeRows(long first, long count, int worker)
    {
        for (long r = first; r < first + count; r++)
            PixelRow.Skip(
                At(0, PixelRow.Start(_output, r, Operation.Step.Height, _input)),
                _output,
                Operation.Step.Width,
                At(1, r * _output.Width * _output.Channels)
            );
    }
}

internal sealed unsafe class SkippingBackwardKernel(NativeBackend backend, SkippingBackward operation)
    : RowKernel<SkippingBackward>(backend, operation, operation.Operands[1].Shape)
{
    private readonly Shape _output = operation.Operands[0].Shape;
    private readonly Shape _input = operation.Operands[1].Shape;

    protected override void ComputeRows(long first, long count, int worker)
    {
        int length = _input.Width * _input.Channels;
        for (long r = first; r < first + count; r++)
        {
            float* to = At(1, r * length);
            new Span<float>(to, length).Clear();
            (long n, long row) = Math.DivRem(r, _input.Height);
            (long i, long rest) = Math.DivRem(row, Operation.Step.Height);
            if (rest == 0)
                PixelRow.Insert(
                    At(0, (n * _output.Height + i) * _output.Width * _output.Channels),
                    _output,
                    Operation.Step.Width,
                    to
                );
        }
    }
}

/// <summary>A row of a small image and one of a large image, whose pixels lie steps apart.</summary>
internal static unsafe class PixelRow
{
    /// <summary>The first element of row i·step of the large image, i being that of row r over the batch.</summary>
    public static long Start(Shape small, long r, int step, Shape large)
    {
        (long n, long i) = Math.DivRem(r, small.Height);
        return (n * large.Height + i * step) * large.Width * large.Channels;
    }

    /// <summary>Every step-th pixel of a large row.</summary>
    public static void Skip(float* large, Shape small, int step, float* to)
    {
        long stride = (long)step * small.Channels;
        for (int j = 0; j < small.Width; j++)
            Copy(large + j * stride, small.Channels, to + (long)j * small.Channels);
    }

    /// <summary>The pixels of a small row as every step-th of a large one.</summary>
    public static void Insert(float* row, Shape small, int step, float* large)
    {
        long stride = (long)step * small.Channels;
        for (int j = 0; j < small.Width; j++)
            Copy(row + (long)j * small.Channels, small.Channels, large + j * stride);
    }

    /// <summary>A pixel's channels.</summary>
    public static void Copy(float* from, int channels, float* to)
    {
        if (channels >= Lanes.Count)
            new ReadOnlySpan<float>(from, channels).CopyTo(new Span<float>(to, channels));
        else
            for (int c = 0; c < channels; c++)
                to[c] = from[c];
    }
}
