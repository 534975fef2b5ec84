using System.Globalization;
using NativeCnn.Data;

namespace NativeCnn.Cli;

/// <summary>An augmentation as it is typed: words with a comma between them, most with a number.</summary>
internal static class AugmentationText
{
    /// <summary>The words, for help.</summary>
    public const string Form =
        "crop=LEAST,flip,shift=S,rotate=DEGREES,brightness=B,contrast=C,saturation=S,cutout=SIDE";

    /// <summary>What is wrong with a text, or null.</summary>
    public static string? Error(string text)
    {
        try
        {
            Parse(text);
            return null;
        }
        catch (ArgumentException e)
        {
            return ErrorReport.Message(e);
        }
    }

    /// <summary>The augmentation of a text.</summary>
    /// <exception cref="ArgumentException">A word is unknown or twice there, or a number impossible.</exception>
    public static Augmentation Parse(string text)
    {
        Augmentation result = Augmentation.None;
        HashSet<string> seen = [];
        foreach (string word in text.Split(','))
        {
            string[] parts = word.Split('=', 2);
            if (!seen.Add(parts[0]))
                throw new ArgumentException($"'{parts[0]}' is there twice.");
            result = With(result, parts[0], parts.Length == 2 ? parts[1] : null);
        }
        return result;
    }

    private static Augmentation With(Augmentation augmentation, string name, string? number)
    {
        double Value(double most, bool isAboveZero = false) =>
            double.TryParse(
                number,
                NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent,
                CultureInfo.InvariantCulture,
                out double value
            )
            && value <= most
            && (isAboveZero ? value > 0 : value >= 0)
                ? value
                : throw new ArgumentException(
                    $"{name} needs a number {(isAboveZero ? "above" : "from")} 0 {(isAboveZero ? "and up " : "")}to {most}, as in {name}={(most > 1 ? "10" : "0.2")}."
                );
        return name switch
        {
            "crop" => augmentation with { SmallestCrop = Value(1, isAboveZero: true) },
            "flip" when number is null => augmentation with { Flip = true },
            "flip" => throw new ArgumentException("flip takes no number."),
            "shift" => augmentation with { Shift = Value(1) },
            "rotate" => augmentation with { Rotation = Value(180) },
            "brightness" => augmentation with { Brightness = Value(1) },
            "contrast" => augmentation with { Contrast = Value(1) },
            "saturation" => augmentation with { Saturation = Value(1) },
            "cutout" => augmentation with { Cutout = Value(1) },
            _ => throw new ArgumentException($"'{name}' is no augmentation. Use {Form}."),
        };
    }
}
