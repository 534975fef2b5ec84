namespace NativeCnn.Schedules;

/// <summary>How far a run of training is.</summary>
/// <param name="Step">How many steps the optimiser has taken in the run, from 0.</param>
/// <param name="Steps">How many steps the whole run has.</param>
/// <param name="Epoch">How many epochs are finished, from 0.</param>
/// <param name="Losses">
/// The losses of the finished epochs, in their order: of the test set where there is one, of training otherwise.
/// </param>
public readonly record struct TrainingPosition(long Step, long Steps, int Epoch, IReadOnlyList<double> Losses);

/// <summary>
/// What the optimiser's learning rate is multiplied by at each step: a pure function of how far training is, so that
/// trainers may share a schedule as they share an optimiser, and neither ever changes.
/// </summary>
public abstract class Schedule
{
    /// <summary>The optimiser's own rate throughout.</summary>
    public static Schedule Constant { get; } = new ConstantSchedule();

    /// <summary>The factor of the next step, finite and 0 or more.</summary>
    /// <param name="position">How far training is.</param>
    public abstract double Factor(TrainingPosition position);

    // Halves of a cosine, from 1 at 0 to 0 at 1.
    private protected static double FallingCosine(double share) => (1 + Math.Cos(Math.PI * share)) / 2;

    private sealed class ConstantSchedule : Schedule
    {
        public override double Factor(TrainingPosition position) => 1;
    }
}
