using NativeCnn.Backends.Operations;

namespace NativeCnn.Backends;

/// <summary>How far a value may be from the expected one: |a − b| ≤ Absolute + Relative · |b|.</summary>
/// <remarks>The one rule by which a kernel's results are judged, by the tests and by every benchmark.</remarks>
internal readonly record struct Tolerance(double Absolute, double Relative)
{
    /// <summary>Half the distance from 1 to the next float: the largest relative error of one rounding.</summary>
    public const double Rounding = 1.0 / (1 << 24);

    /// <summary>Equal values; 0 equals −0.</summary>
    public static Tolerance Exact => default;

    /// <summary>What a kernel's result may differ by from that of the specification.</summary>
    public static Tolerance Of(Kernel kernel, Operand result) =>
        OfSum(result.SumLength ?? kernel.Operation.SumLength, kernel.RoundingsPerProduct);

    /// <summary>
    /// A sum of <paramref name="length"/> products of float32 values between −1 and 1, summed in float32 in any order,
    /// or by an algorithm that rounds more; 0 products are exact.
    /// </summary>
    /// <remarks>
    /// Linear in the length: signs are random, so partial sums grow like √i, the i-th rounding errs by up to √i · 2⁻²⁴,
    /// and n such errors add up, as a random walk, to √(Σ i) · 2⁻²⁴, which grows like n. The factor 2 covers a
    /// product's own rounding and the largest of many elements. The relative part covers functions of the sum (exp,
    /// tanh).
    /// </remarks>
    public static Tolerance OfSum(int length, double roundingsPerProduct = 2) =>
        length == 0 ? Exact : new(roundingsPerProduct * Rounding * Math.Max(length, 4), 16 * Rounding);

    /// <summary>By how much a value may differ from an expected one.</summary>
    public double Around(double expected) => Absolute + Relative * Math.Abs(expected);

    /// <summary>Whether a value is near enough. NaN never is.</summary>
    public bool Allows(double expected, double actual) => Math.Abs(actual - expected) <= Around(expected);

    /// <inheritdoc/>
    public override string ToString() => $"{Absolute:g3} + {Relative:g3}·|expected|";
}
