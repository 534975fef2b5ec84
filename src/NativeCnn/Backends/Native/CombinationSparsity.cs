using NativeCnn.Backends.Operations;

namespace NativeCnn.Backends.Native;

// Chunks of output maps, in float64: there are as many numbers as pairs of maps.
public sealed unsafe partial class NativeBackend
{
    private static readonly bool CombinationSparsity = Provide<CombinationSparsity>(
        (b, operation) => new CombinationSparsityKernel(b, operation)
    );
}

internal sealed unsafe class CombinationSparsityKernel(NativeBackend backend, CombinationSparsity operation)
    : ExampleKernel<CombinationSparsity>(backend, operation)
{
    private readonly double[] _norms = new double[operation.Operands[0].Shape.BatchSize];

    protected override void Launch()
    {
        base.Launch();
        double total = 0;
        foreach (double norm in _norms)
            total += norm;
        *At(2) = (float)(Scalar(0) * total);
    }

    protected override void ComputeRows(long first, long count, int worker)
    {
        for (long j = first; j < first + count; j++)
            _norms[j] = AddGradient(
                new ReadOnlySpan<float>(Example(0, j), Length),
                Scalar(0),
                new Span<float>(Example(1, j), Length)
            );
    }

    // Returns Σ |α| of an output map.
    private static double AddGradient(ReadOnlySpan<float> combination, double strength, Span<float> gradient)
    {
        double maximum = double.NegativeInfinity;
        foreach (float value in combination)
            maximum = Math.Max(maximum, value);
        double scale = 0;
        foreach (float value in combination)
            scale += Math.Exp(value - maximum);
        double norm = 0;
        foreach (float value in combination)
            norm += Math.Abs(Math.Exp(value - maximum) / scale);
        for (int i = 0; i < gradient.Length; i++)
        {
            double share = Math.Exp(combination[i] - maximum) / scale;
            gradient[i] = (float)(gradient[i] + strength * (Math.Abs(share) - share * norm));
        }
        return norm;
    }
}
