namespace NativeCnn.Randomness;

/// <summary>
/// The inverse of the normal distribution function by rational approximations, relative error about 1e-16. M. J.
/// Wichura, "Algorithm AS 241: The percentage points of the normal distribution", Applied Statistics 37 (1988),
/// 477–484, PPND16.
/// </summary>
/// <remarks>
/// No library function but the square root, which IEEE 754 defines to the bit: logarithms differ between platforms.
/// </remarks>
internal static partial class NormalDistribution
{
    private const double CentralHalfWidth = 0.425;
    private const double FarTail = 5.0;

    private const double Ln2 = 0.69314718055994530942;
    private const double Sqrt2 = 1.41421356237309504880;
    private const int MantissaBits = 52;
    private const int Bias = 1023;

    private static ReadOnlySpan<double> CentralNumerator =>
        [
            2.5090809287301226727e+3,
            3.3430575583588128105e+4,
            6.7265770927008700853e+4,
            4.5921953931549871457e+4,
            1.3731693765509461125e+4,
            1.9715909503065514427e+3,
            1.3314166789178437745e+2,
            3.3871328727963666080e+0,
        ];

    private static ReadOnlySpan<double> CentralDenominator =>
        [
            5.2264952788528545610e+3,
            2.8729085735721942674e+4,
            3.9307895800092710610e+4,
            2.1213794301586595867e+4,
            5.3941960214247511077e+3,
            6.8718700749205790830e+2,
            4.2313330701600911252e+1,
            1.0,
        ];

    private static ReadOnlySpan<double> NearNumerator =>
        [
            7.74545014278341407640e-4,
            2.27238449892691845833e-2,
            2.41780725177450611770e-1,
            1.27045825245236838258e+0,
            3.64784832476320460504e+0,
            5.76949722146069140550e+0,
            4.63033784615654529590e+0,
            1.42343711074968357734e+0,
        ];

    private static ReadOnlySpan<double> NearDenominator =>
        [
            1.05075007164441684324e-9,
            5.47593808499534494600e-4,
            1.51986665636164571966e-2,
            1.48103976427480074590e-1,
            6.89767334985100004550e-1,
            1.67638483018380384940e+0,
            2.05319162663775882187e+0,
            1.0,
        ];

    private static ReadOnlySpan<double> FarNumerator =>
        [
            2.01033439929228813265e-7,
            2.71155556874348757815e-5,
            1.24266094738807843860e-3,
            2.65321895265761230930e-2,
            2.96560571828504891230e-1,
            1.78482653991729133580e+0,
            5.46378491116411436990e+0,
            6.65790464350110377720e+0,
        ];

    private static ReadOnlySpan<double> FarDenominator =>
        [
            2.04426310338993978564e-15,
            1.42151175831644588870e-7,
            1.84631831751005468180e-5,
            7.86869131145613259100e-4,
            1.48753612908506148525e-2,
            1.36929880922735805310e-1,
            5.99832206555887937690e-1,
            1.0,
        ];

    // Of s²², s²⁰, … in the series of the logarithm.
    private static ReadOnlySpan<double> SeriesCoefficients =>
        [1.0 / 23, 1.0 / 21, 1.0 / 19, 1.0 / 17, 1.0 / 15, 1.0 / 13, 1.0 / 11, 1.0 / 9, 1.0 / 7, 1.0 / 5, 1.0 / 3, 1.0];

    /// <summary>The x with P(X ≤ x) = <paramref name="p"/>, for 0 &lt; p &lt; 1.</summary>
    public static double InverseCumulative(double p)
    {
        double q = p - 0.5;
        if (Math.Abs(q) <= CentralHalfWidth)
        {
            double centre = CentralHalfWidth * CentralHalfWidth - q * q;
            return q * Polynomial(CentralNumerator, centre) / Polynomial(CentralDenominator, centre);
        }
        double r = Math.Sqrt(-Log(q < 0 ? p : 1.0 - p));
        double x =
            r <= FarTail
                ? Polynomial(NearNumerator, r - 1.6) / Polynomial(NearDenominator, r - 1.6)
                : Polynomial(FarNumerator, r - FarTail) / Polynomial(FarDenominator, r - FarTail);
        return q < 0 ? -x : x;
    }

    /// <summary>
    /// The natural logarithm of a positive normal number x = m·2^e with √½ ≤ m &lt; √2: e·ln 2 + 2·atanh(s), s = (m −
    /// 1)/(m + 1), by the series s + s³/3 + s⁵/5 + … up to s²³, whose remainder is below 1e-19.
    /// </summary>
    internal static double Log(double x)
    {
        ulong bits = BitConverter.DoubleToUInt64Bits(x);
        int exponent = (int)(bits >> MantissaBits) - Bias;
        ulong mantissa = bits & ((1UL << MantissaBits) - 1);
        double m = BitConverter.UInt64BitsToDouble(mantissa | ((ulong)Bias << MantissaBits));
        if (m >= Sqrt2)
        {
            m *= 0.5;
            exponent++;
        }
        double s = (m - 1.0) / (m + 1.0);
        double square = s * s;
        return exponent * Ln2 + 2.0 * s * Polynomial(SeriesCoefficients, square);
    }

    /// <summary>Horner's rule, highest power first.</summary>
    private static double Polynomial(ReadOnlySpan<double> coefficients, double x)
    {
        double sum = 0.0;
        foreach (double coefficient in coefficients)
            sum = sum * x + coefficient;
        return sum;
    }
}
