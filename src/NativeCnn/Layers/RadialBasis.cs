using System.Text.Json;
using NativeCnn.Backends.Operations;
using NativeCnn.Initializers;
using NativeCnn.Parameters;
using NativeCnn.Tensors;

namespace NativeCnn.Layers;

public static partial class LayerRegistry
{
    private static readonly bool RadialBasis = Add(
        "radial-basis",
        json => new RadialBasis(json.ReadInt("units", range: OptionRange.AtLeast(1)))
        {
            HasDigitCodes = json.ReadBool("digit_codes", false),
            IsLearned = json.ReadBool("learned", true),
            IsNegated = json.ReadBool("negated", false),
            Initializer = json.ReadInitializer(Initializer.LeCunUniform),
        }
    );
}

/// <summary>
/// Euclidean radial basis units: how far an example is from each unit's centre. The least is the class.
/// </summary>
/// <remarks>
/// <para>Formula: y[n,o] = Σ_k (x[n,k] − w[o,k])², or its negative.</para>
/// <para>Gradient: dx[n,k] = 2 Σ_o dy[n,o] (x[n,k] − w[o,k]); dw[o,k] = 2 Σ_n dy[n,o] (w[o,k] − x[n,k]); both with the
/// other sign where the outputs are negated.</para>
/// <para>Shapes: input N×H×W×C, output N×1×1×O; centres O×H×W×C.</para>
/// <para>Refuses: fewer than 1 unit; codes of digits for other than 10 units and 84 values.</para>
/// <para>NaN and infinity: a NaN reaches every unit of its example; an infinity of either sign makes every unit
/// infinite.</para>
/// <para>Source: the output layer of LeNet-5: Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning
/// applied to document recognition", 1998, section II.B, equation 7.</para>
/// </remarks>
/// <param name="units">O, 1 or more.</param>
public sealed class RadialBasis(int units) : Layer
{
    /// <summary>O.</summary>
    public int Units { get; } = units;

    /// <summary>
    /// Whether the centres start as LeNet-5's codes, bitmaps of the digits of 7×12 pixels of ±1, for 10 units and 84
    /// values; no by default.
    /// </summary>
    public bool HasDigitCodes { get; init; }

    /// <summary>
    /// Whether the optimiser moves the centres; so by default. Fixed ones are state, which files keep.
    /// </summary>
    public bool IsLearned { get; init; } = true;

    /// <summary>
    /// Whether the outputs are minus the squares, so that the nearest centre has the greatest: what accuracy and
    /// softmax cross-entropy, the paper's equation 9, take. No by default.
    /// </summary>
    public bool IsNegated { get; init; }

    /// <summary>
    /// What fills the centres where they are no digits' codes: uniform between ±√3 / √fanIn by default, fanIn being
    /// H·W·C.
    /// </summary>
    public Initializer Initializer { get; init; } = Initializer.LeCunUniform;

    /// <inheritdoc/>
    public override string Kind => "radial-basis";

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs)
    {
        Shape input = First(inputs);
        if (Units < 1)
            throw new ShapeException($"There is 1 radial basis unit or more; got {Units}.");
        bool fitsDigits =
            Units == DigitBitmapInitializer.Digits && input.ElementsPerExample == DigitBitmapInitializer.Pixels;
        if (HasDigitCodes && !fitsDigits)
            throw new ShapeException(
                $"the codes of the digits are for {DigitBitmapInitializer.Digits} units and "
                    + $"{DigitBitmapInitializer.Pixels} values; there are {Units} units and an input of {input}."
            );
        return Shape.Vector(input.BatchSize, Units);
    }

    /// <inheritdoc/>
    public override void Build(ReadOnlySpan<Shape> inputs)
    {
        Shape input = First(inputs);
        Initializer initializer = HasDigitCodes ? new DigitBitmapInitializer() : Initializer;
        Parameters =
        [
            new Parameter("centre", input.WithBatchSize(Units), initializer, input.ElementsPerExample, Units)
            {
                // Towards 0 is no simpler for a centre.
                IsBias = true,
                Role = IsLearned ? ParameterRole.Trained : ParameterRole.State,
            },
        ];
    }

    /// <inheritdoc/>
    public override void Forward(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Call(
            new RadialBasisForward(context.Input.Shape, Units, IsNegated),
            context.Input,
            context.Parameter(0),
            context.Output
        );
    }

    /// <inheritdoc/>
    public override void Backward(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        Backward(context, isSquared: false);
    }

    /// <inheritdoc/>
    public override void BackwardSecondDerivatives(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        Backward(context, isSquared: true);
    }

    private void Backward(LayerContext context, bool isSquared)
    {
        Shape input = context.Input.Shape;
        if (IsLearned)
            context.Call(
                new RadialBasisBackwardCentres(input, Units, IsNegated, isSquared),
                context.Input,
                context.Parameter(0),
                context.OutputGradient,
                context.ParameterGradient(0)
            );
        if (context.InputGradient() is { } inputGradient)
            context.Call(
                new RadialBasisBackwardData(input, Units, IsNegated, isSquared),
                context.Input,
                context.Parameter(0),
                context.OutputGradient,
                inputGradient
            );
    }

    /// <inheritdoc/>
    public override void WriteOptions(Utf8JsonWriter json)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteNumber("units", Units);
        json.WriteBoolean("digit_codes", HasDigitCodes);
        json.WriteBoolean("learned", IsLearned);
        json.WriteBoolean("negated", IsNegated);
        json.WriteInitializer(Initializer, Initializer.LeCunUniform);
    }
}
