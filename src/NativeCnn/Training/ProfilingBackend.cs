using System.Diagnostics;
using NativeCnn.Backends;
using NativeCnn.Tensors;

namespace NativeCnn.Training;

/// <summary>What a backend's operation is to a training step.</summary>
internal enum ProfiledPass
{
    Forward,
    BackwardData,
    BackwardParameters,
    BackwardBias,
    BackwardActivation,
    BackwardActivationBias,
    JoinGradients,
    Loss,
    Optimizer,
}

/// <summary>Is told how long each operation took.</summary>
internal interface IOperationObserver
{
    /// <param name="pass">What it was.</param>
    /// <param name="tensor">
    /// Which layer it was for: forward, the output; backward, the output's gradient; null where it belongs to no layer.
    /// </param>
    /// <param name="ticks">How long it took, in ticks of <see cref="Stopwatch"/>.</param>
    /// <param name="bytes">The bytes of all tensors that it took.</param>
    void Finished(ProfiledPass pass, Tensor? tensor, long ticks, long bytes);

    /// <summary>Whether a tensor is the gradient of a layer's output.</summary>
    bool IsGradient(Tensor tensor);
}

/// <summary>Forwards every operation to another backend and tells an observer how long it took. Plans are the other backend's.</summary>
internal sealed class ProfilingBackend(IBackend inner, IOperationObserver observer) : IBackend
{
    public string Name => inner.Name;

    public ElementType ElementType => inner.ElementType;

    public int Threads => inner.Threads;

    public ConvolutionPlan PlanConvolution(in ConvolutionGeometry geometry) => inner.PlanConvolution(geometry);

    public long WorkspaceBytes(IEnumerable<ConvolutionGeometry> convolutions) => inner.WorkspaceBytes(convolutions);

    public void ConvolutionForward(
        ConvolutionPlan plan,
        Tensor input,
        Tensor filters,
        Tensor? bias,
        in Activation activation,
        Tensor output
    )
    {
        long start = Now;
        inner.ConvolutionForward(plan, input, filters, bias, activation, output);
        Report(ProfiledPass.Forward, output, start, input, filters, bias, output);
    }

    public void ConvolutionBackwardData(
        ConvolutionPlan plan,
        Tensor outputGradient,
        Tensor filters,
        Tensor inputGradient
    )
    {
        long start = Now;
        inner.ConvolutionBackwardData(plan, outputGradient, filters, inputGradient);
        Report(ProfiledPass.BackwardData, outputGradient, start, outputGradient, filters, inputGradient);
    }

    public void ConvolutionBackwardFilter(
        ConvolutionPlan plan,
        Tensor input,
        Tensor outputGradient,
        Tensor filterGradient
    )
    {
        long start = Now;
        inner.ConvolutionBackwardFilter(plan, input, outputGradient, filterGradient);
        Report(ProfiledPass.BackwardParameters, outputGradient, start, input, outputGradient, filterGradient);
    }

    public void BiasBackward(Tensor outputGradient, Tensor biasGradient)
    {
        long start = Now;
        inner.BiasBackward(outputGradient, biasGradient);
        Report(ProfiledPass.BackwardBias, outputGradient, start, outputGradient, biasGradient);
    }

    public void DenseForward(Tensor input, Tensor weights, Tensor? bias, in Activation activation, Tensor output)
    {
        long start = Now;
        inner.DenseForward(input, weights, bias, activation, output);
        Report(ProfiledPass.Forward, output, start, input, weights, bias, output);
    }

    public void DenseBackwardData(Tensor outputGradient, Tensor weights, Tensor inputGradient)
    {
        long start = Now;
        inner.DenseBackwardData(outputGradient, weights, inputGradient);
        Report(ProfiledPass.BackwardData, outputGradient, start, outputGradient, weights, inputGradient);
    }

    public void DenseBackwardWeights(Tensor input, Tensor outputGradient, Tensor weightGradient)
    {
        long start = Now;
        inner.DenseBackwardWeights(input, outputGradient, weightGradient);
        Report(ProfiledPass.BackwardParameters, outputGradient, start, input, outputGradient, weightGradient);
    }

    public void DenseUpdateWeights(
        Tensor input,
        Tensor outputGradient,
        in SgdStep update,
        Tensor? velocity,
        Tensor weights
    )
    {
        long start = Now;
        inner.DenseUpdateWeights(input, outputGradient, update, velocity, weights);
        // Velocity and weights are read and written.
        Report(
            ProfiledPass.BackwardParameters,
            outputGradient,
            start,
            input,
            outputGradient,
            velocity,
            velocity,
            weights,
            weights
        );
    }

    public void LocalResponseNormForward(in LocalResponseWindow window, Tensor input, Tensor output, Tensor? scale)
    {
        long start = Now;
        inner.LocalResponseNormForward(window, input, output, scale);
        Report(ProfiledPass.Forward, output, start, input, output, scale);
    }

    public void LocalResponseNormBackward(
        in LocalResponseWindow window,
        Tensor input,
        Tensor scale,
        Tensor outputGradient,
        Tensor inputGradient
    )
    {
        long start = Now;
        inner.LocalResponseNormBackward(window, input, scale, outputGradient, inputGradient);
        Report(ProfiledPass.BackwardData, outputGradient, start, input, scale, outputGradient, inputGradient);
    }

    public void MaxPoolingForward(in PoolingGeometry geometry, Tensor input, Tensor output, Tensor? argmax)
    {
        long start = Now;
        inner.MaxPoolingForward(geometry, input, output, argmax);
        Report(ProfiledPass.Forward, output, start, input, output, argmax);
    }

    public void MaxPoolingBackward(
        in PoolingGeometry geometry,
        Tensor outputGradient,
        Tensor argmax,
        Tensor inputGradient
    )
    {
        long start = Now;
        inner.MaxPoolingBackward(geometry, outputGradient, argmax, inputGradient);
        Report(ProfiledPass.BackwardData, outputGradient, start, outputGradient, argmax, inputGradient);
    }

    public void AveragePoolingForward(in PoolingGeometry geometry, Tensor input, Tensor output)
    {
        long start = Now;
        inner.AveragePoolingForward(geometry, input, output);
        Report(ProfiledPass.Forward, output, start, input, output);
    }

    public void AveragePoolingBackward(in PoolingGeometry geometry, Tensor outputGradient, Tensor inputGradient)
    {
        long start = Now;
        inner.AveragePoolingBackward(geometry, outputGradient, inputGradient);
        Report(ProfiledPass.BackwardData, outputGradient, start, outputGradient, inputGradient);
    }

    public void ActivationForward(in Activation activation, Tensor input, Tensor output)
    {
        long start = Now;
        inner.ActivationForward(activation, input, output);
        Report(ProfiledPass.Forward, output, start, input, output);
    }

    public void ActivationBackward(in Activation activation, Tensor output, Tensor outputGradient, Tensor inputGradient)
    {
        long start = Now;
        inner.ActivationBackward(activation, output, outputGradient, inputGradient);
        Report(ProfiledPass.BackwardActivation, outputGradient, start, output, outputGradient, inputGradient);
    }

    public void ActivationBiasBackward(
        in Activation activation,
        Tensor output,
        Tensor outputGradient,
        Tensor inputGradient,
        Tensor biasGradient
    )
    {
        long start = Now;
        inner.ActivationBiasBackward(activation, output, outputGradient, inputGradient, biasGradient);
        Report(
            ProfiledPass.BackwardActivationBias,
            outputGradient,
            start,
            output,
            outputGradient,
            inputGradient,
            biasGradient
        );
    }

    // One operation for both ways: what comes in says which it is.
    public void DropoutApply(in DropoutMask mask, Tensor input, Tensor output)
    {
        long start = Now;
        inner.DropoutApply(mask, input, output);
        bool backward = observer.IsGradient(input);
        ProfiledPass pass = backward ? ProfiledPass.BackwardData : ProfiledPass.Forward;
        Report(pass, backward ? input : output, start, input, output);
    }

    public void SoftmaxForward(Tensor input, Tensor output)
    {
        long start = Now;
        inner.SoftmaxForward(input, output);
        Report(ProfiledPass.Forward, output, start, input, output);
    }

    public void SoftmaxBackward(Tensor output, Tensor outputGradient, Tensor inputGradient)
    {
        long start = Now;
        inner.SoftmaxBackward(output, outputGradient, inputGradient);
        Report(ProfiledPass.BackwardData, outputGradient, start, output, outputGradient, inputGradient);
    }

    public void Accumulate(Tensor values, Tensor accumulator)
    {
        long start = Now;
        inner.Accumulate(values, accumulator);
        Report(ProfiledPass.JoinGradients, accumulator, start, values, accumulator, accumulator);
    }

    public double SoftmaxCrossEntropy(Tensor logits, ReadOnlySpan<int> labels, double scale, Tensor? logitGradient)
    {
        long start = Now;
        double loss = inner.SoftmaxCrossEntropy(logits, labels, scale, logitGradient);
        Report(ProfiledPass.Loss, null, start, logits, logitGradient);
        return loss;
    }

    public double SquaredError(
        Tensor output,
        Tensor targets,
        int count,
        double factor,
        double scale,
        Tensor? outputGradient
    )
    {
        long start = Now;
        double loss = inner.SquaredError(output, targets, count, factor, scale, outputGradient);
        Report(ProfiledPass.Loss, null, start, output, targets, outputGradient);
        return loss;
    }

    public void SgdUpdate(in SgdStep update, Tensor gradient, Tensor? velocity, Tensor values)
    {
        long start = Now;
        inner.SgdUpdate(update, gradient, velocity, values);
        // Velocity and values are read and written.
        Report(ProfiledPass.Optimizer, null, start, gradient, velocity, velocity, values, values);
    }

    /// <summary>The other backend stays: it is not this one's.</summary>
    public void Dispose() { }

    private static long Now => Stopwatch.GetTimestamp();

    private void Report(ProfiledPass pass, Tensor? tensor, long start, params ReadOnlySpan<Tensor?> touched)
    {
        long ticks = Now - start;
        long bytes = 0;
        foreach (Tensor? each in touched)
            bytes += each?.ByteCount ?? 0;
        observer.Finished(pass, tensor, ticks, bytes);
    }
}
