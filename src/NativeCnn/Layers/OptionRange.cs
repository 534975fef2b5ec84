using System.Globalization;

namespace NativeCnn.Layers;

/// <summary>Which numbers an option of a layer takes; all by default.</summary>
public readonly record struct OptionRange
{
    /// <summary>The smallest, or null for none.</summary>
    public double? Minimum { get; init; }

    /// <summary>What all are above, or null.</summary>
    public double? Above { get; init; }

    /// <summary>The largest, or null for none.</summary>
    public double? Maximum { get; init; }

    /// <summary>What all are below, or null.</summary>
    public double? Below { get; init; }

    /// <summary>Whether 0 alone is missing.</summary>
    public bool IsNotZero { get; init; }

    /// <summary>Whether only odd whole numbers are taken.</summary>
    public bool IsOdd { get; init; }

    /// <summary>Numbers from the smallest.</summary>
    public static OptionRange AtLeast(double minimum) => new() { Minimum = minimum };

    /// <summary>Numbers greater than one.</summary>
    public static OptionRange GreaterThan(double number) => new() { Above = number };

    /// <summary>Numbers from the smallest to the largest.</summary>
    public static OptionRange Between(double minimum, double maximum) => new() { Minimum = minimum, Maximum = maximum };

    /// <summary>Whether a number lies in it; NaN does not.</summary>
    public bool Contains(double number) =>
        !double.IsNaN(number)
        && !(number < Minimum || number <= Above || number > Maximum || number >= Below)
        && !(IsNotZero && number == 0)
        && !(IsOdd && number % 2 == 0);

    /// <summary>The rule, such as "at least 0 and below 1".</summary>
    public override string ToString()
    {
        string[] parts =
        [
            .. new[]
            {
                IsOdd ? "odd" : null,
                IsNotZero ? "other than 0" : null,
                Part("at least", Minimum),
                Part("above", Above),
                Part("at most", Maximum),
                Part("below", Below),
            }.OfType<string>(),
        ];
        return parts.Length == 0 ? "any number" : string.Join(" and ", parts);
    }

    /// <summary>A number that it contains, for whoever tries what takes one.</summary>
    internal double Example =>
        Minimum ?? (Above is { } above ? above + 1 : Maximum ?? (Below is { } below ? below - 1 : 1));

    private static string? Part(string relation, double? bound) =>
        bound is { } number ? string.Create(CultureInfo.InvariantCulture, $"{relation} {number}") : null;
}
