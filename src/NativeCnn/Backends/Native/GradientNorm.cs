using System.Numerics;
using System.Runtime.InteropServices;
using NativeCnn.Backends.Operations;

namespace NativeCnn.Backends.Native;

// Chunks of consecutive elements, then the chunks' sums in their order.
public sealed unsafe partial class NativeBackend
{
    private static readonly bool GradientNorm = Provide<GradientNorm>(
        (b, operation) => new GradientNormKernel(b, operation)
    );
}

// √Σ g², in float64, where no square of a float32 overflows.
internal sealed unsafe class GradientNormKernel(NativeBackend backend, GradientNorm operation)
    : RowKernel<GradientNorm>(backend, operation, operation.Operands[0].Shape.Count, elementsPerRow: 1)
{
    private readonly double[] _sums = new double[
        NativeBackend.ChunkCount(operation.Operands[0].Shape.Count, NativeBackend.ElementsPerChunk)
    ];

    protected override void Launch()
    {
        base.Launch();
        double sum = 0;
        foreach (double partial in _sums)
            sum += partial;
        *At(1) = (float)Math.Sqrt(sum);
    }

    protected override void ComputeRows(long first, long count, int worker) =>
        _sums[first / NativeBackend.ElementsPerChunk] = SumOfSquares(new ReadOnlySpan<float>(At(0, first), (int)count));

    private static double SumOfSquares(ReadOnlySpan<float> values)
    {
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        Vector<double> sums = Vector<double>.Zero;
        foreach (Vector<float> vector in vectors)
        {
            Vector.Widen(vector, out Vector<double> low, out Vector<double> high);
            sums += low * low + high * high;
        }
        double sum = Vector.Sum(sums);
        for (int i = vectors.Length * Vector<float>.Count; i < values.Length; i++)
            sum += (double)values[i] * values[i];
        return sum;
    }
}
