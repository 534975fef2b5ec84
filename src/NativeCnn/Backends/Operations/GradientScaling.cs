using NativeCnn.Tensors;

namespace NativeCnn.Backends.Operations;

/// <summary>g ← factor · g.</summary>
/// <remarks>
/// The scalar <c>factor</c> may be NaN, which makes all of the gradient NaN: what stopped being finite is not hidden.
/// </remarks>
/// <param name="shape">The gradient's sizes.</param>
public sealed class GradientScaling(Shape shape)
    : Operation("clipping", 1, [Operand.Updated("gradient", shape)], ["factor"]);
