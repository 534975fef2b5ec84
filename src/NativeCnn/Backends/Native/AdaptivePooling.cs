using System.Numerics;
using NativeCnn.Backends.Operations;

namespace NativeCnn.Backends.Native;

public sealed unsafe partial class NativeBackend
{
    private static readonly bool AdaptivePooling =
        Provide<AdaptiveAveragePoolingForward>((b, operation) => new AdaptiveAveragePoolingForwardKernel(b, operation))
        && Provide<AdaptiveAveragePoolingBackward>(
            (b, operation) => new AdaptiveAveragePoolingBackwardKernel(b, operation)
        )
        && Provide<AdaptiveMaxPoolingForward>((b, operation) => new AdaptiveMaxPoolingForwardKernel(b, operation))
        && Provide<AdaptiveMaxPoolingBackward>((b, operation) => new AdaptiveMaxPoolingBackwardKernel(b, operation));
}

internal sealed unsafe class AdaptiveAveragePoolingForwardKernel(
    NativeBackend backend,
    AdaptiveAveragePoolingForward operation
)
    : WindowKernel<AdaptiveAveragePoolingForward>(
        backend,
        operation,
        operation.Operands[0].Shape,
        operation.Operands[1].Shape,
        isForward: true
    )
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
                sum.Add(Lanes.Load(pixel, lanes));
        }
        double divisor = (double)Down.Counted(row) * Across.Counted(column);
        Lanes.Store(sum.Scaled(1 / divisor), At(1, OutputAt(n, row, column) + c), lanes);
    }
}

internal sealed unsafe class AdaptiveAveragePoolingBackwardKernel(
    NativeBackend backend,
    AdaptiveAveragePoolingBackward operation
)
    : WindowKernel<AdaptiveAveragePoolingBackward>(
        backend,
        operation,
        operation.Operands[1].Shape,
        operation.Operands[0].Shape,
        isForward: false
    )
{
    protected override void ComputeLanes(long n, int row, int column, int c, int lanes)
    {
        (int top, int bottom) = Down.Windows(row);
        (int left, int right) = Across.Windows(column);
        WideSum sum = default;
        for (int i = top; i < bottom; i++)
        for (int j = left; j < right; j++)
        {
            double divisor = (double)Down.Counted(i) * Across.Counted(j);
            sum.Add(Lanes.Load(At(0, OutputAt(n, i, j) + c), lanes), 1 / divisor);
        }
        Lanes.Store(sum.Rounded, At(1, InputAt(n, row, column) + c), lanes);
    }
}

internal sealed unsafe class AdaptiveMaxPoolingForwardKernel(NativeBackend backend, AdaptiveMaxPoolingForward operation)
    : WindowKernel<AdaptiveMaxPoolingForward>(
        backend,
        operation,
        operation.Operands[0].Shape,
        operation.Operands[1].Shape,
        isForward: true
    )
{
    protected override void ComputeLanes(long n, int row, int column, int c, int lanes)
    {
        (int top, int bottom) = Down.Pixels(row);
        (int left, int right) = Across.Pixels(column);
        Vector<float> best = Lanes.Load(At(0, InputAt(n, top, left) + c), lanes);
        var places = new Vector<int>(top * Input.Width + left);
        for (int y = top; y < bottom; y++)
        {
            float* pixel = At(0, InputAt(n, y, left) + c);
            for (int x = left; x < right; x++, pixel += Input.Channels)
            {
                Vector<float> values = Lanes.Load(pixel, lanes);
                // Above: larger, or the first NaN; only a NaN differs from itself.
                Vector<int> isNumber = Vector.Equals(best, best);
                Vector<int> above =
                    Vector.GreaterThan(values, best) | Vector.AndNot(isNumber, Vector.Equals(values, values));
                best = Vector.ConditionalSelect(above, values, best);
                places = Vector.ConditionalSelect(above, new Vector<int>(y * Input.Width + x), places);
            }
        }
        long output = OutputAt(n, row, column) + c;
        Lanes.Store(best, At(1, output), lanes);
        // The bits alone are moved.
        if (At(2) != null)
            Lanes.Store(Vector.AsVectorSingle(places), At(2, output), lanes);
    }
}

internal sealed unsafe class AdaptiveMaxPoolingBackwardKernel(
    NativeBackend backend,
    AdaptiveMaxPoolingBackward operation
)
    : WindowKernel<AdaptiveMaxPoolingBackward>(
        backend,
        operation,
        operation.Operands[2].Shape,
        operation.Operands[0].Shape,
        isForward: false
    )
{
    protected override void ComputeLanes(long n, int row, int column, int c, int lanes)
    {
        (int top, int bottom) = Down.Windows(row);
        (int left, int right) = Across.Windows(column);
        var own = new Vector<int>(row * Input.Width + column);
        WideSum sum = default;
        for (int i = top; i < bottom; i++)
        for (int j = left; j < right; j++)
        {
            long place = OutputAt(n, i, j) + c;
            Vector<int> won = Vector.Equals(Vector.AsVectorInt32(Lanes.Load(At(1, place), lanes)), own);
            Vector<float> gradient = Lanes.Load(At(0, place), lanes);
            sum.Add(Vector.ConditionalSelect(won, gradient, Vector<float>.Zero));
        }
        Lanes.Store(sum.Rounded, At(2, InputAt(n, row, column) + c), lanes);
    }
}
