using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Native;

/// <summary>
/// A kernel whose work is a number of rows (elements, pixels, examples …), cut into chunks of consecutive ones that a
/// shim function computes.
/// </summary>
/// <param name="backend">The backend.</param>
/// <param name="operation">What it computes.</param>
/// <param name="rows">How many rows there are.</param>
/// <param name="elementsPerRow">
/// The elements that a row reads; a chunk has about <see cref="NativeBackend.ElementsPerChunk"/>.
/// </param>
internal abstract class RowKernel<TOperation>(
    NativeBackend backend,
    TOperation operation,
    long rows,
    long elementsPerRow
) : ChunkKernel<TOperation>(backend, operation)
    where TOperation : Operation
{
    /// <summary>A kernel whose rows are those of pixels of images, N×H of W·C elements each.</summary>
    protected RowKernel(NativeBackend backend, TOperation operation, Shape images)
        : this(backend, operation, (long)images.BatchSize * images.Height, (long)images.Width * images.Channels) { }

    private readonly int _rowsPerChunk = NativeBackend.RowsPerChunk(elementsPerRow);

    /// <summary>How many rows are computed in a run; all unless a run sets fewer.</summary>
    protected long Rows { get; set; } = rows;

    protected sealed override int Chunks => NativeBackend.ChunkCount(Rows, _rowsPerChunk);

    protected sealed override void ComputeChunk(int chunk, int worker)
    {
        long first = (long)chunk * _rowsPerChunk;
        ComputeRows(first, Math.Min(_rowsPerChunk, Rows - first), worker);
    }

    /// <summary>Computes consecutive rows; called on several threads at once.</summary>
    protected abstract void ComputeRows(long first, long count, int worker);
}

/// <summary>A kernel that computes chunks of examples, of the sizes of the first operand's.</summary>
internal abstract unsafe class ExampleKernel<TOperation>(NativeBackend backend, TOperation operation)
    : RowKernel<TOperation>(
        backend,
        operation,
        operation.Operands[0].Shape.BatchSize,
        operation.Operands[0].Shape.ElementsPerExample
    )
    where TOperation : Operation
{
    /// <summary>The elements of an example.</summary>
    protected int Length { get; } = operation.Operands[0].Shape.ElementsPerExample;

    /// <summary>An operand from an example on, or null where it is not wanted.</summary>
    protected float* Example(int place, long example) => At(place, example * Length);
}
