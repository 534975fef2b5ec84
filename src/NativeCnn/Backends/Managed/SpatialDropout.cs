using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Managed;

public sealed partial class ManagedBackend
{
    private static readonly bool SpatialDropout = Provide<SpatialDropout>(
        (b, operation) => new SpatialDropoutKernel(b, operation)
    );
}

internal sealed class SpatialDropoutKernel(ManagedBackend backend, SpatialDropout operation)
    : ManagedKernel<SpatialDropout>(backend, operation)
{
    // y[n,y,x,c] = 0 if u_{n C + c} < ⌊p · 2³²⌋, else x[n,y,x,c] / (1 − p)
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        ReadOnlySpan<T> x = Elements<T>(operands[0]);
        Span<T> y = Elements<T>(operands[1]);
        Shape shape = Operation.Operands[0].Shape;
        ulong key = Operation.Options.KeyOf(scalars[0]);
        double probability = Operation.Options.Probability;
        uint threshold = (uint)(probability * 4294967296.0);
        T scale = Round<T>(1 / (1 - probability));
        for (int e = 0; e < y.Length; e++)
        {
            int map = e / shape.ElementsPerExample * shape.Channels + e % shape.Channels;
            y[e] = DropoutKernel.RandomBits(key, map) < threshold ? T.Zero : x[e] * scale;
        }
    }
}
