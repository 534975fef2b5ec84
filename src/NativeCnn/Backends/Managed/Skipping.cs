using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Managed;

public sealed partial class ManagedBackend
{
    private static readonly bool Skipping =
        Provide<SkippingForward>((b, operation) => new SkippingForwardKernel(b, operation))
        && Provide<SkippingBackward>((b, operation) => new SkippingBackwardKernel(b, operation));
}

internal sealed class SkippingForwardKernel(ManagedBackend backend, SkippingForward operation)
    : ManagedKernel<SkippingForward>(backend, operation)
{
    // y[n,i,j,c] = x[n, i·s, j·s, c]
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        (Shape input, Shape output) = (operands[0]!.Shape, operands[1]!.Shape);
        ReadOnlySpan<T> x = Elements<T>(operands[0]);
        Span<T> y = Elements<T>(operands[1]);
        int place = 0;
        for (int n = 0; n < output.BatchSize; n++)
        for (int i = 0; i < output.Height; i++)
        for (int j = 0; j < output.Width; j++)
        for (int c = 0; c < output.Channels; c++)
        {
            int row = n * input.Height + i * Operation.Step.Height;
            y[place++] = x[(row * input.Width + j * Operation.Step.Width) * input.Channels + c];
        }
    }
}

internal sealed class SkippingBackwardKernel(ManagedBackend backend, SkippingBackward operation)
    : ManagedKernel<SkippingBackward>(backend, operation)
{
    // dx[n, i·s, j·s, c] = dy[n,i,j,c], 0 elsewhere
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        (Shape output, Shape input) = (operands[0]!.Shape, operands[1]!.Shape);
        ReadOnlySpan<T> dy = Elements<T>(operands[0]);
        Span<T> dx = Elements<T>(operands[1]);
        dx.Clear();
        int place = 0;
        for (int n = 0; n < output.BatchSize; n++)
        for (int i = 0; i < output.Height; i++)
        for (int j = 0; j < output.Width; j++)
        for (int c = 0; c < output.Channels; c++)
        {
            int row = n * input.Height + i * Operation.Step.Height;
            dx[(row * input.Width + j * Operation.Step.Width) * input.Channels + c] = dy[place++];
        }
    }
}
