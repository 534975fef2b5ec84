using System.Runtime.InteropServices;
using NativeCnn.Backends.Operations;
using NativeCnn.Interop;
using NativeCnn.Tensors;
using NativeCnn.Threading;

namespace NativeCnn.Backends.Native;

public sealed unsafe partial class NativeBackend
{
    private static readonly bool Bias =
        Provide<BiasForward>((b, operation) => new BiasForwardKernel(b, operation))
        && Provide<BiasBackward>((b, operation) => new BiasBackwardKernel(b, operation));
}

internal sealed unsafe class BiasForwardKernel(NativeBackend backend, BiasForward operation)
    : RowKernel<BiasForward>(
        backend,
        operation,
        operation.Operands[0].Shape.PixelCount,
        operation.Operands[0].Shape.Channels
    )
{
    protected override void ComputeRows(long first, long count, int worker)
    {
        int columns = Operation.Operands[0].Shape.Channels;
        float* input = At(0, first * columns);
        float* output = At(2, first * columns);
        // A chunk that was copied is still in the core's own cache when the bias is added.
        if (output != input)
            NativeMemory.Copy(input, output, (nuint)(count * columns) * sizeof(float));
        BiasActivation.Finish(Operation.Activation, At(1), (int)count, columns, columns, output);
    }
}

internal sealed unsafe class BiasBackwardKernel(NativeBackend backend, BiasBackward operation)
    : ColumnSumsKernel<BiasBackward>(backend, operation, operation.Operands[0].Shape)
{
    protected override void SumRows(long first, long count, float* sums, int worker) =>
        Shim.nativecnn_column_sums(At(0, first * Columns), count, Columns, sums);
}

/// <summary>
/// A kernel that adds up a bias gradient, its last operand: column sums of chunks of rows, then the chunks' sums in
/// their order.
/// </summary>
/// <remarks>The rows are pixels, the columns channels.</remarks>
internal abstract unsafe class ColumnSumsKernel<TOperation> : ChunkKernel<TOperation>
    where TOperation : Operation
{
    // Partial sums of one reduction: many cores get work, and their addition stays short.
    private const int MaxPartials = 64;

    // Columns of a chunk of the addition at least: some cache lines of each partial sum.
    private const int MinColumnsPerChunk = 256;

    private readonly int _columnsPerChunk;
    private readonly int _rows;
    private readonly int _rowsPerChunk;

    protected ColumnSumsKernel(NativeBackend backend, TOperation operation, Shape shape)
        : base(backend, operation)
    {
        Columns = shape.Channels;
        _rows = shape.PixelCount;
        _rowsPerChunk = Math.Max(NativeBackend.RowsPerChunk(Columns), NativeBackend.ChunkCount(_rows, MaxPartials));
        Chunks = NativeBackend.ChunkCount(_rows, _rowsPerChunk);
        _columnsPerChunk = Math.Max(MinColumnsPerChunk, NativeBackend.RowsPerChunk(Chunks));
        Memory.RequireShared((long)Chunks * Columns);
    }

    /// <summary>The channels.</summary>
    protected int Columns { get; }

    protected sealed override int Chunks { get; }

    protected sealed override void Launch()
    {
        base.Launch();
        var work = new AdditionWork(this);
        Pool.Run(ref work, NativeBackend.ChunkCount(Columns, _columnsPerChunk));
    }

    protected sealed override void ComputeChunk(int chunk, int worker)
    {
        float* sums = PartialSums(chunk);
        new Span<float>(sums, Columns).Clear();
        long first = (long)chunk * _rowsPerChunk;
        SumRows(first, Math.Min(_rowsPerChunk, _rows - first), sums, worker);
    }

    /// <summary>Adds the column sums of consecutive rows to some sums; called on several threads at once.</summary>
    protected abstract void SumRows(long first, long count, float* sums, int worker);

    // Columns are added up on their own, in the order of the chunks.
    private readonly struct AdditionWork(ColumnSumsKernel<TOperation> kernel) : IParallelWork
    {
        public void Run(int chunk, int worker)
        {
            IndexRange columns = IndexRange.Block(kernel.Columns, kernel._columnsPerChunk, chunk);
            float* total = kernel.At(kernel.Operation.Operands.Count - 1) + columns.First;
            for (int part = 0; part < kernel.Chunks; part++)
                Shim.nativecnn_accumulate(kernel.PartialSums(part) + columns.First, columns.Count, total);
        }
    }

    private float* PartialSums(int chunk) => Memory.Shared + (long)chunk * Columns;
}
