using NativeCnn.Tensors;

namespace NativeCnn.Backends.Operations;

/// <summary>
/// A step of Adagrad (Duchi, Hazan and Singer 2011) with learning rate η and weight decay λ, as PyTorch defines it:
/// g' = g + λw, s ← s + g'², w ← w − η g' / (√s + ε).
/// </summary>
/// <remarks>
/// Operands: <c>gradient</c> g, <c>sumOfSquares</c> s and <c>values</c> w. Scalars: <c>learningRate</c>, <c>epsilon</c>
/// above 0, and <c>weightDecay</c>.
/// </remarks>
/// <param name="shape">The parameter's shape.</param>
public sealed class AdagradUpdate(Shape shape)
    : UpdateOperation(
        // The square, a root, a quotient and the sums, each with a rounding or two.
        10,
        shape,
        ["sumOfSquares"],
        ["learningRate", "epsilon", "weightDecay"]
    )
{
    /// <inheritdoc/>
    protected internal override void CheckScalars(ReadOnlySpan<double> scalars)
    {
        base.CheckScalars(scalars);
        if (!((float)scalars[1] > 0))
            throw new ArgumentException($"{Name}: epsilon is above 0 as float32; got {scalars[1]}.");
    }
}
