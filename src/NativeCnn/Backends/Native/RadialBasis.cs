using System.Numerics;
using NativeCnn.Backends.Operations;

namespace NativeCnn.Backends.Native;

// Chunks of examples, for the centres' gradient of units, in C# vectors: an output layer has few of either. Sums are
// made in parts of PartLength terms.
public sealed unsafe partial class NativeBackend
{
    private static readonly bool RadialBasis =
        Provide<RadialBasisForward>((b, operation) => new RadialBasisForwardKernel(b, operation))
        && Provide<RadialBasisBackwardData>((b, operation) => new RadialBasisBackwardDataKernel(b, operation))
        && Provide<RadialBasisBackwardCentres>((b, operation) => new RadialBasisBackwardCentresKernel(b, operation));
}

internal sealed unsafe class RadialBasisForwardKernel(NativeBackend backend, RadialBasisForward operation)
    : RowKernel<RadialBasisForward>(
        backend,
        operation,
        operation.Operands[0].Shape.BatchSize,
        operation.Operands[1].Shape.Count
    )
{
    protected override void ComputeRows(long first, long count, int worker)
    {
        (int length, int units) = (Operation.Operands[0].Shape.ElementsPerExample, Operation.Operands[1].Shape.Outputs);
        for (long n = first; n < first + count; n++)
        for (long o = 0; o < units; o++)
            *At(2, n * units + o) =
                Operation.Sign * (float)SquaredDistance(At(0, n * length), At(1, o * length), length);
    }

    private static double SquaredDistance(float* x, float* w, int length)
    {
        double total = 0;
        int k = 0;
        while (length - k >= Vector<float>.Count)
        {
            Vector<float> sums = Vector<float>.Zero;
            int end = Math.Min(length, k + RadialBasisSums.PartLength * Vector<float>.Count);
            for (; end - k >= Vector<float>.Count; k += Vector<float>.Count)
            {
                Vector<float> difference = Vector.Load(x + k) - Vector.Load(w + k);
                sums += difference * difference;
            }
            Vector.Widen(sums, out Vector<double> low, out Vector<double> high);
            total += Vector.Sum(low + high);
        }
        for (; k < length; k++)
            total += (double)(x[k] - w[k]) * (x[k] - w[k]);
        return total;
    }
}

internal sealed unsafe class RadialBasisBackwardDataKernel(NativeBackend backend, RadialBasisBackwardData operation)
    : RowKernel<RadialBasisBackwardData>(
        backend,
        operation,
        operation.Operands[0].Shape.BatchSize,
        operation.Operands[1].Shape.Count
    )
{
    protected override void ComputeRows(long first, long count, int worker)
    {
        (int length, int units) = (Operation.Operands[0].Shape.ElementsPerExample, Operation.Operands[1].Shape.Outputs);
        for (long n = first; n < first + count; n++)
        {
            float* dx = At(3, n * length);
            new Span<float>(dx, length).Clear();
            float* x = At(0, n * length);
            RadialBasisSums.Add(
                Operation.Factor,
                Operation.IsSquared,
                x,
                At(1),
                At(2, n * units),
                1,
                units,
                length,
                dx
            );
        }
    }
}

internal sealed unsafe class RadialBasisBackwardCentresKernel(
    NativeBackend backend,
    RadialBasisBackwardCentres operation
)
    : RowKernel<RadialBasisBackwardCentres>(
        backend,
        operation,
        operation.Operands[1].Shape.Outputs,
        operation.Operands[0].Shape.Count
    )
{
    protected override void ComputeRows(long first, long count, int worker)
    {
        (int length, int units) = (Operation.Operands[0].Shape.ElementsPerExample, Operation.Operands[1].Shape.Outputs);
        int batch = Operation.Operands[0].Shape.BatchSize;
        for (long o = first; o < first + count; o++)
            RadialBasisSums.Add(
                Operation.Factor,
                Operation.IsSquared,
                At(1, o * length),
                At(0),
                At(2, o),
                units,
                batch,
                length,
                At(3, o * length)
            );
    }
}

/// <summary>The sum that is the gradient of both sides of a squared distance.</summary>
internal static unsafe class RadialBasisSums
{
    /// <summary>Terms that are added up in float32 before their sum is added to the others'.</summary>
    public const int PartLength = 64;

    /// <summary>gradient[k] += factor Σ_i weight[i] (own[k] − others[i,k]), or of the squares of that.</summary>
    /// <param name="factor">What the sum is multiplied by, a power of 2 or minus one.</param>
    /// <param name="isSquared">Whether the differences are squared.</param>
    /// <param name="own">One row.</param>
    /// <param name="others">The rows of the other side.</param>
    /// <param name="weights">A number for each of those.</param>
    /// <param name="weightStep">From one number to the next.</param>
    /// <param name="count">How many there are.</param>
    /// <param name="length">Elements of a row.</param>
    /// <param name="gradient">What is added to.</param>
    public static void Add(
        float factor,
        bool isSquared,
        float* own,
        float* others,
        float* weights,
        long weightStep,
        int count,
        int length,
        float* gradient
    )
    {
        int k = 0;
        for (; length - k >= Vector<float>.Count; k += Vector<float>.Count)
        {
            Vector<float> at = Vector.Load(own + k);
            Vector<float> total = Vector<float>.Zero;
            for (long part = 0; part < count; part += PartLength)
            {
                Vector<float> sum = Vector<float>.Zero;
                long end = Math.Min(count, part + PartLength);
                for (long i = part; i < end; i++)
                {
                    Vector<float> difference = at - Vector.Load(others + i * length + k);
                    sum += (isSquared ? difference * difference : difference) * weights[i * weightStep];
                }
                total += sum;
            }
            Vector.Store(Vector.Load(gradient + k) + total * factor, gradient + k);
        }
        for (; k < length; k++)
        {
            double total = 0;
            for (long i = 0; i < count; i++)
            {
                double difference = own[k] - others[i * length + k];
                total += (isSquared ? difference * difference : difference) * weights[i * weightStep];
            }
            gradient[k] += (float)(factor * total);
        }
    }
}
