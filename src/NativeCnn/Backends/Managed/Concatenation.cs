using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Managed;

public sealed partial class ManagedBackend
{
    private static readonly bool Concatenation =
        Provide<ConcatenationForward>((b, operation) => new ConcatenationForwardKernel(b, operation))
        && Provide<ConcatenationBackward>((b, operation) => new ConcatenationBackwardKernel(b, operation));
}

internal sealed class ConcatenationForwardKernel(ManagedBackend backend, ConcatenationForward operation)
    : ManagedKernel<ConcatenationForward>(backend, operation)
{
    // y[r, start_i + c] = x_i[r, c], r the pixel, start_i the channels of the inputs before
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        Span<T> y = Elements<T>(operands[^1]);
        int channels = operands[^1]!.Shape.Channels;
        int start = 0;
        foreach (Tensor? input in operands[..^1])
        {
            ReadOnlySpan<T> x = Elements<T>(input);
            int own = input!.Shape.Channels;
            for (int k = 0; k < x.Length; k++)
                y[k / own * channels + start + k % own] = x[k];
            start += own;
        }
    }
}

internal sealed class ConcatenationBackwardKernel(ManagedBackend backend, ConcatenationBackward operation)
    : ManagedKernel<ConcatenationBackward>(backend, operation)
{
    // dx_i[r, c] = dy[r, start_i + c]
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        ReadOnlySpan<T> dy = Elements<T>(operands[0]);
        int channels = operands[0]!.Shape.Channels;
        int start = 0;
        for (int i = 1; i < operands.Length; i++)
        {
            Span<T> dx = Elements<T>(operands[i]);
            int own = Operation.Operands[i].Shape.Channels;
            for (int k = 0; k < dx.Length; k++)
                dx[k] = dy[k / own * channels + start + k % own];
            start += own;
        }
    }
}
