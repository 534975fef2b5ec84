using NativeCnn.Backends.Operations;
using NativeCnn.Interop;

namespace NativeCnn.Backends.Native;

public sealed unsafe partial class NativeBackend
{
    private static readonly bool ActivationBias = Provide<ActivationBiasBackward>(
        (b, operation) => new ActivationBiasBackwardKernel(b, operation)
    );
}

// Differentiates and sums piece by piece, so that the gradient is read from memory once.
internal sealed unsafe class ActivationBiasBackwardKernel(NativeBackend backend, ActivationBiasBackward operation)
    : ColumnSumsKernel<ActivationBiasBackward>(backend, operation, operation.Operands[0].Shape)
{
    // 8 kB each of output, gradient and result: what was differentiated is still in the first cache when it is summed.
    private const int WarmFloats = 2048;

    protected override void SumRows(long first, long count, float* sums)
    {
        Activation f = Operation.Activation;
        long piece = Math.Max(1, WarmFloats / Columns);
        long end = first + count;
        for (long row = first; row < end; row += piece)
        {
            long rows = Math.Min(piece, end - row);
            long place = row * Columns;
            float* inputGradient = At(2, place);
            Shim.nativecnn_activation_backward(
                (nativecnn_activation*)&f,
                At(0, place),
                At(1, place),
                rows * Columns,
                inputGradient
            );
            Shim.nativecnn_column_sums(inputGradient, rows, Columns, sums);
        }
    }
}
