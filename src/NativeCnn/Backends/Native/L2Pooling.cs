using NativeCnn.Backends.Operations;

namespace NativeCnn.Backends.Native;

public sealed unsafe partial class NativeBackend
{
    private static readonly bool L2Pooling =
        Provide<L2PoolingForward>((b, operation) => new L2PoolingForwardKernel(b, operation))
        && Provide<L2PoolingBackward>((b, operation) => new L2PoolingBackwardKernel(b, operation));
}

internal sealed unsafe class L2PoolingForwardKernel(NativeBackend backend, L2PoolingForward operation)
    : WindowKernel<L2PoolingForward>(backend, operation, operation.Geometry, isForward: true)
{
    protected override void ComputeLanes(long n, int row, int column, int c, int lanes)
    {
        (int top, int bottom) = Down.Pixels(row);
        (int left, int right) = Across.Pixels(column);
        WideSum sum = default;
        for (int y = top; y < bottom; y++)
        {
            float* pixel = At(0, InputAt(n, y, left) + c);
            for (int x = left; x < right; x++, pixel += Input.Channels)
            {
                var values = Lanes.Load(pixel, lanes);
                sum.AddProduct(values, values);
            }
        }
        double divisor = (double)Down.Counted(row) * Across.Counted(column);
        Lanes.Store(sum.Root(1 / divisor), At(1, OutputAt(n, row, column) + c), lanes);
    }
}

internal sealed unsafe class L2PoolingBackwardKernel(NativeBackend backend, L2PoolingBackward operation)
    : WindowKernel<L2PoolingBackward>(backend, operation, operation.Geometry, isForward: false)
{
    protected override void ComputeLanes(long n, int row, int column, int c, int lanes)
    {
        (int top, int bottom) = Down.Windows(row);
        (int left, int right) = Across.Windows(column);
        WideSum sum = default;
        for (int i = top; i < bottom; i++)
        for (int j = left; j < right; j++)
        {
            long place = OutputAt(n, i, j) + c;
            double divisor = (double)Down.Counted(i) * Across.Counted(j);
            sum.AddQuotient(Lanes.Load(At(2, place), lanes), Lanes.Load(At(1, place), lanes), 1 / divisor);
        }
        long pixel = InputAt(n, row, column) + c;
        Lanes.Store(sum.Times(Lanes.Load(At(0, pixel), lanes)), At(3, pixel), lanes);
    }
}
