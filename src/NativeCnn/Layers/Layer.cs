using System.Text.Json;
using NativeCnn.Backends.Operations;
using NativeCnn.Parameters;
using NativeCnn.Tensors;

namespace NativeCnn.Layers;

/// <summary>
/// A layer: what shape comes out, of which operations its forward and backward pass consist, and which parameters it
/// has. It holds options and parameters only, so that one network can be compiled for several batch sizes and backends.
/// </summary>
/// <remarks>
/// A layer belongs to one place of one network. <see cref="Build"/> is called once, when it is added; <see
/// cref="Forward"/> and <see cref="Backward"/> each time a network is compiled: they record operations, which then run
/// at every step.
/// </remarks>
public abstract class Layer
{
    /// <summary>The name, unique in its network; the builder numbers layers by kind unless a name is given.</summary>
    public string Name { get; internal set; } = "";

    /// <summary>
    /// What the layer is called in files and summaries; <see cref="LayerRegistry"/> reads it back by this name.
    /// </summary>
    public abstract string Kind { get; }

    /// <summary>How many inputs the layer takes; any number from 1 if null.</summary>
    public virtual int? InputCount => 1;

    /// <summary>The values that the network keeps for this layer; known once the layer is built.</summary>
    public IReadOnlyList<Parameter> Parameters { get; protected set; } = [];

    /// <summary>
    /// Whether the layer can finish its output with an activation, given in <see cref="LayerContext.Activation"/>. Its
    /// backward pass then begins with <see cref="LayerContext.BackwardActivationAndBias"/>.
    /// </summary>
    public virtual bool CanFuseActivation => false;

    /// <summary>
    /// The activation that this layer is, if it is nothing else: the compiler may fuse it into the layer before.
    /// </summary>
    public virtual Activation? AsActivation => null;

    /// <summary>
    /// What folds a batch normalisation of this layer's output into its filters, for <see cref="LayerContext.Fold"/>;
    /// null where the layer cannot.
    /// </summary>
    internal virtual BatchNormFolding? DeclareFolding(float epsilon) => null;

    /// <summary>The output's shape.</summary>
    /// <exception cref="ShapeException">The inputs do not fit; the network adds the layer's name.</exception>
    public abstract Shape InferShape(ReadOnlySpan<Shape> inputs);

    /// <summary>Creates the parameters for inputs of these shapes.</summary>
    public virtual void Build(ReadOnlySpan<Shape> inputs) { }

    /// <summary>Records what computes <see cref="LayerContext.Output"/>.</summary>
    public abstract void Forward(LayerContext context);

    /// <summary>
    /// Records what computes the gradient of each input that wants one (<see cref="LayerContext.InputGradient"/>) and
    /// adds to the parameters' gradients. It may use every symbol that forward used.
    /// </summary>
    public abstract void Backward(LayerContext context);

    /// <summary>
    /// Records what propagates the diagonal of the loss's second derivatives, as <see cref="Backward"/> does the
    /// gradient: from that of the output (<see cref="LayerContext.OutputGradient"/>) to that of each input, adding to
    /// that of each parameter. Optional: a layer without it refuses.
    /// </summary>
    /// <remarks>
    /// Gauss–Newton, as in LeCun et al., "Efficient BackProp", 1998, section 7: Σ (∂y/∂x)² h_y, without f''. Of a
    /// shared parameter the sum of that over its uses. Often it is <see cref="Backward"/> of <see
    /// cref="LayerContext.Squared"/> operands; <see cref="LayerContext.BackwardActivationAndBias"/> knows which of the
    /// two passes it begins.
    /// </remarks>
    /// <exception cref="NotSupportedException">The layer has no such pass; the message names it.</exception>
    public virtual void BackwardSecondDerivatives(LayerContext context) =>
        throw new NotSupportedException(
            $"Layer '{Name}' ({Kind}) has no second derivatives: train it with --optimizer sgd."
        );

    /// <summary>The first of a layer's inputs.</summary>
    /// <exception cref="ShapeException">There is none.</exception>
    protected static Shape First(ReadOnlySpan<Shape> inputs) =>
        inputs.IsEmpty ? throw new ShapeException("a layer reads one input or more; got none.") : inputs[0];

    /// <summary>Writes the options as members of the layer's JSON object.</summary>
    public virtual void WriteOptions(Utf8JsonWriter json) { }
}

/// <summary>What a network compiled for training propagates back.</summary>
public enum BackwardOrder
{
    /// <summary>The gradient.</summary>
    Gradient,

    /// <summary>
    /// The diagonal of the second derivatives (Gauss–Newton), for rules that scale each weight's step by its curvature.
    /// </summary>
    SecondDerivatives,
}

/// <summary>What a network is compiled for.</summary>
public enum Phase
{
    /// <summary>Forward only: no dropout, nothing kept for a backward pass.</summary>
    Inference,

    /// <summary>Forward and backward.</summary>
    Training,
}
