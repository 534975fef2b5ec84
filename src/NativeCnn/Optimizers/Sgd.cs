using NativeCnn.Backends;
using NativeCnn.Networks;
using NativeCnn.Tensors;

namespace NativeCnn.Optimizers;

/// <summary>
/// Stochastic gradient descent with momentum μ and weight decay λ, as PyTorch defines it: v ← μv + (g + λw); w ← w − ηv.
/// </summary>
public sealed class Sgd : Optimizer
{
    private IReadOnlyList<ParameterSlot> _parameters = [];
    private Tensor?[] _velocities = [];

    /// <summary>μ, 0 ≤ μ &lt; 1; 0 by default.</summary>
    public float Momentum { get; set; }

    /// <summary>λ; 0 by default. A parameter's own factor multiplies it.</summary>
    public float WeightDecay { get; set; }

    /// <summary>1, the velocity; 0 without momentum.</summary>
    public override int StatePerParameter => Momentum == 0 ? 0 : 1;

    /// <inheritdoc/>
    public override void Prepare(IReadOnlyList<ParameterSlot> parameters)
    {
        Free();
        _parameters = parameters;
        _velocities = new Tensor?[parameters.Count];
        for (int i = 0; i < _velocities.Length; i++)
            _velocities[i] = Momentum == 0 ? null : new Tensor(parameters[i].Value.Shape, parameters[i].Value.Type);
    }

    /// <inheritdoc/>
    public override void Update(IBackend backend)
    {
        for (int i = 0; i < _velocities.Length; i++)
        {
            (Layers.Parameter parameter, Tensor value, Tensor? gradient) = _parameters[i];
            var update = new SgdStep(
                LearningRate * parameter.LearningRateFactor,
                Momentum,
                WeightDecay * parameter.WeightDecayFactor
            );
            backend.SgdUpdate(
                update,
                gradient
                    ?? throw new InvalidOperationException(
                        $"{parameter.Name} has no gradient: the network was compiled for inference."
                    ),
                _velocities[i],
                value
            );
        }
    }

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
