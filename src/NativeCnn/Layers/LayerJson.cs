using System.Text.Json;
using NativeCnn.Backends;

namespace NativeCnn.Layers;

/// <summary>
/// How options stand in a layer's JSON object. What is missing or of the wrong type is a <see cref="FormatException"/>
/// that names it.
/// </summary>
public static class LayerJson
{
    /// <summary>Writes a height and a width.</summary>
    public static void WriteSize(this Utf8JsonWriter json, string name, Size2 size) =>
        WriteInts(json, name, [size.Height, size.Width]);

    /// <summary>Writes a padding: top, left, bottom, right.</summary>
    public static void WritePadding(this Utf8JsonWriter json, string name, Padding padding) =>
        WriteInts(json, name, [padding.Top, padding.Left, padding.Bottom, padding.Right]);

    /// <summary>Reads a whole number.</summary>
    public static int ReadInt(this JsonElement json, string name) =>
        Member(json, name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt32(out int number)
            ? number
            : throw new FormatException($"the option '{name}' is not a whole number");

    /// <summary>Reads a number.</summary>
    public static float ReadFloat(this JsonElement json, string name) =>
        Member(json, name) is { ValueKind: JsonValueKind.Number } value
        && value.TryGetSingle(out float number)
        && float.IsFinite(number)
            ? number
            : throw new FormatException($"the option '{name}' is not a number, or too large a one");

    /// <summary>Reads true or false.</summary>
    public static bool ReadBool(this JsonElement json, string name) =>
        Member(json, name).ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw new FormatException($"the option '{name}' is neither true nor false"),
        };

    /// <summary>Reads a height and a width.</summary>
    public static Size2 ReadSize(this JsonElement json, string name) =>
        ReadInts(json, name, 2) is [int height, int width] ? new Size2(height, width) : default;

    /// <summary>Reads a padding.</summary>
    public static Padding ReadPadding(this JsonElement json, string name) =>
        ReadInts(json, name, 4) is [int top, int left, int bottom, int right]
            ? new Padding(top, left, bottom, right)
            : default;

    private static void WriteInts(Utf8JsonWriter json, string name, ReadOnlySpan<int> numbers)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(name);
        json.WriteStartArray(name);
        foreach (int number in numbers)
            json.WriteNumberValue(number);
        json.WriteEndArray();
    }

    private static JsonElement Member(JsonElement json, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (json.ValueKind != JsonValueKind.Object)
            throw new FormatException("what should have options is no JSON object");
        return json.TryGetProperty(name, out JsonElement value)
            ? value
            : throw new FormatException($"the option '{name}' is missing");
    }

    private static int[] ReadInts(JsonElement json, string name, int length)
    {
        JsonElement array = Member(json, name);
        if (array.ValueKind != JsonValueKind.Array || array.GetArrayLength() != length)
            throw new FormatException($"the option '{name}' is not an array of {length} whole numbers");
        int[] numbers = new int[length];
        for (int i = 0; i < length; i++)
        {
            if (array[i].ValueKind != JsonValueKind.Number || !array[i].TryGetInt32(out numbers[i]))
                throw new FormatException($"the option '{name}' is not an array of {length} whole numbers");
        }
        return numbers;
    }
}
