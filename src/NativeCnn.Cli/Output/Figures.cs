using System.Globalization;
using NativeCnn.Training;

namespace NativeCnn.Cli.Output;

/// <summary>How figures are written for people: the same everywhere, in the invariant culture.</summary>
internal static class Figures
{
    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A loss with four places, or as a power of ten where it is very large.</summary>
    public static string Loss(double value) =>
        value.ToString(Math.Abs(value) < 100_000 ? "0.0000" : "0.00E+0", CultureInfo.InvariantCulture);

    /// <summary>A fraction as a percentage with two places: one of 2,000 images is 0.05 %.</summary>
    public static string Percent(double fraction) =>
        (100 * fraction).ToString("0.00", CultureInfo.InvariantCulture) + " %";

    public static string Seconds(double value) => value.ToString("0.0", CultureInfo.InvariantCulture) + " s";

    public static string Rate(double imagesPerSecond) =>
        double.IsFinite(imagesPerSecond) ? $"{Count((long)imagesPerSecond)} images/s" : "";

    /// <summary>Time left, as minutes and seconds, with hours where there are any.</summary>
    public static string Duration(TimeSpan time) =>
        time.TotalHours >= 1
            ? string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours}:{time.Minutes:00}:{time.Seconds:00}")
            : string.Create(CultureInfo.InvariantCulture, $"{time.Minutes}:{time.Seconds:00}");

    /// <summary>A size in memory.</summary>
    public static string Bytes(double bytes) =>
        bytes switch
        {
            < 10_000 => $"{Count((long)bytes)} B",
            < 10_000_000 => $"{Count((long)(bytes / 1_000))} kB",
            < 10_000_000_000 => $"{Count((long)(bytes / 1_000_000))} MB",
            _ => $"{Count((long)(bytes / 1_000_000_000))} GB",
        };

    /// <summary>One epoch on one line, with as many of its figures as the width has room for.</summary>
    public static string Epoch(EpochRecord record, int epochs, int width)
    {
        string digits = epochs.ToString(CultureInfo.InvariantCulture);
        string place = record.Epoch.ToString(CultureInfo.InvariantCulture).PadLeft(digits.Length);
        return Segments.Fit(
            width,
            new Segment($"epoch {place}/{digits}", 0),
            new Segment($"loss {Loss(record.TrainLoss)}", 2),
            new Segment($"accuracy {Percent(record.TrainAccuracy)}", 4),
            new Segment(record.TestLoss is { } loss ? $"test loss {Loss(loss)}" : "", 3),
            new Segment(record.TestAccuracy is { } accuracy ? $"test accuracy {Percent(accuracy)}" : "", 1),
            new Segment(Rate(record.ImagesPerSecond), 6),
            new Segment(Seconds(record.Seconds), 5)
        );
    }
}
