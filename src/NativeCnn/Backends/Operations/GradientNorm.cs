using NativeCnn.Tensors;

namespace NativeCnn.Backends.Operations;

/// <summary>The Euclidean norm of a gradient: √Σ g². NaN and infinity make it NaN or infinite.</summary>
/// <param name="shape">The gradient's sizes; the norm is 1×1×1×1.</param>
public sealed class GradientNorm(Shape shape)
    : Operation(
        "clipping",
        shape.Count,
        [Operand.Read("gradient", shape), Operand.Overwritten("norm", Shape.Vector(1, 1))]
    );
