using System.Runtime.InteropServices;
using NativeCnn.Backends.Operations;
using NativeCnn.Interop;
using NativeCnn.Tensors;

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

    private readonly int _rows;
    private readonly int _rowsPerChunk;

    protected ColumnSumsKernel(NativeBackend backend, TOperation operation, Shape shape)
        : base(backend, operation)
    {
        Columns = shape.Channels;
        _rows = shape.PixelCount;
        _rowsPerChunk = Math.Max(NativeBackend.RowsPerChunk(Columns), NativeBackend.ChunkCount(_rows, MaxPartials));
        Chunks = NativeBackend.ChunkCount(_rows, _rowsPerChunk);
        Memory.RequireShared((long)Chunks * Columns);
    }

    /// <summary>The channels.</summary>
    protected int Columns { get; }

    protected sealed override int Chunks { get; }

    protected sealed override void Launch()
    {
        base.Launch();
        for (int chunk = 0; chunk < Chunks; chunk++)
            Shim.nativecnn_accumulate(PartialSums(chunk), Columns, At(Operation.Operands.Count - 1));
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

    private float* PartialSums(int chunk) => Memory.Shared + (long)chunk * Columns;
}
