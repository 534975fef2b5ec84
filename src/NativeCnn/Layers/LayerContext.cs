using NativeCnn.Backends;
using NativeCnn.Networks;
using NativeCnn.Tensors;

namespace NativeCnn.Layers;

/// <summary>What a layer needs to run in one compiled network: its tensors, its parameters there, and the backend.</summary>
public sealed class LayerContext
{
    internal LayerContext(IBackend backend, Phase phase, Shape[] inputShapes, Shape outputShape, ulong key)
    {
        Backend = backend;
        Phase = phase;
        InputShapes = inputShapes;
        OutputShape = outputShape;
        Key = key;
        Inputs = new Tensor[inputShapes.Length];
        InputGradients = new Tensor?[inputShapes.Length];
    }

    /// <summary>What computes.</summary>
    public IBackend Backend { get; }

    /// <summary>What the network was compiled for.</summary>
    public Phase Phase { get; }

    /// <summary>The inputs' shapes, batch included.</summary>
    public IReadOnlyList<Shape> InputShapes { get; }

    /// <summary>The output's shape, batch included.</summary>
    public Shape OutputShape { get; }

    /// <summary>A number of this layer's own, from the network's seed: the key of its random numbers.</summary>
    public ulong Key { get; }

    /// <summary>How many training steps went before: makes each step's random numbers its own.</summary>
    public long Step { get; internal set; }

    /// <summary>The activation that the compiler fused into this layer; identity where there is none.</summary>
    public Activation Activation { get; internal set; } = Activation.Identity;

    /// <summary>The inputs, N×H×W×C each.</summary>
    public Tensor[] Inputs { get; }

    /// <summary>The first input.</summary>
    public Tensor Input => Inputs[0];

    /// <summary>The output, N×H'×W'×C'.</summary>
    public Tensor Output { get; internal set; } = null!;

    /// <summary>The gradient of the loss with respect to the output; null at inference.</summary>
    public Tensor OutputGradient { get; internal set; } = null!;

    /// <summary>Where gradients with respect to the inputs go; null for one that nobody needs.</summary>
    public Tensor?[] InputGradients { get; }

    /// <summary>Where the gradient with respect to the first input goes, or null.</summary>
    public Tensor? InputGradient => InputGradients[0];

    /// <summary>What forward leaves for backward, as <see cref="Layer.Saved"/> lists it; empty at inference.</summary>
    public Tensor[] Saved { get; internal set; } = [];

    /// <summary>The values of <see cref="Layer.Parameters"/>, in the backend's element type.</summary>
    public Tensor[] Parameters { get; internal set; } = [];

    /// <summary>Where the gradients of the parameters are added to; empty at inference.</summary>
    public Tensor[] ParameterGradients { get; internal set; } = [];

    /// <summary>
    /// Per parameter: the optimiser's step, if <see cref="Layer.Backward"/> has to take it instead of adding to a gradient; null
    /// otherwise.
    /// </summary>
    public ParameterUpdate?[] ParameterUpdates { get; internal set; } = [];

    /// <summary>What <see cref="Layer.Prepare"/> left here.</summary>
    public ConvolutionPlan? Plan { get; set; }

    /// <summary>
    /// What the backward pass of a layer that can fuse an activation begins with: multiplies <see cref="OutputGradient"/> in place by the
    /// derivative of <see cref="Activation"/>, and adds the bias gradient.
    /// </summary>
    /// <param name="biasGradient">One value per channel of the output, or null without a bias.</param>
    public void BackwardActivationAndBias(Tensor? biasGradient)
    {
        // f' is taken from the output, which is why the gradient may be overwritten.
        bool identity = Activation == Activation.Identity;
        if (biasGradient is null && !identity)
            Backend.ActivationBackward(Activation, Output, OutputGradient, OutputGradient);
        else if (biasGradient is not null && identity)
            Backend.BiasBackward(OutputGradient, biasGradient);
        else if (biasGradient is not null)
            Backend.ActivationBiasBackward(Activation, Output, OutputGradient, OutputGradient, biasGradient);
    }
}
