using NativeCnn.Backends.Operations;

namespace NativeCnn.Schedules;

/// <summary>
/// The rate is multiplied by a factor γ after every epoch: γ^epoch, as PyTorch's ExponentialLR.
/// </summary>
/// <param name="factor">γ, finite and above 0.</param>
/// <exception cref="ArgumentOutOfRangeException">γ is outside its range.</exception>
public sealed class ExponentialSchedule(double factor) : Schedule
{
    private readonly double _factor = NumberRange.AboveZeroAsSingle(factor, nameof(factor));

    /// <inheritdoc/>
    public override double Factor(TrainingPosition position) => Math.Pow(_factor, position.Epoch);
}
