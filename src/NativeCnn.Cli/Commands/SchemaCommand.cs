using System.Buffers;
using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using NativeCnn.Cli.Output;
using NativeCnn.Cli.Schema;

namespace NativeCnn.Cli.Commands;

/// <summary><c>nativecnn schema</c>: the JSON schema of the files that <c>--network</c> reads.</summary>
internal sealed class SchemaCommand : Command
{
    public SchemaCommand()
        : base("schema", "Prints the JSON schema of network files, which editors and validators read.") =>
        SetAction(_ =>
        {
            StandardStream.Output.Write(Text());
            return ExitCodes.Success;
        });

    /// <summary>The schema, indented.</summary>
    internal static byte[] Text()
    {
        ArrayBufferWriter<byte> text = new();
        JsonWriterOptions options = new()
        {
            Indented = true,
            NewLine = "\n",
            // Formulas stay readable.
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        };
        using (Utf8JsonWriter json = new(text, options))
            new NetworkSchema(LayerDocumentation.Load()).Create().WriteTo(json);
        return [.. text.WrittenSpan, (byte)'\n'];
    }
}
