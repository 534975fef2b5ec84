using System.Numerics;
using System.Runtime.InteropServices;
using NativeCnn.Backends.Operations;

namespace NativeCnn.Backends.Native;

// Chunks of consecutive elements, then the chunks' sums in their order.
public sealed unsafe partial class NativeBackend
{
    private static readonly bool WeightPenalty = Provide<WeightPenalty>(
        (b, operation) => new WeightPenaltyKernel(b, operation)
    );
}

// With the slope d = w of L2 and d = sign w of L1, both norms are sums of w d, of which L2 takes half.
internal sealed unsafe class WeightPenaltyKernel(NativeBackend backend, WeightPenalty operation)
    : RowKernel<WeightPenalty>(backend, operation, operation.Operands[0].Shape.Count, elementsPerRow: 1)
{
    private readonly double[] _sums = new double[
        NativeBackend.ChunkCount(operation.Operands[0].Shape.Count, NativeBackend.ElementsPerChunk)
    ];

    protected override void Launch()
    {
        base.Launch();
        double strength = Scalar(0);
        double sum = 0;
        foreach (double partial in _sums)
            sum += partial;
        *At(2) = (float)((Operation.Kind == WeightPenaltyKind.L2 ? strength / 2 : strength) * sum);
    }

    protected override void ComputeRows(long first, long count, int worker) =>
        _sums[first / NativeBackend.ElementsPerChunk] = AddGradient(
            Operation.Kind == WeightPenaltyKind.L1,
            (float)Scalar(0),
            new ReadOnlySpan<float>(At(0, first), (int)count),
            new Span<float>(At(1, first), (int)count)
        );

    // Adds strength · d to the gradient and returns Σ w d.
    private static double AddGradient(bool isL1, float strength, ReadOnlySpan<float> values, Span<float> gradient)
    {
        ReadOnlySpan<Vector<float>> w = MemoryMarshal.Cast<float, Vector<float>>(values);
        Span<Vector<float>> dw = MemoryMarshal.Cast<float, Vector<float>>(gradient);
        Vector<double> sums = Vector<double>.Zero;
        for (int i = 0; i < w.Length; i++)
        {
            Vector<float> slope = isL1 ? Sign(w[i]) : w[i];
            dw[i] += slope * strength;
            Vector.Widen(w[i], out Vector<double> valueLow, out Vector<double> valueHigh);
            Vector.Widen(slope, out Vector<double> slopeLow, out Vector<double> slopeHigh);
            sums += valueLow * slopeLow + valueHigh * slopeHigh;
        }
        double sum = Vector.Sum(sums);
        for (int i = w.Length * Vector<float>.Count; i < values.Length; i++)
        {
            float slope = isL1 ? Sign(values[i]) : values[i];
            gradient[i] += slope * strength;
            sum += (double)values[i] * slope;
        }
        return sum;
    }

    // 0 of 0, and NaN of NaN.
    private static float Sign(float value) =>
        value > 0 ? 1
        : value < 0 ? -1
        : value;

    private static Vector<float> Sign(Vector<float> values) =>
        Vector.ConditionalSelect(
            Vector.GreaterThan(values, Vector<float>.Zero),
            Vector<float>.One,
            Vector.ConditionalSelect(Vector.LessThan(values, Vector<float>.Zero), -Vector<float>.One, values)
        );
}
