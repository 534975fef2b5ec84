using System.Globalization;
using System.Text;
using NativeCnn.Cli.Output;
using NativeCnn.Formats;

namespace NativeCnn.Cli.Report;

/// <summary>Pieces of a page.</summary>
internal static class Html
{
    /// <summary>Text as the content of an element or of an attribute in quotes.</summary>
    public static string Text(string text)
    {
        StringBuilder escaped = new(text.Length);
        foreach (char c in TerminalText.Clean(text))
        {
            escaped.Append(
                c switch
                {
                    '&' => "&amp;",
                    '<' => "&lt;",
                    '>' => "&gt;",
                    '"' => "&quot;",
                    '\'' => "&#39;",
                    _ => c.ToString(),
                }
            );
        }
        return escaped.ToString();
    }

    /// <summary>A table with a head, of which the first cell of each row names the row.</summary>
    /// <param name="caption">What it shows.</param>
    /// <param name="head">A name per column.</param>
    /// <param name="rows">The cells, as text.</param>
    public static string Table(string caption, IReadOnlyList<string> head, IEnumerable<IReadOnlyList<string>> rows)
    {
        StringBuilder table = new("<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"");
        table
            .Append(Text(caption))
            .Append("\"><table><caption>")
            .Append(Text(caption))
            .Append("</caption>\n<thead><tr>");
        foreach (string name in head)
            table.Append("<th scope=\"col\">").Append(Text(name)).Append("</th>");
        table.Append("</tr></thead>\n<tbody>\n");
        foreach (IReadOnlyList<string> row in rows)
        {
            table.Append("<tr><th scope=\"row\">").Append(Text(row[0])).Append("</th>");
            foreach (string cell in row.Skip(1))
                table.Append("<td>").Append(Text(cell)).Append("</td>");
            table.Append("</tr>\n");
        }
        return table.Append("</tbody></table></div>\n").ToString();
    }

    /// <summary>A picture within the page.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="words">What it shows, for who cannot see it.</param>
    /// <param name="css">How it is shown; a class of the page.</param>
    public static string Picture(Image image, string words, string css) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"<img class=\"{css}\" width=\"{image.Shape.Width}\" height=\"{image.Shape.Height}\" alt=\"{Text(words)}\" src=\"data:image/png;base64,{Convert.ToBase64String(PortableNetworkGraphics.ToBytes(image))}\">"
        );
}
