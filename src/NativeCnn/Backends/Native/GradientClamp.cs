using System.Numerics;
using System.Runtime.InteropServices;
using NativeCnn.Backends.Operations;

namespace NativeCnn.Backends.Native;

// Chunks of consecutive elements.
public sealed unsafe partial class NativeBackend
{
    private static readonly bool GradientClamp = Provide<GradientClamp>(
        (b, operation) => new GradientClampKernel(b, operation)
    );
}

internal sealed unsafe class GradientClampKernel(NativeBackend backend, GradientClamp operation)
    : RowKernel<GradientClamp>(backend, operation, operation.Operands[0].Shape.Count, elementsPerRow: 1)
{
    protected override void ComputeRows(long first, long count, int worker)
    {
        float limit = (float)Scalar(0);
        var gradient = new Span<float>(At(0, first), (int)count);
        Span<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(gradient);
        foreach (ref Vector<float> vector in vectors)
            vector = Clamp(vector, new Vector<float>(limit));
        foreach (ref float value in gradient[(vectors.Length * Vector<float>.Count)..])
            value = Math.Clamp(value, -limit, limit);
    }

    // NaN is neither above nor below.
    private static Vector<float> Clamp(Vector<float> values, Vector<float> limit) =>
        Vector.ConditionalSelect(
            Vector.GreaterThan(values, limit),
            limit,
            Vector.ConditionalSelect(Vector.LessThan(values, -limit), -limit, values)
        );
}
