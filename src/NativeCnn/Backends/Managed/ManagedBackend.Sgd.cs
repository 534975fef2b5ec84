using System.Numerics;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Managed;

public sealed partial class ManagedBackend
{
    /// <inheritdoc/>
    public void SgdUpdate(in SgdStep update, Tensor gradient, Tensor? velocity, Tensor values)
    {
        OperationChecks.SgdUpdate(update, gradient, velocity, values, ElementType);
        if (IsFloat32)
            SgdUpdate<float>(update, gradient, velocity, values);
        else
            SgdUpdate<double>(update, gradient, velocity, values);
    }

    // v ← μv + (g + λw); w ← w − ηv; without a velocity μ is 0
    private static void SgdUpdate<T>(in SgdStep update, Tensor gradient, Tensor? velocity, Tensor values)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ReadOnlySpan<T> g = gradient.AsSpan<T>();
        Span<T> v = velocity is null ? default : velocity.AsSpan<T>();
        Span<T> w = values.AsSpan<T>();
        for (int k = 0; k < w.Length; k++)
        {
            double step = Wide(g[k]) + update.WeightDecay * Wide(w[k]);
            if (velocity is not null)
            {
                step += update.Momentum * Wide(v[k]);
                v[k] = Round<T>(step);
            }
            w[k] = Round<T>(Wide(w[k]) - update.LearningRate * step);
        }
    }
}
