using System.Text;
using NativeCnn.Cli.Commands;

namespace NativeCnn.Reference;

/// <summary>The pages that are generated.</summary>
internal static class Pages
{
    /// <summary>What stands at the top of each.</summary>
    public const string Notice =
        "<!-- Written from the engine's XML documentation by tools/NativeCnn.Reference. Change that, then run ./build.sh generate. -->";

    /// <summary>Their names in docs and what they hold.</summary>
    public static IEnumerable<(string Name, string Content)> All() =>
        [
            ("layers.md", LayerPage.Write()),
            ("learning.md", LearningPage.Write()),
            ("network.schema.json", Encoding.UTF8.GetString(SchemaCommand.Text())),
        ];

    /// <summary>The options of a class as a table; nothing if there are none.</summary>
    public static void AppendOptions(this StringBuilder page, Type type)
    {
        IReadOnlyList<Option> options = Option.Of(type);
        if (options.Count == 0)
            return;
        page.Append("| option | default | |\n| --- | --- | --- |\n");
        foreach (Option option in options)
            page.Append($"| `{option.Name}` | {option.Default} | {Cell(option.Meaning)} |\n");
        page.Append('\n');
    }

    /// <summary>The labelled parts of a class's remarks, then the others.</summary>
    public static void AppendRemarks(this StringBuilder page, Type type, params ReadOnlySpan<string> labels)
    {
        ILookup<string, string> remarks = XmlDocumentation.Remarks(type);
        foreach (string label in labels)
        foreach (string text in remarks[label])
            page.AppendParagraph(label.Length > 0 ? $"**{label}.** {text}" : text);
    }

    /// <summary>A paragraph in lines of at most 120 characters.</summary>
    public static void AppendParagraph(this StringBuilder page, string text)
    {
        int length = 0;
        string[] words = text.Split(' ');
        for (int i = 0; i < words.Length; i++)
        {
            // A line does not begin with what would make it a list or a heading.
            bool canBreak = i > 0 && !(words[i] is "+" or "-" or "=" || words[i].TrimStart('#').Length == 0);
            // What cannot begin a line is counted with the word before it.
            int needed = words[i].Length + (i + 1 < words.Length && words[i + 1] is "+" or "-" or "=" ? 2 : 0);
            bool breaks = canBreak && length + 1 + needed > 120;
            page.Append(
                    i == 0 ? ""
                    : breaks ? "\n"
                    : " "
                )
                .Append(words[i]);
            length = breaks || i == 0 ? words[i].Length : length + 1 + words[i].Length;
        }
        page.Append("\n\n");
    }

    /// <summary>Text in a cell of a table.</summary>
    public static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
