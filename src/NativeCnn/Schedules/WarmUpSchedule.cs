using NativeCnn.Backends.Operations;

namespace NativeCnn.Schedules;

/// <summary>
/// The rate of another schedule, which is reached in equal steps: (step + 1) / steps of it, and from there on all of it.
/// </summary>
/// <remarks>
/// <para>The other one counts from the start of the run.</para>
/// <para>Source: P. Goyal et al., "Accurate, large minibatch SGD", 2017.</para>
/// </remarks>
/// <param name="steps">How many steps of the optimiser it takes, 1 or more.</param>
/// <param name="then">The other schedule; the optimiser's own rate by default.</param>
/// <exception cref="ArgumentOutOfRangeException">There are no steps.</exception>
public sealed class WarmUpSchedule(int steps, Schedule? then = null) : Schedule
{
    private readonly int _steps = NumberRange.Count(steps, nameof(steps));
    private readonly Schedule _then = then ?? Constant;

    /// <inheritdoc/>
    public override double Factor(TrainingPosition position)
    {
        double reached = position.Step < _steps ? (position.Step + 1.0) / _steps : 1;
        return reached * _then.Factor(position);
    }
}
