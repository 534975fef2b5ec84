using NativeCnn.Backends;
using NativeCnn.Layers;
using NativeCnn.Networks;
using NativeCnn.Tensors;

namespace NativeCnn.Optimizers;

/// <summary>
/// Stochastic gradient descent with momentum μ and weight decay λ, as PyTorch defines it: v ← μv + (g + λw); w ← w − ηv.
/// </summary>
public sealed class Sgd : Optimizer
{
    private ParameterSlot[] _parameters = [];
    private Tensor?[] _velocities = [];

    /// <summary>μ, 0 ≤ μ &lt; 1; 0 by default.</summary>
    public float Momentum { get; set; }

    /// <summary>λ; 0 by default. A parameter's own factor multiplies it.</summary>
    public float WeightDecay { get; set; }

    /// <summary>1, the velocity; 0 without momentum.</summary>
    public override int StatePerParameter => Momentum == 0 ? 0 : 1;

    /// <inheritdoc/>
    public override bool CanFuse => true;

    /// <inheritdoc/>
    public override void Prepare(IReadOnlyList<ParameterSlot> parameters)
    {
        Free();
        _parameters = [.. parameters];
        _velocities = new Tensor?[_parameters.Length];
        for (int i = 0; i < _velocities.Length; i++)
        {
            (_, Tensor value, _, ParameterUpdate? update) = _parameters[i];
            _velocities[i] = Momentum == 0 ? null : new Tensor(value.Shape, value.Type);
            if (update is not null)
                update.Velocity = _velocities[i];
        }
    }

    /// <inheritdoc/>
    public override void BeginStep()
    {
        foreach (ParameterSlot slot in _parameters)
        {
            if (slot.Update is { } update)
                update.Step = StepOf(slot.Parameter);
        }
    }

    /// <inheritdoc/>
    public override void Update(IBackend backend)
    {
        for (int i = 0; i < _parameters.Length; i++)
        {
            (Parameter parameter, Tensor value, Tensor? gradient, ParameterUpdate? update) = _parameters[i];
            if (update is not null)
                continue;
            if (gradient is null)
            {
                throw new InvalidOperationException(
                    $"{parameter.Name} has no gradient: the network was compiled for inference."
                );
            }
            backend.SgdUpdate(StepOf(parameter), gradient, _velocities[i], value);
        }
    }

    private SgdStep StepOf(Parameter parameter) =>
        new(LearningRate * parameter.LearningRateFactor, Momentum, WeightDecay * parameter.WeightDecayFactor);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            Free();
        base.Dispose(disposing);
    }

    private void Free()
    {
        foreach (Tensor? velocity in _velocities)
            velocity?.Dispose();
        _velocities = [];
    }
}
