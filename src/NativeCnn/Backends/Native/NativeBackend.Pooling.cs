using NativeCnn.Interop;
using NativeCnn.Tensors;
using NativeCnn.Threading;

namespace NativeCnn.Backends.Native;

// Pooling: chunks of output rows forward and of input rows backward, so that no two chunks write one value.
public sealed unsafe partial class NativeBackend
{
    /// <inheritdoc/>
    public void MaxPoolingForward(in PoolingGeometry geometry, Tensor input, Tensor output, Tensor? argmax)
    {
        OperationChecks.MaxPoolingForward(geometry, input, output, argmax, ElementType);
        void* places = argmax is null ? null : argmax.Pointer;
        RunPooling(PoolingPass.MaxForward, geometry, input.Floats, places, output.Floats);
    }

    /// <inheritdoc/>
    public void MaxPoolingBackward(
        in PoolingGeometry geometry,
        Tensor outputGradient,
        Tensor argmax,
        Tensor inputGradient
    )
    {
        OperationChecks.MaxPoolingBackward(geometry, outputGradient, argmax, inputGradient, ElementType);
        RunPooling(PoolingPass.MaxBackward, geometry, outputGradient.Floats, argmax.Pointer, inputGradient.Floats);
    }

    /// <inheritdoc/>
    public void AveragePoolingForward(in PoolingGeometry geometry, Tensor input, Tensor output)
    {
        OperationChecks.AveragePoolingForward(geometry, input, output, ElementType);
        RunPooling(PoolingPass.AverageForward, geometry, input.Floats, null, output.Floats);
    }

    /// <inheritdoc/>
    public void AveragePoolingBackward(in PoolingGeometry geometry, Tensor outputGradient, Tensor inputGradient)
    {
        OperationChecks.AveragePoolingBackward(geometry, outputGradient, inputGradient, ElementType);
        RunPooling(PoolingPass.AverageBackward, geometry, outputGradient.Floats, null, inputGradient.Floats);
    }

    private void RunPooling(PoolingPass pass, in PoolingGeometry geometry, float* source, void* argmax, float* target)
    {
        bool forward = pass is PoolingPass.MaxForward or PoolingPass.AverageForward;
        int rows = geometry.Batch * (forward ? geometry.OutputHeight : geometry.Height);
        // A forward row reads stride_y input rows; a backward row writes one.
        int perRow = RowsPerChunk((long)geometry.Width * geometry.Channels * (forward ? geometry.StrideY : 1));
        var work = new PoolingWork(pass, geometry, source, argmax, target, rows, perRow);
        _pool.Run(ref work, ChunkCount(rows, perRow));
    }

    private enum PoolingPass
    {
        MaxForward,
        MaxBackward,
        AverageForward,
        AverageBackward,
    }

    private readonly struct PoolingWork(
        PoolingPass pass,
        PoolingGeometry geometry,
        float* source,
        void* argmax,
        float* target,
        int rows,
        int rowsPerChunk
    ) : IParallelWork
    {
        public void Run(int chunk, int worker)
        {
            long first = (long)chunk * rowsPerChunk;
            long count = Math.Min(rowsPerChunk, rows - first);
            PoolingGeometry value = geometry;
            var g = (nativecnn_pooling_geometry*)&value;
            switch (pass)
            {
                case PoolingPass.MaxForward:
                    Shim.nativecnn_max_pooling_forward(g, source, new(first, count), target, argmax);
                    break;
                case PoolingPass.MaxBackward:
                    Shim.nativecnn_max_pooling_backward(g, source, argmax, new(first, count), target);
                    break;
                case PoolingPass.AverageForward:
                    Shim.nativecnn_average_pooling_forward(g, source, new(first, count), target);
                    break;
                default:
                    Shim.nativecnn_average_pooling_backward(g, source, new(first, count), target);
                    break;
            }
        }
    }
}
