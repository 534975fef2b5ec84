using NativeCnn.Interop;
using NativeCnn.Tensors;
using NativeCnn.Threading;

namespace NativeCnn.Backends.Native;

// Bias gradients: column sums of chunks of rows, then the chunks' sums in their order. An activation before it is differentiated in the
// same pass, so that the gradient is read from memory once.
public sealed unsafe partial class NativeBackend
{
    /// <inheritdoc/>
    public void BiasBackward(Tensor outputGradient, Tensor biasGradient)
    {
        OperationChecks.BiasBackward(outputGradient, biasGradient, ElementType);
        AddColumnSums(Activation.Identity, null, null, outputGradient, biasGradient);
    }

    /// <inheritdoc/>
    public void ActivationBiasBackward(
        in Activation activation,
        Tensor output,
        Tensor outputGradient,
        Tensor inputGradient,
        Tensor biasGradient
    )
    {
        OperationChecks.ActivationBiasBackward(
            activation,
            output,
            outputGradient,
            inputGradient,
            biasGradient,
            ElementType
        );
        AddColumnSums(activation, output.Floats, outputGradient.Floats, inputGradient, biasGradient);
    }

    // Adds the column sums of values, which are first computed from an activation's output and its gradient if there is one.
    private void AddColumnSums(
        in Activation activation,
        float* output,
        float* outputGradient,
        Tensor values,
        Tensor biasGradient
    )
    {
        int rows = values.Shape.PixelCount;
        int columns = values.Shape.Channels;
        int perChunk = Math.Max(RowsPerChunk(columns), (rows + MaxPartials - 1) / MaxPartials);
        int chunks = ChunkCount(rows, perChunk);
        _workspace.ReserveShared((long)chunks * columns);
        var work = new ColumnSumsWork(
            activation,
            rows,
            columns,
            perChunk,
            output,
            outputGradient,
            values.Floats,
            _workspace.Shared
        );
        _pool.Run(ref work, chunks);
        float* sums = biasGradient.Floats;
        for (int chunk = 0; chunk < chunks; chunk++)
        {
            Shim.nativecnn_accumulate(_workspace.Shared + (long)chunk * columns, columns, sums);
        }
    }

    // Partial sums of one reduction: many cores get work, and their addition stays short.
    private const int MaxPartials = 64;

    private readonly struct ColumnSumsWork(
        Activation activation,
        int rows,
        int columns,
        int rowsPerChunk,
        float* output,
        float* outputGradient,
        float* values,
        float* partials
    ) : IParallelWork
    {
        public void Run(int chunk, int worker)
        {
            float* sums = partials + (long)chunk * columns;
            new Span<float>(sums, columns).Clear();
            int begin = chunk * rowsPerChunk;
            int end = Math.Min(rows, begin + rowsPerChunk);
            // In pieces that are still in the first cache when they are summed.
            int piece = output == null ? rowsPerChunk : Math.Max(1, WarmFloats / columns);
            for (int row = begin; row < end; row += piece)
            {
                int count = Math.Min(piece, end - row);
                long first = (long)row * columns;
                if (output != null)
                    Differentiate(first, (long)count * columns);
                Shim.nativecnn_column_sums(values + first, count, columns, sums);
            }
        }

        // 8 kB each of output, gradient and result.
        private const int WarmFloats = 2048;

        private void Differentiate(long first, long count)
        {
            Activation f = activation;
            Shim.nativecnn_activation_backward(
                (nativecnn_activation*)&f,
                output + first,
                outputGradient + first,
                count,
                values + first
            );
        }
    }
}
