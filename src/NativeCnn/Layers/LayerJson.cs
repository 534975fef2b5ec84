using System.Text.Json;
using NativeCnn.Backends;

namespace NativeCnn.Layers;

/// <summary>
/// How a layer writes its options as members of its JSON object; <see cref="LayerOptions"/> reads them.
/// </summary>
public static class LayerJson
{
    private const int LongestShown = 40;

    /// <summary>Writes a height and a width.</summary>
    public static void WriteSize(this Utf8JsonWriter json, string name, Size2 size) =>
        WriteInts(json, name, [size.Height, size.Width]);

    /// <summary>Writes a padding: top, left, bottom, right.</summary>
    public static void WritePadding(this Utf8JsonWriter json, string name, Padding padding) =>
        WriteInts(json, name, [padding.Top, padding.Left, padding.Bottom, padding.Right]);

    /// <summary>A value as messages show it: on one line, and not all of it.</summary>
    internal static string Shown(this JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.Object => "an object",
            JsonValueKind.String => $"the text {Shown(value.GetRawText())}",
            _ => Shown(value.GetRawText()),
        };

    /// <summary>A text as messages show it: on one line, and not all of it.</summary>
    internal static string Shown(string text)
    {
        string line = string.Concat(text.Select(c => char.IsControl(c) || char.IsWhiteSpace(c) ? ' ' : c));
        return line.Length <= LongestShown ? line : $"{line[..LongestShown]}…";
    }

    private static void WriteInts(Utf8JsonWriter json, string name, ReadOnlySpan<int> numbers)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(name);
        json.WriteStartArray(name);
        foreach (int number in numbers)
            json.WriteNumberValue(number);
        json.WriteEndArray();
    }
}
