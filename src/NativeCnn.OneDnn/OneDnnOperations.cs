using NativeCnn.Backends;
using NativeCnn.Backends.Native;
using NativeCnn.Backends.Operations;

namespace NativeCnn.OneDnn;

/// <summary>The operations beside convolutions that oneDNN computes as the engine specifies them.</summary>
internal static class OneDnnOperations
{
    /// <summary>The kernel, or null where oneDNN has none, or none that means the same.</summary>
    public static Kernel? Plan(OneDnnApi library, NativeBackend backend, Operation operation) =>
        operation switch
        {
            DenseForward forward => OneDnnDenseForward.Plan(library, backend, forward),
            DenseBackwardData backward => OneDnnDenseBackwardData.Plan(library, backend, backward),
            DenseBackwardWeights backward => OneDnnDenseBackwardWeights.Plan(library, backend, backward),
            // Max pooling forward is the engine's own: oneDNN's loses a NaN, and −∞ becomes the least finite number.
            MaxPoolingBackward backward => OneDnnPooling.Plan(library, backend, backward),
            AveragePoolingForward forward => OneDnnPooling.Plan(library, backend, forward),
            AveragePoolingBackward backward => OneDnnPooling.Plan(library, backend, backward),
            // Backward reads s, which oneDNN keeps otherwise.
            LocalResponseNormForward forward => OneDnnLocalResponseNorm.Plan(library, backend, forward),
            // Training needs sums over the whole batch, which oneDNN makes on one thread.
            BatchNormInference inference => OneDnnBatchNorm.Plan(library, backend, inference),
            // Softmax forward is the engine's own: oneDNN's leaves a NaN where it is.
            SoftmaxBackward backward => OneDnnSoftmax.Plan(library, backend, backward),
            ActivationForward forward => OneDnnActivation.Plan(library, backend, forward),
            ActivationBackward backward => OneDnnActivation.Plan(library, backend, backward),
            Addition addition => OneDnnAddition.Plan(library, backend, addition),
            ConcatenationForward forward => OneDnnConcatenation.Plan(library, backend, forward),
            ConcatenationBackward backward => OneDnnConcatenation.Plan(library, backend, backward),
            _ => null,
        };
}
