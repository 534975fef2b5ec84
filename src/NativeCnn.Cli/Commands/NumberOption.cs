using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;

namespace NativeCnn.Cli.Commands;

/// <summary>Which numbers an option takes.</summary>
/// <param name="Minimum">The smallest.</param>
/// <param name="Maximum">The largest.</param>
/// <param name="AboveMinimum">Whether the smallest itself is too small.</param>
/// <param name="BelowMaximum">Whether the largest itself is too large.</param>
internal readonly record struct NumberRange<T>(
    T Minimum,
    T Maximum,
    bool AboveMinimum = false,
    bool BelowMaximum = false
)
    where T : struct, INumber<T>
{
    /// <summary>Whether a value lies in it; NaN does not.</summary>
    public bool Contains(T value) =>
        (AboveMinimum ? value > Minimum : value >= Minimum) && (BelowMaximum ? value < Maximum : value <= Maximum);

    private string UpTo =>
        BelowMaximum ? "and below"
        : AboveMinimum ? "and up to"
        : "to";

    /// <summary>As in "use a number from 0 to 1".</summary>
    public override string ToString() => $"{(AboveMinimum ? "above" : "from")} {Text(Minimum)} {UpTo} {Text(Maximum)}";

    // Written out: 1E+09 is no number that people type.
    private static string Text(T number) => number.ToString("0.##########", CultureInfo.InvariantCulture);
}

/// <summary>
/// An option for one number: in the invariant culture, without separators of thousands, in its range, read in the type
/// in which it is used.
/// </summary>
internal sealed class NumberOption<T> : Option<T>
    where T : struct, INumber<T>
{
    public NumberOption(string name, NumberRange<T> range)
        : base(name)
    {
        CustomParser = result => Read(result, Name, result.Tokens[0].Value, range);
    }

    private static bool IsFraction => typeof(T) == typeof(double) || typeof(T) == typeof(float);

    /// <summary>Reads a number of an option that may hold several.</summary>
    /// <param name="result">What gets the error where it is none.</param>
    /// <param name="name">The option, for the error.</param>
    /// <param name="text">The number.</param>
    /// <param name="range">Where it lies.</param>
    public static T Read(ArgumentResult result, string name, string text, NumberRange<T> range)
    {
        // No style with thousands: 0,01 would be read as 1.
        NumberStyles style =
            NumberStyles.AllowLeadingSign
            | (IsFraction ? NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent : NumberStyles.None);
        if (T.TryParse(text, style, CultureInfo.InvariantCulture, out T value) && range.Contains(value))
            return value;
        result.AddError($"{name} {text} is impossible: use {(IsFraction ? "a number" : "a whole number")} {range}.");
        return default;
    }
}
