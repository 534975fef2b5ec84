using NativeCnn.Backends.Operations;

namespace NativeCnn.Schedules;

/// <summary>
/// The rate rises along half a cosine from 1 / startDivisor to the optimiser's own, and falls along another one to
/// 1 / (startDivisor · finalDivisor), as PyTorch's OneCycleLR does with the optimiser's rate as its largest. The
/// momentum stays as it is.
/// </summary>
/// <remarks>Source: L. Smith, N. Topin, "Super-convergence", 2018.</remarks>
/// <param name="rising">What part of the steps it rises, above 0 and below 1; 0.3 by default.</param>
/// <param name="startDivisor">1 or more; 25 by default.</param>
/// <param name="finalDivisor">1 or more; 10,000 by default.</param>
/// <exception cref="ArgumentOutOfRangeException">A number is outside its range.</exception>
public sealed class OneCycleSchedule(double rising = 0.3, double startDivisor = 25, double finalDivisor = 1e4)
    : Schedule
{
    private readonly double _rising = NumberRange.Between(rising, nameof(rising));
    private readonly double _start = 1 / NumberRange.AtLeastOne(startDivisor, nameof(startDivisor));
    private readonly double _final = 1 / NumberRange.AtLeastOne(finalDivisor, nameof(finalDivisor));

    /// <inheritdoc/>
    public override double Factor(TrainingPosition position)
    {
        // The largest rate and the last one are taken at these steps, which need not be whole.
        double top = _rising * position.Steps - 1;
        double last = position.Steps - 1;
        double step = Math.Min(position.Step, Math.Max(last, 0));
        if (step < top)
            return Along(_start, 1, step / top);
        // A run of so few steps that none rises begins at the top.
        double begin = Math.Max(top, 0);
        return last > begin ? Along(1, _start * _final, (step - begin) / (last - begin)) : 1;
    }

    private static double Along(double from, double to, double share) => to + (from - to) * FallingCosine(share);
}
