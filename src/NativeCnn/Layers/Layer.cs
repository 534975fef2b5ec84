using System.Text.Json;
using NativeCnn.Tensors;

namespace NativeCnn.Layers;

/// <summary>
/// A layer: what shape comes out, how the output is computed, how gradients go back, and which parameters it has. It holds
/// options and parameters only; what a run needs is in its <see cref="LayerContext"/>, so that one network can be
/// compiled for several batch sizes and backends.
/// </summary>
/// <remarks>
/// A layer belongs to one place of one network. <see cref="Build"/> is called once, when it is added;
/// <see cref="Infer"/> and <see cref="Prepare"/> each time the network is compiled.
/// </remarks>
public abstract class Layer
{
    /// <summary>The name, unique in its network; the builder numbers layers by kind unless a name is given.</summary>
    public string Name { get; internal set; } = "";

    /// <summary>What the layer is called in files and summaries.</summary>
    public abstract string Kind { get; }

    /// <summary>How many inputs the layer takes.</summary>
    public virtual int InputCount => 1;

    /// <summary>The values that training changes; known once the layer is built.</summary>
    public IReadOnlyList<Parameter> Parameters { get; protected set; } = [];

    /// <summary>Which tensors of the forward pass <see cref="Backward"/> reads; the others' memory is used again.</summary>
    public virtual BackwardReads BackwardReads => BackwardReads.None;

    /// <summary>
    /// Whether the layer can finish its output with an activation, given in <see cref="LayerContext.Activation"/>. Its backward pass then begins
    /// with <see cref="LayerContext.BackwardActivationAndBias"/>.
    /// </summary>
    public virtual bool CanFuseActivation => false;

    /// <summary>
    /// Whether the layer can take the optimiser's step of a parameter in its backward pass (<see cref="LayerContext.ParameterUpdates"/>).
    /// </summary>
    public virtual bool CanUpdate(Parameter parameter) => false;

    /// <summary>The activation that this layer is, if it is nothing else: the compiler may fuse it into the layer before.</summary>
    public virtual Backends.Activation? AsActivation => null;

    /// <summary>Whether the output may be written over the input, and the input's gradient over the output's.</summary>
    public virtual bool CanRunInPlace => false;

    /// <summary>
    /// Whether the output is the input's memory under another shape (or the same): neither <see cref="Forward"/> nor
    /// <see cref="Backward"/> is called then.
    /// </summary>
    public virtual bool IsView(Phase phase) => false;

    /// <summary>The output's shape.</summary>
    /// <exception cref="ShapeException">The inputs do not fit; the network adds the layer's name.</exception>
    public abstract Shape Infer(ReadOnlySpan<Shape> inputs);

    /// <summary>Creates the parameters for inputs of these shapes.</summary>
    public virtual void Build(ReadOnlySpan<Shape> inputs) { }

    /// <summary>The tensors that forward leaves for backward, such as the places of maxima.</summary>
    /// <param name="inputs">The inputs' shapes, batch included.</param>
    /// <param name="type">What the backend computes in.</param>
    public virtual IReadOnlyList<(Shape Shape, ElementType Type)> Saved(ReadOnlySpan<Shape> inputs, ElementType type) =>
        [];

    /// <summary>Multiply-adds of one forward pass.</summary>
    public virtual long MultiplyAdds(ReadOnlySpan<Shape> inputs) => 0;

    /// <summary>The convolutions that <see cref="Prepare"/> plans; their scratch memory counts before any is taken.</summary>
    /// <param name="inputs">The inputs' shapes, batch included.</param>
    public virtual IReadOnlyList<Backends.ConvolutionGeometry> Convolutions(ReadOnlySpan<Shape> inputs) => [];

    /// <summary>Plans what can be planned before the first run, such as the algorithm of a convolution.</summary>
    public virtual void Prepare(LayerContext context) { }

    /// <summary>Computes <see cref="LayerContext.Output"/> from <see cref="LayerContext.Input"/>.</summary>
    public abstract void Forward(LayerContext context);

    /// <summary>
    /// Overwrites <see cref="LayerContext.InputGradient"/> where it is wanted and adds to the parameters' gradients.
    /// </summary>
    public abstract void Backward(LayerContext context);

    /// <summary>Writes the options as members of the layer's JSON object.</summary>
    public virtual void WriteOptions(Utf8JsonWriter json) { }
}

/// <summary>Which tensors of the forward pass a layer's backward pass reads.</summary>
[Flags]
public enum BackwardReads
{
    /// <summary>Neither.</summary>
    None = 0,

    /// <summary>The inputs.</summary>
    Input = 1,

    /// <summary>The output.</summary>
    Output = 2,
}

/// <summary>What a network is compiled for.</summary>
public enum Phase
{
    /// <summary>Forward only: no dropout, nothing kept for a backward pass.</summary>
    Inference,

    /// <summary>Forward and backward.</summary>
    Training,
}
