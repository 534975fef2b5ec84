using System.Text;
using System.Text.Json;
using NativeCnn.Layers;

namespace NativeCnn.Formats;

/// <summary>A line and a column of a text, both from 1; columns count characters.</summary>
internal readonly record struct JsonPlace(int Line, int Column)
{
    /// <summary>The place of a byte.</summary>
    public static JsonPlace OfByte(ReadOnlySpan<byte> text, long offset)
    {
        ReadOnlySpan<byte> before = text[..(int)Math.Clamp(offset, 0, text.Length)];
        int start = before.LastIndexOf((byte)'\n') + 1;
        return new JsonPlace(before.Count((byte)'\n') + 1, Characters(before[start..]) + 1);
    }

    /// <summary>The place that a parser tells: a line from 0, and a byte in it.</summary>
    public static JsonPlace Of(ReadOnlySpan<byte> text, JsonException e)
    {
        int start = 0;
        for (long line = 0; line < (e.LineNumber ?? 0); line++)
            start += text[start..].IndexOf((byte)'\n') + 1;
        return OfByte(text, start + (e.BytePositionInLine ?? 0));
    }

    /// <summary>
    /// Where a member's value, or its name, begins; of a member that is missing, where the object begins that lacks it.
    /// </summary>
    public static JsonPlace Of(ReadOnlySpan<byte> text, JsonReaderOptions options, MemberPath path, bool ofName)
    {
        var reader = new Utf8JsonReader(text, options);
        reader.Read();
        long offset = reader.TokenStartIndex;
        foreach (MemberPath step in path.Steps)
        {
            long name = step.Name is null ? FindElement(ref reader, step.Index) : FindMember(ref reader, step.Name);
            if (name < 0)
                break;
            offset = ofName && step == path ? name : reader.TokenStartIndex;
        }
        return OfByte(text, offset);
    }

    /// <summary>The place of the first name that an object has twice, and the name; null if there is none.</summary>
    public static (JsonPlace Place, MemberPath Path)? OfDuplicate(ReadOnlySpan<byte> text, JsonReaderOptions options)
    {
        var reader = new Utf8JsonReader(text, options);
        reader.Read();
        return Duplicate(ref reader, MemberPath.Root) is { } path ? (OfByte(text, reader.TokenStartIndex), path) : null;
    }

    // The path of a name that stands twice, at which the reader then is; else the reader is at the value's end.
    private static MemberPath? Duplicate(ref Utf8JsonReader reader, MemberPath path)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        bool isObject = reader.TokenType == JsonTokenType.StartObject;
        if (!isObject && reader.TokenType != JsonTokenType.StartArray)
            return null;
        for (
            int i = 0;
            reader.Read() && reader.TokenType is not (JsonTokenType.EndObject or JsonTokenType.EndArray);
            i++
        )
        {
            MemberPath next = path.Element(i);
            if (isObject)
            {
                string name = reader.GetString()!;
                next = path.Member(name);
                if (!names.Add(name))
                    return next;
                reader.Read();
            }
            if (Duplicate(ref reader, next) is { } inside)
                return inside;
        }
        return null;
    }

    // Each moves to the value and returns where its name, or the element itself, begins; below 0 if there is none.
    private static long FindMember(ref Utf8JsonReader reader, string wanted)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            return -1;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            long name = reader.TokenStartIndex;
            bool isIt = reader.ValueTextEquals(wanted);
            reader.Read();
            if (isIt)
                return name;
            reader.Skip();
        }
        return -1;
    }

    private static long FindElement(ref Utf8JsonReader reader, int wanted)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            return -1;
        for (int i = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; i++)
        {
            if (i == wanted)
                return reader.TokenStartIndex;
            reader.Skip();
        }
        return -1;
    }

    private static int Characters(ReadOnlySpan<byte> text) => Encoding.UTF8.GetCharCount(text);
}
