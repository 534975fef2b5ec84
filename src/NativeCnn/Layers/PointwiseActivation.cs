using System.Text.Json;
using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Layers;

public static partial class LayerRegistry
{
    private static readonly bool PointwiseActivation = ActivationTraits.All.All(traits =>
        Add(traits.Name, json => Layers.PointwiseActivation.Read(traits, json))
    );
}

/// <summary>
/// A point-wise non-linearity: the same function of every value. Every kind is a kind of layer; <see
/// cref="ActivationKind"/> has the formulas.
/// </summary>
/// <remarks>
/// <para>Formula: y = f(x).</para>
/// <para>Gradient: dx = dy f'(x), f' computed from y where y tells it, which lets the compiler fuse f into the
/// convolution or dense layer before it; from x otherwise.</para>
/// <para>Shapes: any N×H×W×C, kept.</para>
/// <para>Refuses: a kind that is none; a constant that is not finite, or 0 where the formula divides by it; a ceiling
/// that is not above 0.</para>
/// <para>NaN and infinity: NaN comes out of every one as NaN. An infinity becomes f's limit: ±1, ±a, 0 or 1 of tanh,
/// its scaled form and the logistic function; 0 where ReLU and softplus, and −α where ELU, bend to; the ceiling of a
/// clipped ReLU; an infinity elsewhere. Where ReLU's output is 0 or NaN, or a clipped one's its ceiling, the gradient is
/// 0, whatever came.</para>
/// <para>Source: [001] (softplus, |x| and its smooth form, gain); [004] (logistic, scaled tanh); [000] (leaky ReLU); Y.
/// LeCun et al., "Efficient BackProp", 1998 (a and b); D.-A. Clevert, T. Unterthiner, S. Hochreiter, "Fast and accurate
/// deep network learning by exponential linear units", 2016 (ELU).</para>
/// </remarks>
/// <param name="activation">f.</param>
/// <exception cref="ArgumentOutOfRangeException">
/// There is no such activation, or a constant of it is not allowed.
/// </exception>
public sealed class PointwiseActivation(Activation activation) : Layer
{
    /// <summary>f.</summary>
    public Activation Activation { get; } = activation.Checked(nameof(activation));

    /// <inheritdoc/>
    public override string Kind => Traits.Name;

    /// <inheritdoc/>
    public override Activation? AsActivation => Activation;

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => First(inputs);

    /// <inheritdoc/>
    public override void Forward(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Call(new ActivationForward(Activation, context.Input.Shape), context.Input, context.Output);
    }

    /// <inheritdoc/>
    public override void Backward(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.InputGradient() is { } inputGradient)
            context.Call(
                new ActivationBackward(Activation, context.Input.Shape),
                Activation.NeedsInput ? context.Input : context.Output,
                context.OutputGradient,
                inputGradient
            );
    }

    /// <inheritdoc/>
    public override void BackwardSecondDerivatives(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.InputGradient() is not { } inputDerivatives)
            return;
        // f'² h, a factor at a time.
        Symbol source = Activation.NeedsInput ? context.Input : context.Output;
        Symbol once = context.NewSymbol("second derivatives times slope", context.Input.Shape);
        context.Call(new ActivationBackward(Activation, context.Input.Shape), source, context.OutputGradient, once);
        context.Call(new ActivationBackward(Activation, context.Input.Shape), source, once, inputDerivatives);
    }

    /// <inheritdoc/>
    public override void WriteOptions(Utf8JsonWriter json)
    {
        ArgumentNullException.ThrowIfNull(json);
        if (Traits.Alpha != ConstantRule.Unused)
            json.WriteNumber("alpha", Activation.Alpha);
        if (Traits.Beta != ConstantRule.Unused)
            json.WriteNumber("beta", Activation.Beta);
    }

    internal static PointwiseActivation Read(ActivationTraits traits, LayerOptions json)
    {
        (float? alpha, float? beta) = Defaults(traits.Kind);
        return new(
            new Activation(
                traits.Kind,
                traits.Alpha == ConstantRule.Unused ? 1 : json.ReadFloat("alpha", alpha, Range(traits.Alpha)),
                traits.Beta == ConstantRule.Unused ? 1 : json.ReadFloat("beta", beta, Range(traits.Beta))
            )
        );
    }

    // Those of the methods of Node.
    private static (float? Alpha, float? Beta) Defaults(ActivationKind kind)
    {
        Activation? byDefault = kind switch
        {
            ActivationKind.Logistic => Activation.Logistic(),
            ActivationKind.ScaledTanh => Activation.ScaledTanh(),
            ActivationKind.LeakyRelu => Activation.LeakyRelu(),
            ActivationKind.Softplus => Activation.Softplus(),
            ActivationKind.Elu => Activation.Elu(),
            ActivationKind.SmoothAbsolute => Activation.SmoothAbsolute(),
            ActivationKind.ClippedRelu => Activation.ClippedRelu(),
            _ => null,
        };
        return (byDefault?.Alpha, byDefault?.Beta);
    }

    private static OptionRange Range(ConstantRule rule) =>
        rule switch
        {
            ConstantRule.NotZero => new OptionRange { IsNotZero = true },
            ConstantRule.AboveZero => OptionRange.GreaterThan(0),
            ConstantRule.NotNegative => OptionRange.AtLeast(0),
            _ => default,
        };

    private ActivationTraits Traits => ActivationTraits.Find(Activation.Kind)!;
}
