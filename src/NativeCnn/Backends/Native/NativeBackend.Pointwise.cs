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
        RunElements(
            new ElementWork(ElementOperation.ActivationForward, output)
            {
                Activation = activation,
                Source = input.Floats,
            }
        );
    }

    /// <inheritdoc/>
    public void ActivationBackward(in Activation activation, Tensor output, Tensor outputGradient, Tensor inputGradient)
    {
        OperationChecks.ActivationBackward(activation, output, outputGradient, inputGradient, ElementType);
        RunElements(
            new ElementWork(ElementOperation.ActivationBackward, inputGradient)
            {
                Activation = activation,
                Source = output.Floats,
                Other = outputGradient.Floats,
            }
        );
    }

    /// <inheritdoc/>
    public void DropoutApply(in DropoutMask mask, Tensor input, Tensor output)
    {
        OperationChecks.DropoutApply(mask, input, output, ElementType);
        RunElements(new ElementWork(ElementOperation.Dropout, output) { Mask = mask, Source = input.Floats });
    }

    /// <inheritdoc/>
    public void Accumulate(Tensor values, Tensor accumulator)
    {
        OperationChecks.Accumulate(values, accumulator, ElementType);
        RunElements(new ElementWork(ElementOperation.Accumulate, accumulator) { Source = values.Floats });
    }

    /// <inheritdoc/>
    public void SgdUpdate(in SgdStep update, Tensor gradient, Tensor? velocity, Tensor values)
    {
        OperationChecks.SgdUpdate(update, gradient, velocity, values, ElementType);
        RunElements(
            new ElementWork(ElementOperation.Sgd, values)
            {
                Update = update,
                Source = gradient.Floats,
                Other = velocity is null ? null : velocity.Floats,
            }
        );
    }

    private static nativecnn_update UpdateOf(SgdStep step) =>
        new()
        {
            kind = (int)nativecnn_update_kind.NATIVECNN_UPDATE_SGD,
            learning_rate = step.LearningRate,
            weight_decay = step.WeightDecay,
            momentum = step.Momentum,
        };

    private void RunElements(ElementWork work) => _pool.Run(ref work, ChunkCount(work.Count, ElementsPerChunk));

    private enum ElementOperation
    {
        ActivationForward,
        ActivationBackward,
        Dropout,
        Accumulate,
        Sgd,
    }

    private readonly struct ElementWork(ElementOperation operation, Tensor written) : IParallelWork
    {
        private readonly float* _target = written.Floats;

        public int Count { get; } = written.Count;
        public Activation Activation { get; init; }
        public DropoutMask Mask { get; init; }
        public SgdStep Update { get; init; }
        public required float* Source { get; init; }

        /// <summary>The output's gradient, or the velocity, which may be null.</summary>
        public float* Other { get; init; }

        public void Run(int chunk, int worker)
        {
            int first = chunk * ElementsPerChunk;
            int count = Math.Min(ElementsPerChunk, Count - first);
            float* source = Source + first;
            float* other = Other == null ? null : Other + first;
            float* target = _target + first;
            Activation f = Activation;
            DropoutMask mask = Mask;
            nativecnn_update update = UpdateOf(Update);
            switch (operation)
            {
                case ElementOperation.ActivationForward:
                    Shim.nativecnn_activation_forward((nativecnn_activation*)&f, source, count, target);
                    break;
                case ElementOperation.ActivationBackward:
                    Shim.nativecnn_activation_backward((nativecnn_activation*)&f, source, other, count, target);
                    break;
                case ElementOperation.Dropout:
                    Shim.nativecnn_dropout_apply((nativecnn_dropout*)&mask, source, new(first, count), target);
                    break;
                case ElementOperation.Accumulate:
                    Shim.nativecnn_accumulate(source, count, target);
                    break;
                default:
                    Shim.nativecnn_parameter_update(&update, source, count, other, null, target);
                    break;
            }
        }
    }
}
