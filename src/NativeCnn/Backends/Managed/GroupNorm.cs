using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Managed;

public sealed partial class ManagedBackend
{
    private static readonly bool GroupNorm =
        Provide<GroupNormForward>((b, operation) => new GroupNormForwardKernel(b, operation))
        && Provide<GroupNormBackward>((b, operation) => new GroupNormBackwardKernel(b, operation));
}

internal sealed class GroupNormForwardKernel(ManagedBackend backend, GroupNormForward operation)
    : ManagedKernel<GroupNormForward>(backend, operation)
{
    // m = Σ x / n;  v = Σ (x − m)² / n;  y = γ (x − m) / √(v + ε) + β
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        ReadOnlySpan<T> x = Elements<T>(operands[0]);
        ReadOnlySpan<T> gamma = Elements<T>(operands[1]);
        ReadOnlySpan<T> beta = Elements<T>(operands[2]);
        Span<T> y = Elements<T>(operands[3]);
        Span<T> means = Elements<T>(operands[4]);
        Span<T> inverses = Elements<T>(operands[5]);
        Shape shape = operands[0]!.Shape;
        for (int group = 0; group < shape.BatchSize * Operation.Groups; group++)
        {
            int[] places = Group.Places(shape, Operation.Groups, group);
            double mean = 0;
            foreach (int k in places)
                mean += Wide(x[k]) / places.Length;
            double squares = 0;
            foreach (int k in places)
                squares += (Wide(x[k]) - mean) * (Wide(x[k]) - mean);
            double inverse = 1 / Math.Sqrt(squares / places.Length + Operation.Epsilon);
            foreach (int k in places)
            {
                int c = k % gamma.Length;
                y[k] = Round<T>(Wide(gamma[c]) * (Wide(x[k]) - mean) * inverse + Wide(beta[c]));
            }
            if (means.IsEmpty)
                continue;
            means[group] = Round<T>(mean);
            inverses[group] = Round<T>(inverse);
        }
    }
}

internal sealed class GroupNormBackwardKernel(ManagedBackend backend, GroupNormBackward operation)
    : ManagedKernel<GroupNormBackward>(backend, operation)
{
    // h = γ dy;  dγ += Σ dy x̂;  dβ += Σ dy;  dx = i (h − Σ h / n − x̂ Σ h x̂ / n)
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        ReadOnlySpan<T> x = Elements<T>(operands[0]);
        ReadOnlySpan<T> gamma = Elements<T>(operands[1]);
        ReadOnlySpan<T> dy = Elements<T>(operands[4]);
        Span<T> dx = Elements<T>(operands[5]);
        Shape shape = operands[0]!.Shape;
        var dgamma = new double[gamma.Length];
        var dbeta = new double[gamma.Length];
        for (int group = 0; group < shape.BatchSize * Operation.Groups; group++)
        {
            double mean = Wide(Elements<T>(operands[2])[group]);
            double inverse = Wide(Elements<T>(operands[3])[group]);
            int[] places = Group.Places(shape, Operation.Groups, group);
            double sum = 0;
            double products = 0;
            foreach (int k in places)
            {
                int c = k % gamma.Length;
                double normalized = (Wide(x[k]) - mean) * inverse;
                dgamma[c] += Wide(dy[k]) * normalized;
                dbeta[c] += Wide(dy[k]);
                sum += Wide(gamma[c]) * Wide(dy[k]) / places.Length;
                products += Wide(gamma[c]) * Wide(dy[k]) * normalized / places.Length;
            }
            if (dx.IsEmpty)
                continue;
            foreach (int k in places)
            {
                double normalized = (Wide(x[k]) - mean) * inverse;
                double h = Wide(gamma[k % gamma.Length]) * Wide(dy[k]);
                dx[k] = Round<T>(inverse * (h - sum - normalized * products));
            }
        }
        for (int c = 0; c < dgamma.Length; c++)
        {
            Elements<T>(operands[6])[c] = Round<T>(Wide(Elements<T>(operands[6])[c]) + dgamma[c]);
            Elements<T>(operands[7])[c] = Round<T>(Wide(Elements<T>(operands[7])[c]) + dbeta[c]);
        }
    }
}

file static class Group
{
    /// <summary>The elements of a group of an example, the groups of all examples being numbered in their order.</summary>
    public static int[] Places(Shape shape, int groups, int group)
    {
        int channels = shape.Channels / groups;
        int first = group / groups * shape.ElementsPerExample + group % groups * channels;
        return
        [
            .. from pixel in Enumerable.Range(0, shape.Height * shape.Width)
            from c in Enumerable.Range(0, channels)
            select first + pixel * shape.Channels + c,
        ];
    }
}
