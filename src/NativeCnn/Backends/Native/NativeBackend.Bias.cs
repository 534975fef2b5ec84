using NativeCnn.Interop;
using NativeCnn.Tensors;
using NativeCnn.Threading;

namespace NativeCnn.Backends.Native;

// Bias gradients: column sums of chunks of rows, then the chunks' sums in their order.
public sealed unsafe partial class NativeBackend
{
    /// <inheritdoc/>
    public void BiasBackward(Tensor outputGradient, Tensor biasGradient)
    {
        OperationChecks.BiasBackward(outputGradient, biasGradient, ElementType);
        int rows = outputGradient.Shape.PixelCount;
        int columns = outputGradient.Shape.Channels;
        int perChunk = Math.Max(RowsPerChunk(columns), (rows + MaxPartials - 1) / MaxPartials);
        int chunks = ChunkCount(rows, perChunk);
        _workspace.ReserveShared((long)chunks * columns);
        var work = new ColumnSumsWork(rows, columns, perChunk, outputGradient.Floats, _workspace.Shared);
        _pool.Run(ref work, chunks);
        float* sums = biasGradient.Floats;
        for (int chunk = 0; chunk < chunks; chunk++)
        {
            NativeStatus.Check(
                Shim.nativecnn_accumulate(_workspace.Shared + (long)chunk * columns, columns, sums),
                nameof(Shim.nativecnn_accumulate)
            );
        }
    }

    // Partial sums of one reduction: many cores get work, and their addition stays short.
    private const int MaxPartials = 64;

    private readonly struct ColumnSumsWork(int rows, int columns, int rowsPerChunk, float* values, float* partials)
        : IParallelWork
    {
        public void Run(int chunk, int worker)
        {
            long first = (long)chunk * rowsPerChunk;
            float* sums = partials + (long)chunk * columns;
            new Span<float>(sums, columns).Clear();
            NativeStatus.Check(
                Shim.nativecnn_column_sums(
                    values + first * columns,
                    Math.Min(rowsPerChunk, rows - first),
                    columns,
                    sums
                ),
                nameof(Shim.nativecnn_column_sums)
            );
        }
    }
}
