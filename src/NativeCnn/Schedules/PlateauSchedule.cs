using NativeCnn.Backends.Operations;

namespace NativeCnn.Schedules;

/// <summary>
/// The rate is multiplied by a factor when the loss of an epoch has not become better for more than
/// <paramref name="patience"/> epochs, and the count begins again, as PyTorch's ReduceLROnPlateau.
/// </summary>
/// <param name="patience">For how many epochs no better loss is borne, 0 or more; 10 by default.</param>
/// <param name="factor">The factor, above 0 and below 1; 0.1 by default.</param>
/// <param name="threshold">
/// By what part of the best loss another one has to be smaller to be better, 0 to 1; 10⁻⁴ by default.
/// </param>
/// <exception cref="ArgumentOutOfRangeException">A number is outside its range.</exception>
public sealed class PlateauSchedule(int patience = 10, double factor = 0.1, double threshold = 1e-4) : Schedule
{
    private readonly int _patience = NumberRange.NotNegative(patience, nameof(patience));
    private readonly double _factor = NumberRange.Between(factor, nameof(factor));
    private readonly double _threshold = NumberRange.Share(threshold, nameof(threshold));

    /// <inheritdoc/>
    public override double Factor(TrainingPosition position)
    {
        IReadOnlyList<double> losses = position.Losses ?? [];
        double best = double.PositiveInfinity;
        double reached = 1;
        int since = 0;
        for (int epoch = 0; epoch < losses.Count; epoch++)
        {
            if (losses[epoch] < best * (1 - _threshold))
            {
                best = losses[epoch];
                since = 0;
            }
            else if (++since > _patience)
            {
                reached *= _factor;
                since = 0;
            }
        }
        return reached;
    }
}
