using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Layers;

public static partial class LayerRegistry
{
    private static readonly bool SpatialDropout = Add(
        "spatial-dropout",
        json => new SpatialDropout(json.ReadFloat("probability", 0.5f, new OptionRange { Minimum = 0, Below = 1 }))
    );
}

/// <summary>
/// Dropout of whole maps: in training each map of each example is dropped with probability p and otherwise scaled by
/// 1/(1 − p); at inference nothing is done (Tompson et al., "Efficient object localization using convolutional
/// networks", 2015). Any shape; of vectors it is <see cref="Dropout"/>.
/// </summary>
public sealed class SpatialDropout : MaskedLayer
{
    /// <summary>Dropout of whole maps.</summary>
    /// <param name="probability">The probability p of dropping a map, 0 ≤ p &lt; 1; ½ by default.</param>
    /// <exception cref="ArgumentOutOfRangeException">p is outside that.</exception>
    public SpatialDropout(float probability = 0.5f)
        : base(probability) { }

    /// <inheritdoc/>
    public override string Kind => "spatial-dropout";

    private protected override Operation Mask(DropoutOptions options, Shape shape, bool isBackward) =>
        new Backends.Operations.SpatialDropout(options, shape, isBackward);
}
