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
/// Dropout: in training each value is dropped with a probability and otherwise scaled up; at inference nothing is done.
/// </summary>
/// <remarks>
/// <para>Formula: y = 0 with probability p, else x / (1 − p).</para>
/// <para>Gradient: dx = 0 where x was dropped, else dy / (1 − p).</para>
/// <para>Shapes: any N×H×W×C, kept.</para>
/// <para>Refuses: a probability below 0, of 1 or more, or NaN.</para>
/// <para>NaN and infinity: what is dropped is 0, a NaN or an infinity too; what is kept keeps them.</para>
/// <para>Source: N. Srivastava, G. Hinton, A. Krizhevsky, I. Sutskever, R. Salakhutdinov, "Dropout: a simple way to
/// prevent neural networks from overfitting", 2014, in the inverted form; [002].</para>
/// <para>The mask is not stored: it is recomputed in the backward pass from the layer's key and the step's
/// number.</para>
/// </remarks>
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
