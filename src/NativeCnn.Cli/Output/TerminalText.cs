using System.Globalization;
using System.Text;

namespace NativeCnn.Cli.Output;

/// <summary>
/// Text as a terminal may be given it. Names and paths come from files that anyone may have written, and a terminal
/// obeys control characters: every text that this program prints goes through <see cref="Clean"/>.
/// </summary>
internal static class TerminalText
{
    /// <summary>
    /// The text with every character that shows nothing by itself written as \uXXXX: controls, line ends, marks that
    /// change the direction of writing, halves of surrogate pairs.
    /// </summary>
    public static string Clean(string text)
    {
        int first = 0;
        while (first < text.Length && text[first] is >= ' ' and <= '~')
            first++;
        if (first == text.Length)
            return text;
        StringBuilder clean = new(text, 0, first, text.Length + 16);
        for (int i = first; i < text.Length; i++)
        {
            if (Rune.TryGetRuneAt(text, i, out Rune rune))
            {
                if (!IsHidden(rune))
                    clean.Append(rune);
                else
                    clean.Append(Escape(rune));
                i += rune.Utf16SequenceLength - 1;
            }
            else
            {
                clean.Append(Escape(text[i]));
            }
        }
        return clean.ToString();
    }

    /// <summary>The columns that a clean text takes: two for the wide letters of East Asia, none for accents.</summary>
    public static int Width(string text)
    {
        int width = 0;
        foreach (Rune rune in text.EnumerateRunes())
            width += Width(rune);
        return width;
    }

    /// <summary>The text, or as much of its beginning (or its end) as fits, with … for the rest.</summary>
    public static string Cut(string text, int width, bool keepsEnd = false)
    {
        if (Width(text) <= width)
            return text;
        Rune[] runes = [.. text.EnumerateRunes()];
        if (keepsEnd)
            Array.Reverse(runes);
        int left = width - 1;
        Rune[] kept = [.. runes.TakeWhile(rune => (left -= Width(rune)) >= 0)];
        if (keepsEnd)
            Array.Reverse(kept);
        string part = string.Concat(kept);
        return keepsEnd ? '…' + part : part + '…';
    }

    /// <summary>Lines of whole words; a word that is longer than a line, such as a path, is left to the terminal.</summary>
    /// <param name="text">Clean text without line ends.</param>
    /// <param name="width">Columns of a line.</param>
    /// <param name="indent">Columns before every line but the first.</param>
    public static IEnumerable<string> Wrap(string text, int width, int indent)
    {
        while (Width(text) > width && Break(text, width) is var at and > 0)
        {
            yield return text[..at].TrimEnd(' ');
            text = new string(' ', indent) + text[at..].TrimStart(' ');
        }
        yield return text;
    }

    // The last space that fits, else the first that there is; none before the first word.
    private static int Break(string text, int width)
    {
        int found = -1;
        for (int i = text.Length - text.TrimStart(' ').Length; i < text.Length; i++)
        {
            if (found > 0 && Width(text[..i]) > width)
                break;
            if (text[i] == ' ')
                found = i;
        }
        return found;
    }

    private static bool IsHidden(Rune rune) =>
        Rune.GetUnicodeCategory(rune)
            is UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator
                or UnicodeCategory.OtherNotAssigned;

    private static string Escape(Rune rune)
    {
        Span<char> pair = stackalloc char[2];
        int length = rune.EncodeToUtf16(pair);
        return length == 1 ? Escape(pair[0]) : Escape(pair[0]) + Escape(pair[1]);
    }

    private static string Escape(char character) =>
        string.Create(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}");

    private static int Width(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark ? 0
        : rune.Value
            is >= 0x1100
                and (
                    <= 0x115f
                    or >= 0x2e80
                    and <= 0xa4cf
                    or >= 0xac00
                    and <= 0xd7a3
                    or >= 0xf900
                    and <= 0xfaff
                    or >= 0xfe30
                    and <= 0xfe6f
                    or >= 0xff00
                    and <= 0xff60
                    or >= 0xffe0
                    and <= 0xffe6
                    or >= 0x1f300
                    and <= 0x1faff
                    or >= 0x20000
                    and <= 0x3fffd
                )
            ? 2
        : 1;
}
