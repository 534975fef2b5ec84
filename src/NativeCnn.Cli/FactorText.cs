using System.Globalization;

namespace NativeCnn.Cli;

/// <summary>A factor as it is typed: LAYER=F or LAYER.PARAMETER=F.</summary>
/// <param name="Target">What stands before the last equals sign.</param>
/// <param name="Factor">What stands after it: at least 0.</param>
internal sealed record FactorText(string Target, float Factor)
{
    /// <summary>What is wrong with a text, or null.</summary>
    public static string? Error(string text) =>
        TryParse(text) is null ? "use LAYER=F or LAYER.PARAMETER=F with a number from 0 to 1000000." : null;

    /// <summary>The factor of a text without errors.</summary>
    public static FactorText Parse(string text) =>
        TryParse(text) ?? throw new ArgumentException(Error(text), nameof(text));

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Target}={Factor}");

    private static FactorText? TryParse(string text)
    {
        const NumberStyles Style = NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        int equals = text.LastIndexOf('=');
        return
            equals > 0
            && float.TryParse(text[(equals + 1)..], Style, CultureInfo.InvariantCulture, out float factor)
            && factor is >= 0 and <= 1e6f
            ? new FactorText(text[..equals], factor)
            : null;
    }
}
