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
/// Dropout of whole maps: in training each map of each example is dropped with a probability and otherwise scaled up;
/// at inference nothing is done. Of vectors it is <see cref="Dropout"/>.
/// </summary>
/// <remarks>
/// <para>Formula: y[n,·,·,c] = 0 with probability p, else x[n,·,·,c] / (1 − p).</para>
/// <para>Gradient: dx = 0 where the map was dropped, else dy / (1 − p).</para>
/// <para>Shapes: any N×H×W×C, kept.</para>
/// <para>Refuses: a probability below 0, of 1 or more, or NaN.</para>
/// <para>NaN and infinity: what is dropped is 0, a NaN or an infinity too; what is kept keeps them.</para>
/// <para>Source: J. Tompson, R. Goroshin, A. Jain, Y. LeCun, C. Bregler, "Efficient object localization using
/// convolutional networks", 2015.</para>
/// <para>The mask is not stored: it is recomputed in the backward pass from the layer's key and the step's
/// number.</para>
/// </remarks>
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
