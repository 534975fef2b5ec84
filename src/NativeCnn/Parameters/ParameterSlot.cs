using NativeCnn.Tensors;

namespace NativeCnn.Parameters;

/// <summary>A parameter as a compiled network uses it.</summary>
/// <param name="Parameter">The parameter.</param>
/// <param name="Value">
/// Its values in the backend's element type: the network's own memory for float32, a copy for float64.
/// </param>
/// <param name="Gradient">
/// Where its gradient is added to; null at inference, for state, and where a layer takes the optimiser's step in its
/// backward pass and never stores the gradient.
/// </param>
public sealed record ParameterSlot(Parameter Parameter, Tensor Value, Tensor? Gradient);
