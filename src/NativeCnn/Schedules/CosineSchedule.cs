using NativeCnn.Backends.Operations;

namespace NativeCnn.Schedules;

/// <summary>
/// The rate falls along half a cosine over the steps of the run: final + (1 − final) (1 + cos(π step / steps)) / 2, as
/// PyTorch's CosineAnnealingLR.
/// </summary>
/// <remarks>Source: I. Loshchilov, F. Hutter, "SGDR: stochastic gradient descent with warm restarts", 2017.</remarks>
/// <param name="final">What part of the rate is left at the end, 0 to 1; 0 by default.</param>
/// <exception cref="ArgumentOutOfRangeException">The part is outside its range.</exception>
public sealed class CosineSchedule(double final = 0) : Schedule
{
    private readonly double _final = NumberRange.Share(final, nameof(final));

    /// <inheritdoc/>
    public override double Factor(TrainingPosition position)
    {
        double share = Math.Clamp((double)position.Step / Math.Max(position.Steps, 1), 0, 1);
        return _final + (1 - _final) * FallingCosine(share);
    }
}
