using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Managed;

public sealed partial class ManagedBackend
{
    private static readonly bool FilterArrangement =
        Provide<FilterArrangementForward>((b, operation) => new FilterArrangementForwardKernel(b, operation))
        && Provide<FilterArrangementBackward>((b, operation) => new FilterArrangementBackwardKernel(b, operation));
}

internal sealed class FilterArrangementForwardKernel(ManagedBackend backend, FilterArrangementForward operation)
    : ManagedKernel<FilterArrangementForward>(backend, operation)
{
    // v[o,t,c] = w[o, T − 1 − t, c] or w[o,t,c] where c is connected to o, 0 elsewhere; t counts the taps
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        Shape filters = operands[0]!.Shape;
        ReadOnlySpan<T> w = Elements<T>(operands[0]);
        Span<T> v = Elements<T>(operands[1]);
        int taps = filters.Height * filters.Width;
        for (int o = 0; o < filters.Outputs; o++)
        for (int t = 0; t < taps; t++)
        for (int c = 0; c < filters.Channels; c++)
        {
            int source = Operation.IsRotated ? taps - 1 - t : t;
            bool isConnected = Operation.Table is null || Operation.Table.Row(o).Contains(c);
            v[(o * taps + t) * filters.Channels + c] = isConnected
                ? w[(o * taps + source) * filters.Channels + c]
                : T.Zero;
        }
    }
}

internal sealed class FilterArrangementBackwardKernel(ManagedBackend backend, FilterArrangementBackward operation)
    : ManagedKernel<FilterArrangementBackward>(backend, operation)
{
    // dw[o,t,c] += dv[o, T − 1 − t, c] or dv[o,t,c] where c is connected to o
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        Shape filters = operands[0]!.Shape;
        ReadOnlySpan<T> dv = Elements<T>(operands[0]);
        Span<T> dw = Elements<T>(operands[1]);
        int taps = filters.Height * filters.Width;
        for (int o = 0; o < filters.Outputs; o++)
        for (int t = 0; t < taps; t++)
        for (int c = 0; c < filters.Channels; c++)
        {
            int source = Operation.IsRotated ? taps - 1 - t : t;
            if (Operation.Table is null || Operation.Table.Row(o).Contains(c))
                dw[(o * taps + t) * filters.Channels + c] += dv[(o * taps + source) * filters.Channels + c];
        }
    }
}
