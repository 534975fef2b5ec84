using NativeCnn.Backends;
using NativeCnn.Tensors;

namespace NativeCnn.Verification;

/// <summary>How far a tensor is from what a case expects, at its worst element.</summary>
/// <param name="Name">
/// What was compared: <c>inference</c>, <c>output</c>, <c>loss</c>, <c>penalty</c>, <c>gradients.…</c> or
/// <c>after.…</c>.
/// </param>
/// <param name="Index">The worst element, counted from 0 in the order in which the file has them.</param>
/// <param name="Expected">What the file has there.</param>
/// <param name="Actual">What was computed.</param>
/// <param name="Error">By how much they differ; infinite where one alone is NaN or they are unlike infinities.</param>
/// <param name="Unit">What rounding to float32 may change the tensor by, once.</param>
/// <param name="Allowed">The largest error of a tensor that passes.</param>
public sealed record TensorCheck(
    string Name,
    long Index,
    double Expected,
    double Actual,
    double Error,
    double Unit,
    double Allowed
)
{
    /// <summary>Whether the error is within what is allowed.</summary>
    public bool Passed => Error <= Allowed;

    /// <summary>The error in units of rounding.</summary>
    public double Units => Error == 0 ? 0 : Error / Unit;

    /// <param name="name">What is compared.</param>
    /// <param name="expected">As many values as there are.</param>
    /// <param name="actual">Float32 or float64.</param>
    /// <param name="unit">The case's unit; null where it has none.</param>
    internal static TensorCheck Of(string name, float[] expected, Tensor actual, double? unit)
    {
        using TensorHold hold = actual.Hold();
        double[] values = new double[actual.Count];
        for (int i = 0; i < values.Length; i++)
            values[i] = actual.Type == ElementType.Float64 ? actual.AsSpan<double>()[i] : actual.Span[i];
        return Of(name, expected, values, unit);
    }

    internal static TensorCheck Of(string name, float[] expected, double[] actual, double? unit)
    {
        int worst = 0;
        double largestError = -1;
        double largest = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            double error = Difference(expected[i], actual[i]);
            if (float.IsFinite(expected[i]))
                largest = Math.Max(largest, Math.Abs(expected[i]));
            if (error > largestError)
                (worst, largestError) = (i, error);
        }
        double one = unit ?? GoldenFile.UnmeasuredUnits * Tolerance.Rounding * largest;
        return new TensorCheck(
            name,
            worst,
            expected[worst],
            actual[worst],
            largestError,
            one,
            GoldenFile.AllowedUnits * one
        );
    }

    internal static double Difference(double expected, double actual) =>
        expected.Equals(actual) ? 0
        : double.IsNaN(actual - expected) ? double.PositiveInfinity
        : Math.Abs(actual - expected);
}

/// <summary>What became of a case.</summary>
/// <param name="FilePath">The case's file.</param>
/// <param name="Origin">What the file says of where it comes from; empty if nothing.</param>
/// <param name="Tensors">Every tensor that was compared.</param>
public sealed record CaseResult(string FilePath, string Origin, IReadOnlyList<TensorCheck> Tensors)
{
    /// <summary>Whether every tensor passed.</summary>
    public bool Passed => Tensors.All(tensor => tensor.Passed);

    /// <summary>The tensor with the most units of rounding.</summary>
    public TensorCheck Worst => Tensors.MaxBy(tensor => tensor.Units)!;
}
