using System.Text.Json;
using NativeCnn.Backends.Operations;
using NativeCnn.Initializers;
using NativeCnn.Parameters;
using NativeCnn.Tensors;

namespace NativeCnn.Layers;

public static partial class LayerRegistry
{
    private static readonly bool BatchNorm = Add(
        "batch-norm",
        json => new BatchNorm(
            json.ReadFloat("momentum", 0.1f, OptionRange.Between(0, 1)),
            json.ReadFloat("epsilon", 1e-5f, OptionRange.GreaterThan(0))
        )
    );
}

/// <summary>
/// Batch normalisation: each channel gets mean 0 and variance 1 over batch and positions, then a learned scale and
/// shift. At inference mean and variance are running averages.
/// </summary>
/// <remarks>
/// <para>Formula: y = γ_c (x − m_c) / √(v_c + ε) + β_c; in training m and v are mean and biased variance of the batch,
/// at inference their running averages.</para>
/// <para>Gradient: with x̂ for y before γ and β: dγ = Σ dy x̂, dβ = Σ dy, dx = γ (dy − mean(dy) − x̂ mean(dy x̂)) / √(v
/// + ε); exact, through mean and variance.</para>
/// <para>Shapes: any N×H×W×C, kept; γ, β and the running averages 1×1×1×C.</para>
/// <para>Parameters: <c>gamma</c> (1 at first), <c>beta</c> (0), and as state <c>mean</c> (0) and <c>variance</c> (1).
/// Each training step moves the running averages by momentum towards the batch's, the variance being the unbiased one,
/// as in PyTorch.</para>
/// <para>Refuses: a momentum outside 0 to 1; an ε that is not finite and above 0; training where a channel has one
/// value only.</para>
/// <para>NaN and infinity: in training either makes its channel NaN in the whole batch and the channel's running
/// averages with it, which the trainer then refuses to keep; at inference they stay where they are.</para>
/// <para>Source: S. Ioffe, C. Szegedy, "Batch normalization: accelerating deep network training by reducing internal
/// covariate shift", 2015; [002].</para>
/// <para>All places of a batch count, also those of a last batch that no example takes and that hold zeros: use a batch
/// size that divides the number of examples.</para>
/// </remarks>
/// <param name="momentum">The part of the running averages that a batch replaces, 0 to 1; 0.1 by default.</param>
/// <param name="epsilon">ε, above 0; 1e-5 by default.</param>
/// <exception cref="ArgumentOutOfRangeException">A constant is outside that.</exception>
public sealed class BatchNorm(float momentum = 0.1f, float epsilon = 1e-5f) : Layer
{
    /// <summary>The part of the running averages that a batch replaces.</summary>
    public float Momentum { get; } = NormalizationChecks.Momentum(momentum);

    /// <summary>ε.</summary>
    public float Epsilon { get; } = NormalizationChecks.Epsilon(epsilon);

    /// <inheritdoc/>
    public override string Kind => "batch-norm";

    /// <inheritdoc/>
    public override bool CanFuseActivation => true;

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => First(inputs);

    /// <inheritdoc/>
    public override void Build(ReadOnlySpan<Shape> inputs)
    {
        Shape channels = Shape.Vector(1, First(inputs).Channels);
        Parameters =
        [
            new Parameter("gamma", channels, Initializer.Constant(1)),
            new Parameter("beta", channels, Initializer.Zero) { IsBias = true },
            new Parameter("mean", channels, Initializer.Zero) { Role = ParameterRole.State },
            new Parameter("variance", channels, Initializer.Constant(1)) { Role = ParameterRole.State },
        ];
    }

    /// <inheritdoc/>
    public override void Forward(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        Shape shape = context.Input.Shape;
        if (context.Phase == Phase.Inference)
        {
            context.Call(
                new BatchNormInference(Epsilon, shape, context.Activation),
                context.Input,
                context.Parameter(0),
                context.Parameter(1),
                context.Parameter(2),
                context.Parameter(3),
                context.Output
            );
            return;
        }
        Symbol mean = context.NewSymbol("mean", Shape.Vector(1, shape.Channels));
        Symbol inverseDeviation = context.NewSymbol("inverse deviation", Shape.Vector(1, shape.Channels));
        context.SavedForBackward = [mean, inverseDeviation];
        context.Call(
            new BatchNormForward(Epsilon, Momentum, shape, context.Activation),
            context.Input,
            context.Parameter(0),
            context.Parameter(1),
            context.Parameter(2),
            context.Parameter(3),
            context.Output,
            mean,
            inverseDeviation
        );
    }

    /// <inheritdoc/>
    public override void Backward(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        Symbol gradient = context.BackwardActivationAndBias(null);
        Symbol? inputGradient = context.InputGradient();
        context.Call(
            new BatchNormBackward(context.Input.Shape, inputGradient is not null),
            context.Input,
            context.Parameter(0),
            context.SavedForBackward[0],
            context.SavedForBackward[1],
            gradient,
            inputGradient,
            context.ParameterGradient(0),
            context.ParameterGradient(1)
        );
    }

    /// <inheritdoc/>
    public override void WriteOptions(Utf8JsonWriter json)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteNumber("momentum", Momentum);
        json.WriteNumber("epsilon", Epsilon);
    }
}
