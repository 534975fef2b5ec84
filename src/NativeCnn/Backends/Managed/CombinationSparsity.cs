using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Managed;

public sealed partial class ManagedBackend
{
    private static readonly bool CombinationSparsity = Provide<CombinationSparsity>(
        (b, operation) => new CombinationSparsityKernel(b, operation)
    );
}

internal sealed class CombinationSparsityKernel(ManagedBackend backend, CombinationSparsity operation)
    : SoftmaxKernel<CombinationSparsity>(backend, operation)
{
    // sum = λ Σ |α|, dc_i += λ (|α_i| − α_i Σ_l |α_l|) within each row
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        int maps = operands[0]!.Shape.ElementsPerExample;
        double total = 0;
        for (int j = 0; j < operands[0]!.Shape.BatchSize; j++)
        {
            ReadOnlySpan<T> c = Elements<T>(operands[0]).Slice(j * maps, maps);
            Span<T> dc = Elements<T>(operands[1]).Slice(j * maps, maps);
            double maximum = Maximum(c);
            double scale = SumOfExponentials(c, maximum);
            double norm = 0;
            foreach (T value in c)
                norm += Math.Abs(Math.Exp(Wide(value) - maximum) / scale);
            for (int i = 0; i < maps; i++)
            {
                double share = Math.Exp(Wide(c[i]) - maximum) / scale;
                dc[i] = Round<T>(Wide(dc[i]) + scalars[0] * (Math.Abs(share) - share * norm));
            }
            total += norm;
        }
        Elements<T>(operands[2])[0] = Round<T>(scalars[0] * total);
    }
}
