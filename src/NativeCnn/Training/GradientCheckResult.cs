using System.Globalization;

namespace NativeCnn.Training;

/// <summary>How far a parameter's gradient is from its differences.</summary>
/// <param name="Parameter">The parameter's name.</param>
/// <param name="Checked">How many of its elements were compared.</param>
/// <param name="LeftOut">
/// How many were not, because the loss has a kink there: its differences to both sides say different things.
/// </param>
/// <param name="WorstRelativeError">
/// The largest |analytic − numeric| / max(|analytic|, |numeric|, a hundredth of the largest) of the elements compared.
/// </param>
/// <param name="Index">The element where it is largest.</param>
/// <param name="Analytic">The gradient there by back-propagation.</param>
/// <param name="Numeric">The gradient there by differences.</param>
public sealed record ParameterGradientError(
    string Parameter,
    int Checked,
    int LeftOut,
    double WorstRelativeError,
    int Index,
    double Analytic,
    double Numeric
)
{
    /// <summary>Whether at least half of the elements were compared: of the others nothing is known.</summary>
    public bool IsConclusive => Checked >= LeftOut;
}

/// <summary>What <see cref="GradientCheck"/> found.</summary>
/// <param name="Parameters">Each parameter that is trained, in the network's order.</param>
/// <param name="Tolerance">The relative error up to which a gradient is right.</param>
public sealed record GradientCheckResult(IReadOnlyList<ParameterGradientError> Parameters, double Tolerance)
{
    /// <summary>How many elements were compared.</summary>
    public int Checked => Parameters.Sum(parameter => parameter.Checked);

    /// <summary>How many elements were left out because the loss has a kink there.</summary>
    public int LeftOut => Parameters.Sum(parameter => parameter.LeftOut);

    /// <summary>The parameter with the worst error; null in a network that has none.</summary>
    public ParameterGradientError? Worst =>
        Parameters.FirstOrDefault(parameter => double.IsNaN(parameter.WorstRelativeError))
        ?? Parameters.MaxBy(parameter => parameter.WorstRelativeError);

    /// <summary>The worst error; 0 in a network without parameters.</summary>
    public double WorstRelativeError => Worst?.WorstRelativeError ?? 0;

    /// <summary>
    /// Whether every gradient is right: no error is above <see cref="Tolerance"/>, and of every parameter at least half
    /// of the elements could be compared.
    /// </summary>
    public bool IsRight => WorstRelativeError <= Tolerance && Parameters.All(parameter => parameter.IsConclusive);

    /// <summary>What was found, in a sentence.</summary>
    public override string ToString()
    {
        if (Worst is null)
            return "There are no gradients to check: the network has no parameters.";
        string counts = string.Create(CultureInfo.InvariantCulture, $"{Checked} gradients checked, {LeftOut} left out");
        if (!(WorstRelativeError <= Tolerance))
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{counts}; wrong is '{Worst.Parameter}': at {Worst.Index} back-propagation gives {Worst.Analytic:g9}, differences {Worst.Numeric:g9}, a relative error of {Worst.WorstRelativeError:g3} where {Tolerance:g3} is allowed."
            );
        if (Parameters.FirstOrDefault(parameter => !parameter.IsConclusive) is { } open)
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{counts}; nothing is known of '{open.Parameter}': {open.LeftOut} of its {open.Checked + open.LeftOut} elements lie on kinks of the loss. Check with other weights or inputs."
            );
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{counts}; the worst relative error is {Worst.WorstRelativeError:g3}, of '{Worst.Parameter}' at {Worst.Index}."
        );
    }
}
