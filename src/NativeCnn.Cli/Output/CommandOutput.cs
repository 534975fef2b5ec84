using Spectre.Console;

namespace NativeCnn.Cli.Output;

/// <summary>
/// Where a command writes. Text goes to standard output; with <c>--json</c> that belongs to the one JSON object, and
/// text goes to standard error.
/// </summary>
internal sealed class CommandOutput
{
    // Tables are not to be broken where no terminal sets a width.
    private const int WidthWithoutTerminal = 200;

    public CommandOutput(bool json)
    {
        IsJson = json;
        bool redirected = json ? Console.IsErrorRedirected : Console.IsOutputRedirected;
        Text = AnsiConsole.Create(
            new AnsiConsoleSettings
            {
                Out = new AnsiConsoleOutput(json ? Console.Error : Console.Out),
                Ansi = redirected ? AnsiSupport.No : AnsiSupport.Detect,
                Interactive = redirected ? InteractionSupport.No : InteractionSupport.Detect,
            }
        );
        if (redirected)
            Text.Profile.Width = WidthWithoutTerminal;
        IsLive = Text.Profile.Capabilities is { Interactive: true, Ansi: true };
    }

    /// <summary>Standard output is for JSON alone.</summary>
    public bool IsJson { get; }

    /// <summary>Text goes to a terminal that can redraw its last lines.</summary>
    public bool IsLive { get; }

    /// <summary>Where text goes.</summary>
    public IAnsiConsole Text { get; }

    /// <summary>Writes one line as it stands.</summary>
    public void Line(string text) => Text.WriteLine(text);
}
