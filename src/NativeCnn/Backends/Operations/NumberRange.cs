using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace NativeCnn.Backends.Operations;

/// <summary>
/// Refuses numbers that mean nothing when they are given, by name and range. Written so that NaN is in no range.
/// </summary>
internal static class NumberRange
{
    /// <summary>A rate, decay or strength: finite as float32, 0 or more.</summary>
    public static double AtLeastZero(double value, [CallerMemberName] string name = "") =>
        value >= 0 && float.IsFinite((float)value) ? value : throw Outside(name, "finite and 0 or more", value);

    /// <inheritdoc cref="AtLeastZero(double, string)"/>
    public static float AtLeastZero(float value, [CallerMemberName] string name = "") =>
        value >= 0 && float.IsFinite(value) ? value : throw Outside(name, "finite and 0 or more", value);

    /// <summary>A momentum or β: 0 or more and below 1.</summary>
    public static float BelowOne(float value, [CallerMemberName] string name = "") =>
        value is >= 0 and < 1 ? value : throw Outside(name, "0 or more and below 1", value);

    /// <summary>An ε or a step: finite and above 0.</summary>
    public static T AboveZero<T>(T value, [CallerMemberName] string name = "")
        where T : IFloatingPointIeee754<T> =>
        value > T.Zero && T.IsFinite(value) ? value : throw Outside(name, "finite and above 0", value);

    /// <summary>A threshold or weight: finite and above 0 as float32.</summary>
    public static double AboveZeroAsSingle(double value, [CallerMemberName] string name = "") =>
        (float)value > 0 && float.IsFinite((float)value) ? value : throw Outside(name, "finite and above 0", value);

    /// <summary>A share: 0 to 1.</summary>
    public static double Share(double value, [CallerMemberName] string name = "") =>
        value is >= 0 and <= 1 ? value : throw Outside(name, "0 to 1", value);

    /// <summary>A target or another coefficient: finite as float32.</summary>
    public static double Finite(double value, [CallerMemberName] string name = "") =>
        float.IsFinite((float)value) ? value : throw Outside(name, "finite", value);

    /// <summary>A part of something: above 0 and below 1.</summary>
    public static double Between(double value, [CallerMemberName] string name = "") =>
        value is > 0 and < 1 ? value : throw Outside(name, "above 0 and below 1", value);

    /// <summary>A divisor: finite and 1 or more.</summary>
    public static double AtLeastOne(double value, [CallerMemberName] string name = "") =>
        value >= 1 && float.IsFinite((float)value) ? value : throw Outside(name, "finite and 1 or more", value);

    /// <summary>A patience: 0 or more.</summary>
    public static int NotNegative(int value, [CallerMemberName] string name = "") =>
        value >= 0 ? value : throw Outside(name, "0 or more", value);

    /// <summary>How many of something there are: 1 or more.</summary>
    public static int Count(int value, [CallerMemberName] string name = "") =>
        value >= 1 ? value : throw Outside(name, "1 or more", value);

    private static ArgumentOutOfRangeException Outside(string name, string range, IFormattable value) =>
        new(name, $"{name} is {range}; got {value.ToString(null, CultureInfo.InvariantCulture)}.");
}
