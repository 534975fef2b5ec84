namespace NativeCnn.Cli.Output;

/// <summary>A part of a line that may be left out.</summary>
/// <param name="Text">The part; an empty one is never there.</param>
/// <param name="Rank">The highest goes first; 0 always stays.</param>
internal readonly record struct Segment(string Text, int Rank);

/// <summary>Lines of parts, of which a narrow terminal shows the more important ones.</summary>
internal static class Segments
{
    private const string Gap = "  ";

    /// <summary>The parts in their order, with two spaces between them, that together fit.</summary>
    public static string Fit(int width, params ReadOnlySpan<Segment> segments)
    {
        List<Segment> shown = [];
        foreach (Segment segment in segments)
        {
            if (segment.Text.Length > 0)
                shown.Add(segment);
        }
        while (Join(shown).Length > width && shown.MaxBy(segment => segment.Rank) is { Rank: > 0 } last)
            shown.Remove(last);
        return TerminalText.Cut(Join(shown), width);
    }

    private static string Join(List<Segment> segments) => string.Join(Gap, segments.Select(segment => segment.Text));
}
