using NativeCnn.Interop;
using NativeCnn.Tensors;
using NativeCnn.Threading;

namespace NativeCnn.Backends.Native;

// Point-wise operations: chunks of consecutive elements.
public sealed unsafe partial class NativeBackend
{
    /// <inheritdoc/>
    public void ActivationForward(in Activation activation, Tensor input, Tensor output)
    {
        OperationChecks.ActivationForward(activation, input, output, ElementType);
        var work = new ActivationForwardWork(activation, input.Floats, output.Floats, input.Count);
        _pool.Run(ref work, ChunkCount(input.Count, ElementsPerChunk));
    }

    /// <inheritdoc/>
    public void ActivationBackward(in Activation activation, Tensor output, Tensor outputGradient, Tensor inputGradient)
    {
        OperationChecks.ActivationBackward(activation, output, outputGradient, inputGradient, ElementType);
        var work = new ActivationBackwardWork(
            activation,
            output.Floats,
            outputGradient.Floats,
            inputGradient.Floats,
            output.Count
        );
        _pool.Run(ref work, ChunkCount(output.Count, ElementsPerChunk));
    }

    /// <inheritdoc/>
    public void DropoutApply(in DropoutMask mask, Tensor input, Tensor output)
    {
        OperationChecks.DropoutApply(mask, input, output, ElementType);
        var work = new DropoutWork(mask, input.Floats, output.Floats, input.Count);
        _pool.Run(ref work, ChunkCount(input.Count, ElementsPerChunk));
    }

    /// <inheritdoc/>
    public void Accumulate(Tensor values, Tensor accumulator)
    {
        OperationChecks.Accumulate(values, accumulator, ElementType);
        var work = new AccumulateWork(values.Floats, accumulator.Floats, values.Count);
        _pool.Run(ref work, ChunkCount(values.Count, ElementsPerChunk));
    }

    /// <inheritdoc/>
    public void SgdUpdate(in SgdStep update, Tensor gradient, Tensor? velocity, Tensor values)
    {
        OperationChecks.SgdUpdate(update, gradient, velocity, values, ElementType);
        float* velocities = velocity is null ? null : velocity.Floats;
        var work = new SgdWork(update, gradient.Floats, velocities, values.Floats, values.Count);
        _pool.Run(ref work, ChunkCount(values.Count, ElementsPerChunk));
    }

    private static int ChunkLength(int chunk, long count) =>
        (int)Math.Min(ElementsPerChunk, count - (long)chunk * ElementsPerChunk);

    private readonly struct ActivationForwardWork(Activation activation, float* input, float* output, long count)
        : IParallelWork
    {
        public void Run(int chunk, int worker)
        {
            long first = (long)chunk * ElementsPerChunk;
            Activation f = activation;
            NativeStatus.Check(
                Shim.nativecnn_activation_forward(
                    (nativecnn_activation*)&f,
                    input + first,
                    ChunkLength(chunk, count),
                    output + first
                ),
                nameof(Shim.nativecnn_activation_forward)
            );
        }
    }

    private readonly struct ActivationBackwardWork(
        Activation activation,
        float* output,
        float* outputGradient,
        float* inputGradient,
        long count
    ) : IParallelWork
    {
        public void Run(int chunk, int worker)
        {
            long first = (long)chunk * ElementsPerChunk;
            Activation f = activation;
            NativeStatus.Check(
                Shim.nativecnn_activation_backward(
                    (nativecnn_activation*)&f,
                    output + first,
                    outputGradient + first,
                    ChunkLength(chunk, count),
                    inputGradient + first
                ),
                nameof(Shim.nativecnn_activation_backward)
            );
        }
    }

    private readonly struct DropoutWork(DropoutMask mask, float* input, float* output, long count) : IParallelWork
    {
        public void Run(int chunk, int worker)
        {
            long first = (long)chunk * ElementsPerChunk;
            DropoutMask m = mask;
            NativeStatus.Check(
                Shim.nativecnn_dropout_apply(
                    (nativecnn_dropout*)&m,
                    input + first,
                    first,
                    ChunkLength(chunk, count),
                    output + first
                ),
                nameof(Shim.nativecnn_dropout_apply)
            );
        }
    }

    private readonly struct AccumulateWork(float* values, float* accumulator, long count) : IParallelWork
    {
        public void Run(int chunk, int worker)
        {
            long first = (long)chunk * ElementsPerChunk;
            NativeStatus.Check(
                Shim.nativecnn_accumulate(values + first, ChunkLength(chunk, count), accumulator + first),
                nameof(Shim.nativecnn_accumulate)
            );
        }
    }

    private readonly struct SgdWork(SgdStep update, float* gradient, float* velocity, float* values, long count)
        : IParallelWork
    {
        public void Run(int chunk, int worker)
        {
            long first = (long)chunk * ElementsPerChunk;
            SgdStep sgd = update;
            NativeStatus.Check(
                Shim.nativecnn_sgd_update(
                    (nativecnn_sgd*)&sgd,
                    gradient + first,
                    ChunkLength(chunk, count),
                    velocity == null ? null : velocity + first,
                    values + first
                ),
                nameof(Shim.nativecnn_sgd_update)
            );
        }
    }
}
