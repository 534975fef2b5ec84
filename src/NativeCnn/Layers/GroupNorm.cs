using System.Text.Json;
using NativeCnn.Backends.Operations;
using NativeCnn.Initializers;
using NativeCnn.Parameters;
using NativeCnn.Tensors;

namespace NativeCnn.Layers;

public static partial class LayerRegistry
{
    private static readonly bool GroupNorm = Add(
        "group-norm",
        json => new GroupNorm(
            json.ReadInt("groups", range: OptionRange.AtLeast(1)),
            json.ReadFloat("epsilon", 1e-5f, OptionRange.GreaterThan(0))
        )
    );
}

/// <summary>
/// Group normalisation: mean 0 and variance 1 of each example over the positions and the channels of a group, then a
/// scale and shift for each channel. One group is layer normalisation. The same in training and at inference.
/// </summary>
/// <remarks>
/// <para>Formula: y = γ_c (x − m) / √(v + ε) + β_c, m and v being mean and biased variance over the positions and the
/// channels of c's group.</para>
/// <para>Gradient: with x̂ for y before γ and β: dγ = Σ dy x̂, dβ = Σ dy, dx = (γ dy − mean(γ dy) − x̂ mean(γ dy x̂)) /
/// √(v + ε), the means over the group; exact, through mean and variance.</para>
/// <para>Shapes: any N×H×W×C whose channels the groups divide, kept; γ and β 1×1×1×C.</para>
/// <para>Parameters: <c>gamma</c> (1 at first) and <c>beta</c> (0).</para>
/// <para>Refuses: fewer than 1 group; groups that do not divide the channels; an ε that is not finite and above
/// 0.</para>
/// <para>NaN and infinity: either makes its group of its example NaN.</para>
/// <para>Source: Y. Wu, K. He, "Group normalization", 2018; J. Ba, J. Kiros, G. Hinton, "Layer normalization", 2016,
/// whose γ and β for every unit are one per channel here.</para>
/// </remarks>
/// <param name="groups">How many groups, 1 or more; they divide the channels.</param>
/// <param name="epsilon">ε, above 0; 1e-5 by default.</param>
/// <exception cref="ArgumentOutOfRangeException">A constant is outside that.</exception>
public sealed class GroupNorm(int groups, float epsilon = 1e-5f) : Layer
{
    /// <summary>How many groups.</summary>
    public int Groups { get; } = NormalizationChecks.Groups(groups);

    /// <summary>ε.</summary>
    public float Epsilon { get; } = NormalizationChecks.Epsilon(epsilon);

    /// <inheritdoc/>
    public override string Kind => "group-norm";

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs)
    {
        NormalizationChecks.Groups(Groups, First(inputs));
        return First(inputs);
    }

    /// <inheritdoc/>
    public override void Build(ReadOnlySpan<Shape> inputs)
    {
        Shape channels = Shape.Vector(1, First(inputs).Channels);
        Parameters =
        [
            new Parameter("gamma", channels, Initializer.Constant(1)),
            new Parameter("beta", channels, Initializer.Zero) { IsBias = true },
        ];
    }

    /// <inheritdoc/>
    public override void Forward(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        Shape shape = context.Input.Shape;
        bool isTraining = context.Phase == Phase.Training;
        Shape groupsOfAll = Shape.Vector(shape.BatchSize, Groups);
        context.SavedForBackward = isTraining
            ? [context.NewSymbol("mean", groupsOfAll), context.NewSymbol("inverse deviation", groupsOfAll)]
            : [];
        context.Call(
            new GroupNormForward(Groups, Epsilon, shape, isTraining),
            context.Input,
            context.Parameter(0),
            context.Parameter(1),
            context.Output,
            isTraining ? context.SavedForBackward[0] : null,
            isTraining ? context.SavedForBackward[1] : null
        );
    }

    /// <inheritdoc/>
    public override void Backward(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        Symbol? inputGradient = context.InputGradient();
        context.Call(
            new GroupNormBackward(Groups, context.Input.Shape, inputGradient is not null),
            context.Input,
            context.Parameter(0),
            context.SavedForBackward[0],
            context.SavedForBackward[1],
            context.OutputGradient,
            inputGradient,
            context.ParameterGradient(0),
            context.ParameterGradient(1)
        );
    }

    /// <inheritdoc/>
    public override void WriteOptions(Utf8JsonWriter json)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteNumber("groups", Groups);
        json.WriteNumber("epsilon", Epsilon);
    }
}
