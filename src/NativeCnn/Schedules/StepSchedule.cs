using NativeCnn.Backends.Operations;

namespace NativeCnn.Schedules;

/// <summary>
/// The rate is multiplied by a factor γ every so many epochs: γ^⌊epoch / epochs⌋, as PyTorch's StepLR.
/// </summary>
/// <param name="epochs">After how many epochs each time, 1 or more.</param>
/// <param name="factor">γ, finite and above 0; 0.1 by default.</param>
/// <exception cref="ArgumentOutOfRangeException">A number is outside its range.</exception>
public sealed class StepSchedule(int epochs, double factor = 0.1) : Schedule
{
    private readonly int _epochs = NumberRange.Count(epochs, nameof(epochs));
    private readonly double _factor = NumberRange.AboveZeroAsSingle(factor, nameof(factor));

    /// <inheritdoc/>
    public override double Factor(TrainingPosition position) => Math.Pow(_factor, position.Epoch / _epochs);
}
