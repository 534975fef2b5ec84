using NativeCnn.Backends.Native.Convolutions;
using NativeCnn.Interop;
using NativeCnn.Tensors;
using NativeCnn.Threading;

namespace NativeCnn.Backends.Native;

// Fully connected layers: one product with the batch as one dimension, cut along the weights, so that every worker reads its own
// part of them once. Up to some hundred examples the shim's kernels compute it, which read the weights where they lie; sgemm copies
// them first at every call.
public sealed unsafe partial class NativeBackend
{
    // Units (or inputs) in one chunk: enough columns for sgemm's inner kernel, few enough that many cores get work.
    private const int DenseColumnsPerChunk = 64;

    // From here on sgemm is faster (measured: equal at 128 examples, 2 times faster at 256).
    private const int MaxBatchOfDenseKernels = 128;

    // Of the shim's kernels: units and inputs of one chunk, and what its bounds are multiples of.
    private const int DenseUnitsPerChunk = 32;
    private const int DenseInputsPerChunk = 256;
    private const int DenseUnitBlock = 4;
    private const int DenseInputBlock = 16;

    /// <inheritdoc/>
    public void DenseForward(Tensor input, Tensor weights, Tensor? bias, in Activation activation, Tensor output)
    {
        OperationChecks.DenseForward(input, weights, bias, activation, output, ElementType);
        var work = new DenseForwardWork(
            input.Shape.Batch,
            weights.Shape.Batch,
            input.Shape.ExampleCount,
            input.Floats,
            weights.Floats,
            bias is null ? null : bias.Floats,
            activation,
            output.Floats
        );
        _pool.Run(ref work, work.Chunks);
    }

    /// <inheritdoc/>
    public void DenseBackwardData(Tensor outputGradient, Tensor weights, Tensor inputGradient)
    {
        OperationChecks.DenseBackwardData(outputGradient, weights, inputGradient, ElementType);
        var work = new DenseBackwardDataWork(
            inputGradient.Shape.Batch,
            weights.Shape.Batch,
            inputGradient.Shape.ExampleCount,
            outputGradient.Floats,
            weights.Floats,
            inputGradient.Floats
        );
        _pool.Run(ref work, work.Chunks);
    }

    /// <inheritdoc/>
    public void DenseBackwardWeights(Tensor input, Tensor outputGradient, Tensor weightGradient)
    {
        OperationChecks.DenseBackwardWeights(input, outputGradient, weightGradient, ElementType);
        var work = new DenseBackwardWeightsWork(
            input.Shape.Batch,
            weightGradient.Shape.Batch,
            input.Shape.ExampleCount,
            input.Floats,
            outputGradient.Floats,
            weightGradient.Floats
        );
        _pool.Run(ref work, ChunkCount(weightGradient.Shape.Batch, DenseColumnsPerChunk));
    }

    /// <inheritdoc/>
    public void DenseUpdateWeights(
        Tensor input,
        Tensor outputGradient,
        in SgdStep update,
        Tensor? velocity,
        Tensor weights
    )
    {
        OperationChecks.DenseUpdateWeights(input, outputGradient, update, velocity, weights, ElementType);
        var work = new DenseUpdateWork(
            update,
            input.Shape.Batch,
            weights.Shape.Batch,
            input.Shape.ExampleCount,
            input.Floats,
            outputGradient.Floats,
            velocity is null ? null : velocity.Floats,
            weights.Floats
        );
        _pool.Run(ref work, ChunkCount(weights.Shape.Batch, UnitsPerUpdate));
    }

    private static int DenseChunks(int batch, int columns, int kernelColumns) =>
        batch <= MaxBatchOfDenseKernels
            ? TileSize.EvenCount(ChunkCount(columns, kernelColumns))
            : ChunkCount(columns, DenseColumnsPerChunk);

    // The kernels' chunks are equal but for a block; sgemm's are as wide as its inner kernel likes.
    private static (int First, int Count) DenseRange(int batch, int columns, int block, int chunks, int chunk)
    {
        if (batch > MaxBatchOfDenseKernels)
            return (
                chunk * DenseColumnsPerChunk,
                Math.Min(DenseColumnsPerChunk, columns - chunk * DenseColumnsPerChunk)
            );
        int blocks = ChunkCount(columns, block);
        int begin = (int)((long)blocks * chunk / chunks) * block;
        int end = Math.Min(columns, (int)((long)blocks * (chunk + 1) / chunks) * block);
        return (begin, end - begin);
    }

    private readonly struct DenseForwardWork(
        int batch,
        int units,
        int inputs,
        float* input,
        float* weights,
        float* bias,
        Activation activation,
        float* output
    ) : IParallelWork
    {
        public int Chunks => DenseChunks(batch, units, DenseUnitsPerChunk);

        public void Run(int chunk, int worker)
        {
            (int first, int count) = DenseRange(batch, units, DenseUnitBlock, Chunks, chunk);
            // X[batch×inputs] · W[units×inputs]ᵀ → Y[batch×units], some units of it
            if (batch <= MaxBatchOfDenseKernels)
            {
                nativecnn_dense_geometry geometry = new(batch, units, inputs);
                Shim.nativecnn_dense_forward(&geometry, input, weights, new(first, count), output);
            }
            else
            {
                Blas.Product(
                    batch,
                    count,
                    inputs,
                    new Matrix(input, inputs),
                    new Matrix(weights + (long)first * inputs, inputs).T,
                    new Matrix(output + first, units),
                    accumulate: false
                );
            }
            Finish(activation, bias == null ? null : bias + first, batch, count, units, output + first);
        }
    }

    private readonly struct DenseBackwardDataWork(
        int batch,
        int units,
        int inputs,
        float* outputGradient,
        float* weights,
        float* inputGradient
    ) : IParallelWork
    {
        public int Chunks => DenseChunks(batch, inputs, DenseInputsPerChunk);

        public void Run(int chunk, int worker)
        {
            (int first, int count) = DenseRange(batch, inputs, DenseInputBlock, Chunks, chunk);
            // dY[batch×units] · W[units×inputs] → dX[batch×inputs], some inputs of it
            if (batch <= MaxBatchOfDenseKernels)
            {
                nativecnn_dense_geometry geometry = new(batch, units, inputs);
                Shim.nativecnn_dense_backward_data(
                    &geometry,
                    outputGradient,
                    weights,
                    new(first, count),
                    inputGradient
                );
                return;
            }
            Blas.Product(
                batch,
                count,
                units,
                new Matrix(outputGradient, units),
                new Matrix(weights + first, inputs),
                new Matrix(inputGradient + first, inputs),
                accumulate: false
            );
        }
    }

    private readonly struct DenseBackwardWeightsWork(
        int batch,
        int units,
        int inputs,
        float* input,
        float* outputGradient,
        float* weightGradient
    ) : IParallelWork
    {
        public void Run(int chunk, int worker)
        {
            int first = chunk * DenseColumnsPerChunk;
            int count = Math.Min(DenseColumnsPerChunk, units - first);
            // dY[batch×units]ᵀ · X[batch×inputs] → dW[units×inputs], some units of it
            Blas.Product(
                count,
                inputs,
                batch,
                new Matrix(outputGradient + first, units).T,
                new Matrix(input, inputs),
                new Matrix(weightGradient + (long)first * inputs, inputs),
                accumulate: true
            );
        }
    }

    // A multiple of the kernel's four rows.
    private const int UnitsPerUpdate = 16;

    private readonly struct DenseUpdateWork(
        SgdStep update,
        int batch,
        int units,
        int inputs,
        float* input,
        float* outputGradient,
        float* velocity,
        float* weights
    ) : IParallelWork
    {
        public void Run(int chunk, int worker)
        {
            int first = chunk * UnitsPerUpdate;
            nativecnn_update sgd = UpdateOf(update);
            nativecnn_dense_geometry geometry = new(batch, units, inputs);
            Shim.nativecnn_dense_update(
                &sgd,
                &geometry,
                input,
                outputGradient,
                new(first, Math.Min(UnitsPerUpdate, units - first)),
                velocity,
                null,
                weights
            );
        }
    }

    /// <summary>Bias and activation over a tile of a product while it is warm.</summary>
    internal static void Finish(Activation activation, float* bias, int rows, int columns, int stride, float* values)
    {
        if (bias == null && activation.Kind == ActivationKind.Identity)
            return;
        Shim.nativecnn_bias_activation((nativecnn_activation*)&activation, bias, rows, columns, stride, values);
    }
}
