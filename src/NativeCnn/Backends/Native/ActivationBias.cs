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
internal sealed unsafe class ActivationBiasBackwardKernel : ColumnSumsKernel<ActivationBiasBackward>
{
    // 8 kB each of output, gradient and result: what was differentiated is still in the first cache when it is summed.
    private const int WarmFloats = 2048;

    // Pieces whose sums are added by themselves: the error grows with these and their number, not with their product.
    private const int PiecesPerPart = 32;

    public ActivationBiasBackwardKernel(NativeBackend backend, ActivationBiasBackward operation)
        : base(backend, operation, operation.Operands[0].Shape) => Memory.RequirePrivate(Columns);

    protected override void SumRows(long first, long count, float* sums, int worker)
    {
        float* partSums = Memory.Private(worker);
        long part = PiecesPerPart * PieceRows;
        for (long done = 0; done < count; done += part)
        {
            new Span<float>(partSums, Columns).Clear();
            SumPart(first + done, Math.Min(part, count - done), partSums);
            Shim.nativecnn_accumulate(partSums, Columns, sums);
        }
    }

    private long PieceRows => Math.Max(1, WarmFloats / Columns);

    private void SumPart(long first, long count, float* sums)
    {
        Activation f = Operation.Activation;
        long end = first + count;
        for (long row = first; row < end; row += PieceRows)
        {
            long rows = Math.Min(PieceRows, end - row);
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
