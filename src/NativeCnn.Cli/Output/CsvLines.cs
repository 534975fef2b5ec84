using System.Text;

namespace NativeCnn.Cli.Output;

/// <summary>Comma-separated values on standard output, as in RFC 4180 but with the system's ends of lines.</summary>
internal static class CsvLines
{
    /// <summary>Prints a line for each row.</summary>
    /// <exception cref="OutputLostException">Standard output is closed or full.</exception>
    public static void Print(IEnumerable<IEnumerable<string>> rows)
    {
        StringBuilder text = new();
        foreach (IEnumerable<string> row in rows)
            text.AppendJoin(',', row.Select(field => Quoted(TerminalText.Clean(field)))).AppendLine();
        StandardStream.Output.Write(Encoding.UTF8.GetBytes(text.ToString()));
    }

    private static string Quoted(string field) =>
        field.AsSpan().IndexOfAny(",\"\r\n") < 0
            ? field
            : $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
