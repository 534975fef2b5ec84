namespace NativeCnn.Cli.Output;

/// <summary>
/// Where a command writes. Text goes to standard output; with <c>--json</c> that belongs to the one JSON object, and
/// text goes to standard error. On a terminal, lines are broken between words and tables leave out columns; elsewhere
/// both are as wide as they are.
/// </summary>
internal sealed class CommandOutput
{
    private const int WidthUnknown = 80;
    private const int Narrowest = 20;

    private readonly TextWriter _writer;
    private readonly Func<int>? _width;

    public CommandOutput(bool json)
        : this(json ? Console.Error : Console.Out, IsTerminal(json) ? TerminalWidth : null, json) { }

    /// <param name="writer">Where text goes.</param>
    /// <param name="width">The terminal's columns, which may change; null where there is no terminal.</param>
    /// <param name="json">Whether standard output is for JSON alone.</param>
    internal CommandOutput(TextWriter writer, Func<int>? width, bool json = false)
    {
        _writer = writer;
        _width = width;
        IsJson = json;
    }

    /// <summary>Standard output is for JSON alone.</summary>
    public bool IsJson { get; }

    /// <summary>Text goes to a terminal.</summary>
    public bool IsLive => _width is not null;

    /// <summary>The columns of a line.</summary>
    public int Width => _width is null ? int.MaxValue : Math.Max(_width(), Narrowest);

    /// <summary>Writes one line, on a narrow terminal as several.</summary>
    /// <param name="text">The line.</param>
    /// <param name="indent">Columns before what does not fit on the first.</param>
    /// <exception cref="OutputLostException">Nobody can read it.</exception>
    public void Line(string text, int indent = 2)
    {
        foreach (string line in TerminalText.Wrap(TerminalText.Clean(text), Width, indent))
            Raw(line + '\n');
    }

    /// <summary>Writes a table as wide as there is room.</summary>
    public void Table(TextTable table)
    {
        foreach (string line in table.Render(Width))
            Raw(line + '\n');
    }

    /// <summary>Writes text with control characters of the program's own.</summary>
    internal void Raw(string text)
    {
        _writer.Write(text);
        if (IsJson && StandardStream.Error.Failure is { } failure)
            throw new OutputLostException("standard error", failure);
    }

    // A terminal that says it is dumb cannot draw a line again.
    private static bool IsTerminal(bool error) =>
        !(error ? Console.IsErrorRedirected : Console.IsOutputRedirected)
        && (OperatingSystem.IsWindows() || Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb"));

    private static int TerminalWidth()
    {
        try
        {
            return Console.WindowWidth is > 0 and var width ? width : WidthUnknown;
        }
        catch (IOException)
        {
            return WidthUnknown;
        }
    }
}
