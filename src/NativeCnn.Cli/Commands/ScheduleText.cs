using System.Globalization;
using NativeCnn.Schedules;

namespace NativeCnn.Cli.Commands;

/// <summary>Schedules as they are typed: a name, and numbers after colons.</summary>
internal static class ScheduleText
{
    private const string Forms =
        "use constant, step:EPOCHS[:FACTOR], milestones:EPOCH=FACTOR,…, exponential:FACTOR, cosine[:FINAL], "
        + "one-cycle or plateau[:EPOCHS[:FACTOR]].";

    /// <summary>What is wrong with a text, or null.</summary>
    public static string? Error(string text)
    {
        try
        {
            return Find(text) is null ? Forms : null;
        }
        catch (ArgumentOutOfRangeException e)
        {
            // The range; what follows names a parameter of the engine.
            return e.Message.Split(" (Parameter")[0];
        }
    }

    /// <summary>The schedule of a text without errors.</summary>
    public static Schedule Parse(string text) => Find(text) ?? throw new ArgumentException(Forms, nameof(text));

    /// <summary>Reads a number as <see cref="NumberOption{T}"/> does, without a sign.</summary>
    public static bool TryParse(string text, out double value) =>
        double.TryParse(
            text,
            NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent,
            CultureInfo.InvariantCulture,
            out value
        );

    private static Schedule? Find(string text) =>
        text.Split(':') switch
        {
            ["constant"] => Schedule.Constant,
            ["step", var epochs] when TryCount(epochs, out int n) => new StepSchedule(n),
            ["step", var epochs, var factor] when TryCount(epochs, out int n) && TryParse(factor, out double f) =>
                new StepSchedule(n, f),
            ["milestones", var list] when TryMilestones(list, out Milestone[] milestones) => new MilestoneSchedule(
                milestones
            ),
            ["exponential", var factor] when TryParse(factor, out double f) => new ExponentialSchedule(f),
            ["cosine"] => new CosineSchedule(),
            ["cosine", var final] when TryParse(final, out double f) => new CosineSchedule(f),
            ["one-cycle"] => new OneCycleSchedule(),
            ["plateau"] => new PlateauSchedule(),
            ["plateau", var epochs] when TryCount(epochs, out int n) => new PlateauSchedule(n),
            ["plateau", var epochs, var factor] when TryCount(epochs, out int n) && TryParse(factor, out double f) =>
                new PlateauSchedule(n, f),
            _ => null,
        };

    // EPOCH=FACTOR, separated by commas.
    private static bool TryMilestones(string text, out Milestone[] milestones)
    {
        string[] parts = text.Split(',');
        milestones = new Milestone[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            if (
                parts[i].Split('=') is not [var epoch, var factor]
                || !TryCount(epoch, out int n)
                || !TryParse(factor, out double f)
            )
                return false;
            milestones[i] = new Milestone(n, f);
        }
        return true;
    }

    private static bool TryCount(string text, out int count) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out count);
}
