using NativeCnn.Interop;
using NativeCnn.Tensors;
using NativeCnn.Threading;

namespace NativeCnn.Backends.Native;

// Local response normalisation: chunks of pixels.
public sealed unsafe partial class NativeBackend
{
    /// <inheritdoc/>
    public void LocalResponseNormForward(in LocalResponseWindow window, Tensor input, Tensor output, Tensor? scale)
    {
        OperationChecks.LocalResponseNormForward(window, input, output, scale, ElementType);
        RunLocalResponseNorm(
            new LocalResponseNormWork(window, input.Shape, _workspace)
            {
                Input = input.Floats,
                Scale = scale is null ? null : scale.Floats,
                Target = output.Floats,
            }
        );
    }

    /// <inheritdoc/>
    public void LocalResponseNormBackward(
        in LocalResponseWindow window,
        Tensor input,
        Tensor scale,
        Tensor outputGradient,
        Tensor inputGradient
    )
    {
        OperationChecks.LocalResponseNormBackward(window, input, scale, outputGradient, inputGradient, ElementType);
        RunLocalResponseNorm(
            new LocalResponseNormWork(window, input.Shape, _workspace)
            {
                Input = input.Floats,
                Scale = scale.Floats,
                OutputGradient = outputGradient.Floats,
                Target = inputGradient.Floats,
            }
        );
    }

    private void RunLocalResponseNorm(LocalResponseNormWork work)
    {
        // One pixel's terms between the zeros at both ends.
        _workspace.ReservePrivate(3L * work.Channels);
        _pool.Run(ref work, ChunkCount(work.Pixels, work.PixelsPerChunk));
    }

    private readonly struct LocalResponseNormWork(LocalResponseWindow window, Shape shape, Workspace workspace)
        : IParallelWork
    {
        public int Channels { get; } = shape.Channels;
        public int Pixels { get; } = shape.Count / shape.Channels;
        public int PixelsPerChunk { get; } = RowsPerChunk(shape.Channels);
        public required float* Input { get; init; }
        public required float* Scale { get; init; }

        /// <summary>Null for the forward pass.</summary>
        public float* OutputGradient { get; init; }

        /// <summary>The output, or the input gradient.</summary>
        public required float* Target { get; init; }

        public void Run(int chunk, int worker)
        {
            int pixel = chunk * PixelsPerChunk;
            int count = Math.Min(PixelsPerChunk, Pixels - pixel);
            long first = (long)pixel * Channels;
            LocalResponseWindow value = window;
            var norm = (nativecnn_local_response_norm*)&value;
            float* scale = Scale == null ? null : Scale + first;
            float* scratch = workspace.Private(worker);
            if (OutputGradient == null)
            {
                Shim.nativecnn_local_response_norm_forward(
                    norm,
                    Input + first,
                    count,
                    Channels,
                    Target + first,
                    scale,
                    scratch
                );
            }
            else
            {
                Shim.nativecnn_local_response_norm_backward(
                    norm,
                    Input + first,
                    scale,
                    OutputGradient + first,
                    count,
                    Channels,
                    Target + first,
                    scratch
                );
            }
        }
    }
}
