using System.Globalization;

namespace NativeCnn.Benchmarks;

/// <summary>The regret of many choices: its mean, its worst, and where it is the worst.</summary>
public sealed class RegretReport(IReadOnlyList<MeasuredChoice> choices)
{
    private const int Worsts = 10;

    /// <summary>The mean over all choices; 0 of none.</summary>
    public double Mean => choices.Select(choice => choice.Regret).DefaultIfEmpty().Average();

    /// <summary>The largest; 0 of none.</summary>
    public double Worst => choices.Select(choice => choice.Regret).DefaultIfEmpty().Max();

    /// <summary>How many choices are the fastest algorithm.</summary>
    public int FastestCount => choices.Count(choice => choice.Chosen == choice.Best);

    /// <summary>The choices with the largest regret, the largest first.</summary>
    public IEnumerable<MeasuredChoice> WorstChoices => choices.OrderByDescending(choice => choice.Regret).Take(Worsts);

    /// <summary>Writes a line over all, one for each pass, and one for each of the worst choices.</summary>
    public void Write(TextWriter output)
    {
        output.WriteLine(Line("all passes"));
        foreach (var pass in choices.GroupBy(choice => choice.Operation.Name))
            output.WriteLine(new RegretReport([.. pass]).Line(pass.Key));
        output.WriteLine("the worst choices:");
        foreach (MeasuredChoice choice in WorstChoices.Where(choice => choice.Regret > 0))
        {
            output.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{100 * choice.Regret, 6:0.0} %  {choice.Chosen.Algorithm} {choice.Chosen.Milliseconds:0.000} ms, "
                        + $"{choice.Best.Algorithm} {choice.Best.Milliseconds:0.000} ms: {choice.Operation}"
                )
            );
        }
    }

    private string Line(string name) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{name, -28}regret {100 * Mean, 5:0.0} % mean, {100 * Worst, 6:0.0} % worst; "
                + $"{FastestCount} of {choices.Count} choices are the fastest"
        );
}
