using NativeCnn.Backends;
using NativeCnn.Layers;
using NativeCnn.Tensors;

namespace NativeCnn.Networks;

/// <summary>A parameter as a compiled network uses it.</summary>
/// <param name="Parameter">The parameter.</param>
/// <param name="Value">
/// Its values in the backend's element type: the network's own memory for float32, a copy for float64.
/// </param>
/// <param name="Gradient">Where its gradient is added to; null at inference, and where <paramref name="Update"/> is not.</param>
/// <param name="Update">
/// The optimiser's step, if the layer takes it in its backward pass: its gradient is then never stored. Null otherwise.
/// </param>
public sealed record ParameterSlot(Parameter Parameter, Tensor Value, Tensor? Gradient, ParameterUpdate? Update = null);

/// <summary>An SGD step that a layer takes in its backward pass, where it computes the gradient.</summary>
public sealed class ParameterUpdate
{
    /// <summary>The step's constants; the optimiser sets them before each backward pass.</summary>
    public SgdStep Step { get; set; }

    /// <summary>The velocity, or null without momentum; the optimiser's.</summary>
    public Tensor? Velocity { get; set; }
}
