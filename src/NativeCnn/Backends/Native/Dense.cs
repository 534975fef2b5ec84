using NativeCnn.Backends.Native.Convolutions;
using NativeCnn.Backends.Operations;
using NativeCnn.Interop;

namespace NativeCnn.Backends.Native;

// One product with the batch as one dimension, cut along the weights, so that every worker reads its own part of them
// once. Up to some hundred examples the shim's kernels compute it, which read the weights where they lie; sgemm copies
// them first at every call.
public sealed unsafe partial class NativeBackend
{
    private static readonly bool Dense =
        Provide<DenseForward>((b, operation) => new DenseForwardKernel(b, operation))
        && Provide<DenseBackwardData>((b, operation) => new DenseBackwardDataKernel(b, operation))
        && Provide<DenseBackwardWeights>((b, operation) => new DenseBackwardWeightsKernel(b, operation));
}

internal sealed unsafe class DenseForwardKernel(NativeBackend backend, DenseForward operation)
    : ChunkKernel<DenseForward>(backend, operation)
{
    // Of the shim's kernel: units of one chunk, and what its bounds are multiples of.
    private const int UnitsPerChunk = 32;
    private const int UnitBlock = 4;

    private readonly nativecnn_dense_geometry _geometry = DenseGeometry.Of(
        operation.Operands[0],
        operation.Operands[1]
    );

    private DenseChunks Units =>
        new(_geometry.batch_size, _geometry.units, UnitsPerChunk, UnitBlock, Pool.WantedChunks);

    protected override int Chunks => Units.Count;

    protected override void ComputeChunk(int chunk, int worker)
    {
        nativecnn_dense_geometry geometry = _geometry;
        (int batch, int units, int inputs) = (geometry.batch_size, geometry.units, geometry.inputs);
        IndexRange range = Units[chunk];
        (int first, int count) = range;
        // X[batch×inputs] · W[units×inputs]ᵀ → Y[batch×units], some units of it
        if (Units.AreOfSgemm)
        {
            Gemm.Run(
                batch,
                count,
                inputs,
                new Matrix(At(0), inputs),
                new Matrix(At(1, (long)first * inputs), inputs).T,
                new Matrix(At(3, first), units),
                accumulate: false
            );
        }
        else
        {
            Shim.nativecnn_dense_forward(&geometry, At(0), At(1), range, At(3));
        }
        BiasActivation.Finish(Operation.Activation, At(2, first), batch, count, units, At(3, first));
    }
}

internal sealed unsafe class DenseBackwardDataKernel(NativeBackend backend, DenseBackwardData operation)
    : ChunkKernel<DenseBackwardData>(backend, operation)
{
    // Of the shim's kernel: inputs of one chunk, and what its bounds are multiples of.
    private const int InputsPerChunk = 256;
    private const int InputBlock = 16;

    private readonly nativecnn_dense_geometry _geometry = DenseGeometry.Of(
        operation.Operands[2],
        operation.Operands[1]
    );

    private DenseChunks Inputs =>
        new(_geometry.batch_size, _geometry.inputs, InputsPerChunk, InputBlock, Pool.WantedChunks);

    protected override int Chunks => Inputs.Count;

    protected override void ComputeChunk(int chunk, int worker)
    {
        nativecnn_dense_geometry geometry = _geometry;
        (int batch, int units, int inputs) = (geometry.batch_size, geometry.units, geometry.inputs);
        IndexRange range = Inputs[chunk];
        (int first, int count) = range;
        // dY[batch×units] · W[units×inputs] → dX[batch×inputs], some inputs of it
        if (Inputs.AreOfSgemm)
        {
            Gemm.Run(
                batch,
                count,
                units,
                new Matrix(At(0), units),
                new Matrix(At(1, first), inputs),
                new Matrix(At(2, first), inputs),
                accumulate: false
            );
        }
        else
        {
            Shim.nativecnn_dense_backward_data(&geometry, At(0), At(1), range, At(2));
        }
    }
}

internal sealed unsafe class DenseBackwardWeightsKernel(NativeBackend backend, DenseBackwardWeights operation)
    : ChunkKernel<DenseBackwardWeights>(backend, operation)
{
    private readonly nativecnn_dense_geometry _geometry = DenseGeometry.Of(
        operation.Operands[0],
        operation.Operands[2]
    );

    protected override int Chunks => NativeBackend.ChunkCount(_geometry.units, DenseChunks.ColumnsOfSgemm);

    protected override void ComputeChunk(int chunk, int worker)
    {
        (int units, int inputs) = (_geometry.units, _geometry.inputs);
        (int first, int count) = IndexRange.Block(units, DenseChunks.ColumnsOfSgemm, chunk);
        // dY[batch×units]ᵀ · X[batch×inputs] → dW[units×inputs], some units of it
        Gemm.Run(
            count,
            inputs,
            _geometry.batch_size,
            new Matrix(At(1, first), units).T,
            new Matrix(At(0), inputs),
            new Matrix(At(2, (long)first * inputs), inputs),
            accumulate: true
        );
    }
}

/// <summary>A dense layer's sizes as the shim takes them.</summary>
internal static class DenseGeometry
{
    public static nativecnn_dense_geometry Of(Operand input, Operand weights) =>
        new(input.Shape.BatchSize, weights.Shape.Outputs, input.Shape.ElementsPerExample);
}

/// <summary>How the columns of a product with the weights are cut: units forward, inputs backward.</summary>
internal readonly struct DenseChunks
{
    /// <summary>Columns of a chunk for sgemm: enough for its inner kernel, few enough to share them well.</summary>
    public const int ColumnsOfSgemm = 64;

    // Blocks of columns of a chunk at least.
    private const int MinBlocks = 2;

    // From here on sgemm is faster (measured: equal at 128 examples, 2 times faster at 256).
    private const int MaxBatchOfKernels = 128;

    private readonly int _columns;
    private readonly int _block;

    /// <summary>Cuts a product's columns.</summary>
    /// <param name="batch">Examples.</param>
    /// <param name="columns">Units or inputs.</param>
    /// <param name="columnsPerChunk">Columns of a chunk for the shim's kernel, about; fewer for many threads.</param>
    /// <param name="block">What the bounds of those chunks are multiples of.</param>
    /// <param name="wanted">How many chunks the threads want.</param>
    public DenseChunks(int batch, int columns, int columnsPerChunk, int block, int wanted)
    {
        _columns = columns;
        _block = block;
        columnsPerChunk = Math.Clamp(columns / wanted, MinBlocks * block, columnsPerChunk);
        AreOfSgemm = batch > MaxBatchOfKernels;
        Count = AreOfSgemm
            ? NativeBackend.ChunkCount(columns, ColumnsOfSgemm)
            : TileSize.EvenCount(NativeBackend.ChunkCount(columns, columnsPerChunk));
    }

    /// <summary>Whether sgemm computes them, and not the shim's kernel.</summary>
    public bool AreOfSgemm { get; }

    /// <summary>How many there are; some may be empty.</summary>
    public int Count { get; }

    /// <summary>The columns of a chunk. The kernel's are equal but for a block; sgemm's as wide as it likes.</summary>
    public IndexRange this[int chunk]
    {
        get
        {
            if (AreOfSgemm)
                return IndexRange.Block(_columns, ColumnsOfSgemm, chunk);
            int blocks = NativeBackend.ChunkCount(_columns, _block);
            int begin = (int)((long)blocks * chunk / Count) * _block;
            int end = Math.Min(_columns, (int)((long)blocks * (chunk + 1) / Count) * _block);
            return new IndexRange(begin, end - begin);
        }
    }
}
