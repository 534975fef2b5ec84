using NativeCnn.Backends.Operations;
using NativeCnn.Interop;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Native;

// Chunks of rows of channels, one for each filter and tap.
public sealed unsafe partial class NativeBackend
{
    private static readonly bool FilterArrangement =
        Provide<FilterArrangementForward>((b, operation) => new FilterArrangementForwardKernel(b, operation))
        && Provide<FilterArrangementBackward>((b, operation) => new FilterArrangementBackwardKernel(b, operation));
}

internal sealed unsafe class FilterArrangementForwardKernel(NativeBackend backend, FilterArrangementForward operation)
    : RowKernel<FilterArrangementForward>(
        backend,
        operation,
        operation.Operands[0].Shape.PixelCount,
        operation.Operands[0].Shape.Channels
    )
{
    protected override void ComputeRows(long first, long count, int worker)
    {
        Shape filters = Operation.Operands[0].Shape;
        int channels = filters.Channels;
        for (long row = first; row < first + count; row++)
        {
            long source = FilterArrangement.Source(filters, Operation.IsRotated, row);
            var w = new ReadOnlySpan<float>(At(0, source * channels), channels);
            var v = new Span<float>(At(1, row * channels), channels);
            if (Operation.Table is not { } table)
            {
                w.CopyTo(v);
                continue;
            }
            v.Clear();
            foreach (int c in table.Row(FilterArrangement.Filter(filters, row)))
                v[c] = w[c];
        }
    }
}

internal sealed unsafe class FilterArrangementBackwardKernel(NativeBackend backend, FilterArrangementBackward operation)
    : RowKernel<FilterArrangementBackward>(
        backend,
        operation,
        operation.Operands[0].Shape.PixelCount,
        operation.Operands[0].Shape.Channels
    )
{
    protected override void ComputeRows(long first, long count, int worker)
    {
        Shape filters = Operation.Operands[0].Shape;
        int channels = filters.Channels;
        for (long row = first; row < first + count; row++)
        {
            long source = FilterArrangement.Source(filters, Operation.IsRotated, row);
            float* dv = At(0, source * channels);
            float* dw = At(1, row * channels);
            if (Operation.Table is not { } table)
            {
                Shim.nativecnn_accumulate(dv, channels, dw);
                continue;
            }
            foreach (int c in table.Row(FilterArrangement.Filter(filters, row)))
                dw[c] += dv[c];
        }
    }
}
