using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace NativeCnn.Cli.Output;

/// <summary>One JSON object on one line of standard output.</summary>
internal static class JsonLine
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Prints the object whose members <paramref name="writeMembers"/> writes.</summary>
    public static void Print(Action<Utf8JsonWriter> writeMembers)
    {
        ArrayBufferWriter<byte> line = new();
        using (Utf8JsonWriter json = new(line, Options))
        {
            json.WriteStartObject();
            writeMembers(json);
            json.WriteEndObject();
        }
        // Inside JSON all but ASCII stands in strings, where \uXXXX means the same character.
        string clean = TerminalText.Clean(Encoding.UTF8.GetString(line.WrittenSpan));
        StandardStream.Output.Write(Encoding.UTF8.GetBytes(clean + '\n'));
    }

    /// <summary>Writes a number, or null for what JSON has no number for: nothing, infinity and NaN.</summary>
    public static void NumberOrNull(this Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number && double.IsFinite(number))
            json.WriteNumber(name, number);
        else
            json.WriteNull(name);
    }
}
