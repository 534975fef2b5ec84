using NativeCnn.Backends;
using NativeCnn.Backends.Native;
using NativeCnn.Backends.Operations;
using NativeCnn.Interop;

namespace NativeCnn.OneDnn;

/// <summary>A pass of a dense layer: a product, in rectangles of its result. All matrices stay as they lie.</summary>
internal abstract unsafe class OneDnnDense<TOperation> : ChunkKernel<TOperation>
    where TOperation : Operation
{
    private readonly OneDnnApi _library;

    protected OneDnnDense(OneDnnApi library, NativeBackend backend, TOperation operation, ProductParts parts)
        : base(backend, operation)
    {
        (_library, Parts) = (library, parts);
        Memory.RequirePrivate(parts.ScratchFloats);
        Algorithm = $"onednn {parts.Implementation}";
    }

    public override string Algorithm { get; }

    /// <summary>The rectangles.</summary>
    protected ProductParts Parts { get; }

    protected override int Chunks => Parts.Count;

    protected internal override void Reserve()
    {
        base.Reserve();
        Parts.Create(_library, Pool.Threads);
    }
}

/// <summary>X[batch×inputs] · W[units×inputs]ᵀ + b → Y[batch×units].</summary>
internal sealed unsafe class OneDnnDenseForward : OneDnnDense<DenseForward>
{
    private readonly int _units;

    private OneDnnDenseForward(OneDnnApi library, NativeBackend backend, DenseForward operation, ProductParts parts)
        : base(library, backend, operation, parts) => _units = operation.Operands[1].Shape.Outputs;

    /// <summary>The kernel, or null where oneDNN has nothing for it but plain loops.</summary>
    public static Kernel? Plan(OneDnnApi library, NativeBackend backend, DenseForward operation)
    {
        nativecnn_dense_geometry g = DenseGeometry.Of(operation.Operands[0], operation.Operands[1]);
        return
            ProductParts.Describe(
                library,
                g.batch_size,
                g.units,
                g.inputs,
                new MatrixStrides(g.inputs, 1),
                new MatrixStrides(1, g.inputs),
                new MatrixStrides(g.units, 1),
                operation.HasBias
            )
                is { } parts
            ? new OneDnnDenseForward(library, backend, operation, parts)
            : null;
    }

    protected override void ComputeChunk(int chunk, int worker)
    {
        nint written = Parts.Run(chunk, worker, Memory.Private(worker), At(0), At(1), At(2), At(3));
        ProductParts.Rectangle place = Parts[chunk];
        // The engine's own: oneDNN's ReLU swallows a NaN.
        BiasActivation.Finish(Operation.Activation, null, place.Rows, place.Columns, _units, (float*)written);
    }
}

/// <summary>dY[batch×units] · W[units×inputs] → dX[batch×inputs].</summary>
internal sealed unsafe class OneDnnDenseBackwardData : OneDnnDense<DenseBackwardData>
{
    private OneDnnDenseBackwardData(
        OneDnnApi library,
        NativeBackend backend,
        DenseBackwardData operation,
        ProductParts parts
    )
        : base(library, backend, operation, parts) { }

    /// <summary>The kernel, or null where oneDNN has nothing for it but plain loops.</summary>
    public static Kernel? Plan(OneDnnApi library, NativeBackend backend, DenseBackwardData operation)
    {
        nativecnn_dense_geometry g = DenseGeometry.Of(operation.Operands[2], operation.Operands[1]);
        return
            ProductParts.Describe(
                library,
                g.batch_size,
                g.inputs,
                g.units,
                new MatrixStrides(g.units, 1),
                new MatrixStrides(g.inputs, 1),
                new MatrixStrides(g.inputs, 1),
                hasBias: false
            )
                is { } parts
            ? new OneDnnDenseBackwardData(library, backend, operation, parts)
            : null;
    }

    protected override void ComputeChunk(int chunk, int worker)
    {
        Parts.Run(chunk, worker, Memory.Private(worker), At(0), At(1), null, At(2));
    }
}

/// <summary>dY[batch×units]ᵀ · X[batch×inputs], added to dW[units×inputs].</summary>
internal sealed unsafe class OneDnnDenseBackwardWeights : OneDnnDense<DenseBackwardWeights>
{
    private readonly long _inputs;

    private OneDnnDenseBackwardWeights(
        OneDnnApi library,
        NativeBackend backend,
        DenseBackwardWeights operation,
        ProductParts parts
    )
        : base(library, backend, operation, parts)
    {
        _inputs = operation.Operands[0].Shape.ElementsPerExample;
        Memory.RequirePrivate(parts.LargestFloats + parts.ScratchFloats);
    }

    /// <summary>The kernel, or null where oneDNN has nothing for it but plain loops.</summary>
    public static Kernel? Plan(OneDnnApi library, NativeBackend backend, DenseBackwardWeights operation)
    {
        nativecnn_dense_geometry g = DenseGeometry.Of(operation.Operands[0], operation.Operands[2]);
        return
            ProductParts.Describe(
                library,
                g.units,
                g.inputs,
                g.batch_size,
                new MatrixStrides(1, g.units),
                new MatrixStrides(g.inputs, 1),
                result: null,
                hasBias: false
            )
                is { } parts
            ? new OneDnnDenseBackwardWeights(library, backend, operation, parts)
            : null;
    }

    protected override void ComputeChunk(int chunk, int worker)
    {
        float* sums = Memory.Private(worker);
        Parts.Run(chunk, worker, sums + Parts.LargestFloats, At(1), At(0), null, sums);
        ProductParts.Rectangle place = Parts[chunk];
        Shim.nativecnn_accumulate(sums, place.Rows * _inputs, At(2, place.Row * _inputs));
    }
}
