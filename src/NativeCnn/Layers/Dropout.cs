using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Layers;

public static partial class LayerRegistry
{
    private static readonly bool Dropout = Add(
        "dropout",
        json => new Dropout(json.ReadFloat("probability", 0.5f, new OptionRange { Minimum = 0, Below = 1 }))
    );
}

/// <summary>
/// Dropout: in training each value is dropped with probability p and otherwise scaled by 1/(1 − p); at inference
/// nothing is done (Srivastava et al. 2014, in the inverted form). Any shape.
/// </summary>
public sealed class Dropout : MaskedLayer
{
    /// <summary>Dropout.</summary>
    /// <param name="probability">The probability p of dropping a value, 0 ≤ p &lt; 1; ½ by default.</param>
    /// <exception cref="ArgumentOutOfRangeException">p is outside that.</exception>
    public Dropout(float probability = 0.5f)
        : base(probability) { }

    /// <inheritdoc/>
    public override string Kind => "dropout";

    private protected override Operation Mask(DropoutOptions options, Shape shape, bool isBackward) =>
        new Backends.Operations.Dropout(options, shape, isBackward);
}
