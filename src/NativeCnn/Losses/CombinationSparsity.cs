using NativeCnn.Backends.Operations;
using NativeCnn.Parameters;
using NativeCnn.Tensors;

namespace NativeCnn.Losses;

/// <summary>
/// strength · Σ |α_ij| over the shares that learned combinations of maps have, with its gradient strength · (|α_ij| −
/// α_ij Σ_l |α_lj|) with respect to the free numbers: on the parameters <c>combination</c>.
/// </summary>
/// <remarks>
/// Source: J. Bouvrie, "Notes on convolutional neural networks", 2006, equations 11 to 14. Of shares that are a softmax
/// the sum is the number of output maps, so that the loss grows by a constant and nothing is drawn anywhere.
/// </remarks>
/// <param name="strength">The strength λ, 0 or more.</param>
/// <exception cref="ArgumentOutOfRangeException">The strength is below 0 or not finite as float32.</exception>
public sealed class CombinationSparsity(double strength) : Penalty
{
    private readonly double _strength = NumberRange.AtLeastZero(strength, nameof(strength));

    /// <inheritdoc/>
    public override bool AppliesTo(Parameter parameter)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        return parameter.Role == ParameterRole.Trained
            && parameter.Name.EndsWith(".combination", StringComparison.Ordinal);
    }

    /// <inheritdoc/>
    public override Operation Declare(Shape parameter) => new Backends.Operations.CombinationSparsity(parameter);

    /// <inheritdoc/>
    public override void WriteScalars(Span<double> scalars)
    {
        if (scalars.Length != 1)
            throw new ArgumentException($"A penalty has 1 scalar; got room for {scalars.Length}.", nameof(scalars));
        scalars[0] = _strength;
    }
}
