using System.Text.Json;
using NativeCnn.Backends.Operations;
using NativeCnn.Initializers;
using NativeCnn.Parameters;
using NativeCnn.Tensors;

namespace NativeCnn.Layers;

public static partial class LayerRegistry
{
    private static readonly bool PRelu = Add(
        "prelu",
        json => new PRelu
        {
            IsShared = json.ReadBool("shared", false),
            InitialSlope = json.ReadFloat("initial_slope", 0.25f),
        }
    );
}

/// <summary>
/// PReLU: leaky ReLU whose slope below 0 is learned, of any sign, one for each channel or one for all.
/// </summary>
/// <remarks>
/// <para>Formula: y = x where x &gt; 0, else a_c x.</para>
/// <para>Gradient: dx = dy where x &gt; 0, else a_c dy; da_c = Σ x dy over batch and positions where x ≤ 0.</para>
/// <para>Shapes: any N×H×W×C, kept; slope 1×1×1×C, or 1×1×1×1 where one serves all channels.</para>
/// <para>Refuses: a first slope that is not finite.</para>
/// <para>NaN and infinity: NaN stays NaN, +∞ stays +∞, −∞ becomes a_c · −∞, which is NaN for a slope of 0.</para>
/// <para>Source: K. He, X. Zhang, S. Ren, J. Sun, "Delving deep into rectifiers", 2015.</para>
/// </remarks>
public sealed class PRelu : Layer
{
    /// <summary>Whether all channels have one slope; each its own by default.</summary>
    public bool IsShared { get; init; }

    /// <summary>What the slopes start with; 0.25 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not finite.</exception>
    public float InitialSlope
    {
        get;
        init =>
            field = float.IsFinite(value)
                ? value
                : throw new ArgumentOutOfRangeException(nameof(value), $"PReLU's slope is finite; got {value}.");
    } = 0.25f;

    /// <inheritdoc/>
    public override string Kind => "prelu";

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => First(inputs);

    /// <inheritdoc/>
    public override void Build(ReadOnlySpan<Shape> inputs) =>
        Parameters = [
            new Parameter(
                "slope",
                Shape.Vector(1, IsShared ? 1 : First(inputs).Channels),
                Initializer.Constant(InitialSlope)
            ),
        ];

    /// <inheritdoc/>
    public override void Forward(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Call(
            new ChannelScaleForward(context.Input.Shape, IsShared, keepsPositive: true),
            context.Input,
            context.Parameter(0),
            context.Output
        );
    }

    /// <inheritdoc/>
    public override void Backward(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        Symbol? inputGradient = context.InputGradient();
        context.Call(
            new ChannelScaleBackward(context.Input.Shape, IsShared, keepsPositive: true, inputGradient is not null),
            context.Input,
            context.Parameter(0),
            context.OutputGradient,
            inputGradient,
            context.ParameterGradient(0)
        );
    }

    /// <inheritdoc/>
    public override void WriteOptions(Utf8JsonWriter json)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteBoolean("shared", IsShared);
        json.WriteNumber("initial_slope", InitialSlope);
    }
}
