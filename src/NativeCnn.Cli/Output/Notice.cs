namespace NativeCnn.Cli.Output;

/// <summary>One line on standard error that is not the result: an error, a warning, what was used.</summary>
internal static class Notice
{
    /// <summary>Writes the line, after the name of the program. It does not fail where nobody listens.</summary>
    public static void Write(string line) => Console.Error.WriteLine($"nativecnn: {TerminalText.Clean(line)}");

    /// <summary>Writes an exception, and those that caused it, with their stacks.</summary>
    public static void WriteTrace(Exception exception)
    {
        for (Exception? cause = exception; cause is not null; cause = cause.InnerException)
        {
            Console.Error.WriteLine(TerminalText.Clean($"{cause.GetType()}: {cause.Message}"));
            foreach (string line in (cause.StackTrace ?? "").ReplaceLineEndings("\n").Split('\n'))
                Console.Error.WriteLine(TerminalText.Clean(line));
        }
    }
}
