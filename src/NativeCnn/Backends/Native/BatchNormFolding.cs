using NativeCnn.Backends.Operations;
using NativeCnn.Interop;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Native;

// The constants of all channels first, then chunks of rows: of filters, or of a transposed convolution's taps.
public sealed unsafe partial class NativeBackend
{
    private static readonly bool BatchNormFolding = Provide<BatchNormFolding>(
        (b, operation) => new BatchNormFoldingKernel(b, operation)
    );
}

internal sealed unsafe class BatchNormFoldingKernel : RowKernel<BatchNormFolding>
{
    private readonly int _length;
    private readonly int _channels;

    public BatchNormFoldingKernel(NativeBackend backend, BatchNormFolding operation)
        : this(backend, operation, operation.Operands[0].Shape, operation.TransposedGroups > 0) { }

    private BatchNormFoldingKernel(NativeBackend backend, BatchNormFolding operation, Shape filters, bool isTransposed)
        : base(
            backend,
            operation,
            isTransposed ? filters.PixelCount : filters.Outputs,
            isTransposed ? filters.Channels : filters.ElementsPerExample
        )
    {
        _length = isTransposed ? filters.Channels : filters.ElementsPerExample;
        _channels = operation.Operands[2].Shape.Count;
        // Factors, and zeros.
        Memory.RequireShared(_channels + (isTransposed ? (long)_length : 0));
    }

    private float* Zeros => Memory.Shared + _channels;

    protected override void Launch()
    {
        for (int c = 0; c < _channels; c++)
        {
            double scale = At(2)[c] / Math.Sqrt((double)At(5)[c] + Operation.Epsilon);
            double bias = At(1) == null ? 0 : At(1)[c];
            Memory.Shared[c] = (float)scale;
            At(7)[c] = (float)((bias - At(4)[c]) * scale + At(3)[c]);
        }
        if (Operation.TransposedGroups > 0)
            new Span<float>(Zeros, _length).Clear();
        base.Launch();
    }

    protected override void ComputeRows(long first, long count, int worker)
    {
        if (Operation.TransposedGroups == 0)
        {
            float* factors = Memory.Shared + first;
            Shim.nativecnn_pixel_combine(Row(0, first), factors, null, null, count, _length, Row(6, first));
            return;
        }
        long rowsPerGroup = Rows / Operation.TransposedGroups;
        for (long end = first + count; first < end; )
        {
            long rows = Math.Min(end, (first / rowsPerGroup + 1) * rowsPerGroup) - first;
            float* factors = Memory.Shared + Operation.FirstChannel(first);
            Shim.nativecnn_channel_normalize(Row(0, first), rows, _length, Zeros, factors, Zeros, Row(6, first), 0);
            first += rows;
        }
    }

    private float* Row(int place, long row) => At(place, row * _length);
}
