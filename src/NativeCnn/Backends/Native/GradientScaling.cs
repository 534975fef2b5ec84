using System.Numerics;
using System.Runtime.InteropServices;
using NativeCnn.Backends.Operations;

namespace NativeCnn.Backends.Native;

// Chunks of consecutive elements.
public sealed unsafe partial class NativeBackend
{
    private static readonly bool GradientScaling = Provide<GradientScaling>(
        (b, operation) => new GradientScalingKernel(b, operation)
    );
}

internal sealed unsafe class GradientScalingKernel(NativeBackend backend, GradientScaling operation)
    : RowKernel<GradientScaling>(backend, operation, operation.Operands[0].Shape.Count, elementsPerRow: 1)
{
    protected override void ComputeRows(long first, long count, int worker)
    {
        float factor = (float)Scalar(0);
        var gradient = new Span<float>(At(0, first), (int)count);
        Span<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(gradient);
        foreach (ref Vector<float> vector in vectors)
            vector *= factor;
        foreach (ref float value in gradient[(vectors.Length * Vector<float>.Count)..])
            value *= factor;
    }
}
