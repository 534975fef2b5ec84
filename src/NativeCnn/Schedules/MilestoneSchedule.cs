using NativeCnn.Backends.Operations;

namespace NativeCnn.Schedules;

/// <summary>From which epoch on the rate has which factor.</summary>
/// <param name="Epoch">How many epochs are finished then, 1 or more.</param>
/// <param name="Factor">What the optimiser's rate is multiplied by from then on, finite and 0 or more.</param>
public readonly record struct Milestone(int Epoch, double Factor);

/// <summary>
/// The rate has a factor of its own from each milestone on, and is the optimiser's own before the first.
/// </summary>
/// <remarks>
/// LeNet-5's rates of LeCun et al., "Gradient-based learning applied to document recognition", 1998, section III.B,
/// 0.0005 for two passes, 0.0002 for three, 0.0001 for three, 0.00005 for four, then 0.00001, are a rate of 0.0005 with
/// the milestones (2, 0.4), (5, 0.2), (8, 0.1) and (12, 0.02).
/// </remarks>
public sealed class MilestoneSchedule : Schedule
{
    private readonly Milestone[] _milestones;

    /// <summary>A schedule of milestones.</summary>
    /// <param name="milestones">One or more, in the order of their epochs, of which no two are the same.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is impossible, or the order is another.</exception>
    public MilestoneSchedule(params IReadOnlyList<Milestone> milestones)
    {
        ArgumentNullException.ThrowIfNull(milestones);
        _milestones = [.. milestones];
        NumberRange.Count(_milestones.Length, nameof(milestones));
        for (int i = 0; i < _milestones.Length; i++)
        {
            (int epoch, double factor) = _milestones[i];
            NumberRange.Count(epoch, nameof(milestones));
            NumberRange.AtLeastZero(factor, nameof(milestones));
            if (i > 0 && epoch <= _milestones[i - 1].Epoch)
                throw new ArgumentOutOfRangeException(
                    nameof(milestones),
                    $"A milestone has a later epoch than the one before; {epoch} follows {_milestones[i - 1].Epoch}."
                );
        }
    }

    /// <inheritdoc/>
    public override double Factor(TrainingPosition position)
    {
        double factor = 1;
        foreach (Milestone milestone in _milestones)
        {
            if (position.Epoch >= milestone.Epoch)
                factor = milestone.Factor;
        }
        return factor;
    }
}
