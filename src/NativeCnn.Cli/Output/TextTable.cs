using System.Text;

namespace NativeCnn.Cli.Output;

/// <summary>One column of a <see cref="TextTable"/>.</summary>
/// <param name="Header">What stands above.</param>
/// <param name="IsNumber">Whether it stands to the right.</param>
/// <param name="Rank">
/// What a narrow terminal leaves out: the column of the highest rank first; those of rank 0 stay.
/// </param>
/// <param name="Footer">What stands below, or nothing.</param>
/// <param name="KeepsEnd">Whether a text that is too long loses its beginning: the end of a path says more.</param>
internal sealed record TextColumn(
    string Header,
    bool IsNumber = false,
    int Rank = 0,
    string Footer = "",
    bool KeepsEnd = false
);

/// <summary>
/// A table of text that fits the width: columns are left out by their rank, then long texts are cut, never broken.
/// </summary>
internal sealed class TextTable(string? title, params IReadOnlyList<TextColumn> columns)
{
    private const string Gap = "  ";
    private const int ShortestText = 6;

    private readonly TextColumn[] _columns =
    [
        .. columns.Select(c => c with { Header = TerminalText.Clean(c.Header), Footer = TerminalText.Clean(c.Footer) }),
    ];
    private readonly List<string[]> _rows = [];

    /// <summary>Adds a row, a cell for each column.</summary>
    public void Row(params IEnumerable<string> cells) => _rows.Add([.. cells.Select(TerminalText.Clean)]);

    /// <summary>Whether everything fits as it is.</summary>
    public bool Fits(int width) => Total(Widths([.. Enumerable.Range(0, _columns.Length)])) <= width;

    /// <summary>The lines, none wider than <paramref name="width"/>.</summary>
    public IEnumerable<string> Render(int width)
    {
        List<int> shown = [.. Enumerable.Range(0, _columns.Length)];
        List<int> leftOut = [];
        while (
            Total(Widths(shown)) > width && shown.MaxBy(c => _columns[c].Rank) is var last && _columns[last].Rank > 0
        )
        {
            shown.Remove(last);
            leftOut.Add(last);
        }
        int[] widths = Widths(shown);
        Shorten(shown, widths, width);

        foreach (string line in title is null ? [] : TerminalText.Wrap(TerminalText.Clean(title), width, 2))
            yield return line;
        string rule = new('─', Math.Min(Total(widths), width));
        yield return Line(shown, widths, width, c => _columns[c].Header);
        yield return rule;
        foreach (string[] row in _rows)
            yield return Line(shown, widths, width, c => row[c]);
        if (_columns.Any(column => column.Footer.Length > 0))
        {
            yield return rule;
            yield return Line(shown, widths, width, c => _columns[c].Footer);
        }
        if (leftOut.Count > 0)
        {
            string names = string.Join(", ", leftOut.Order().Select(c => _columns[c].Header));
            foreach (string line in TerminalText.Wrap($"Left out for want of room: {names}.", width, 2))
                yield return line;
        }
    }

    private int[] Widths(List<int> shown) =>
        [
            .. shown.Select(c =>
                _rows
                    .Select(row => TerminalText.Width(row[c]))
                    .Append(TerminalText.Width(_columns[c].Header))
                    .Append(TerminalText.Width(_columns[c].Footer))
                    .Max()
            ),
        ];

    private static int Total(int[] widths) => widths.Sum() + Gap.Length * (widths.Length - 1);

    // The longest text gives way first.
    private void Shorten(List<int> shown, int[] widths, int width)
    {
        while (Total(widths) > width)
        {
            int widest = -1;
            for (int i = 0; i < widths.Length; i++)
            {
                bool canGive = !_columns[shown[i]].IsNumber && widths[i] > ShortestText;
                if (canGive && (widest < 0 || widths[i] > widths[widest]))
                    widest = i;
            }
            if (widest < 0)
                return;
            widths[widest]--;
        }
    }

    private string Line(List<int> shown, int[] widths, int width, Func<int, string> cell)
    {
        StringBuilder line = new();
        for (int i = 0; i < shown.Count; i++)
        {
            TextColumn column = _columns[shown[i]];
            string text = TerminalText.Cut(cell(shown[i]), widths[i], column.KeepsEnd);
            string space = new(' ', widths[i] - TerminalText.Width(text));
            line.Append(i == 0 ? "" : Gap).Append(column.IsNumber ? space + text : text + space);
        }
        return TerminalText.Cut(line.ToString().TrimEnd(), width);
    }
}
