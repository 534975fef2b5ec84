using NativeCnn.Backends.Operations;
using NativeCnn.Training;

namespace NativeCnn.Verification;

/// <summary>What <see cref="BackendComparison"/> runs and allows. Impossible values are refused where they are set.</summary>
public sealed class ComparisonOptions
{
    /// <summary>How many training steps are compared, 1 or more; 3 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    public int Steps
    {
        get;
        init => field = NumberRange.Count(value);
    } = 3;

    /// <summary>
    /// Batch size, seed of the examples' order, loss, penalties, optimiser and clipping; LeNet's by default. Epochs,
    /// schedule and accumulated batches mean nothing here.
    /// </summary>
    public TrainerOptions Training
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(Training));
    } = new();

    /// <summary>How many units of rounding a tensor of one operation may be off, finite and 0 or more.</summary>
    /// <remarks>By default <see cref="GoldenFile.AllowedUnits"/>; <see cref="TensorDifference"/> defines the unit.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">It is below 0 or not finite.</exception>
    public double AllowedUnits
    {
        get;
        init => field = NumberRange.AtLeastZero(value);
    } = GoldenFile.AllowedUnits;

    /// <summary>How much of the reference's loss that of another backend may be off, finite and 0 or more; 10⁻⁴ by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 0 or not finite.</exception>
    public double AllowedLossShare
    {
        get;
        init => field = NumberRange.AtLeastZero(value);
    } = 1e-4;
}

/// <summary>How far a comparison has come.</summary>
/// <param name="Backend">Which backend trains; the reference, while operations are compared.</param>
/// <param name="Step">The step that was finished, from 1.</param>
/// <param name="Steps">How many there are.</param>
public readonly record struct ComparisonProgress(string Backend, int Step, int Steps);
