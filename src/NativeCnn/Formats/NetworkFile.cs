using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using NativeCnn.Layers;
using NativeCnn.Networks;
using NativeCnn.Storage;

namespace NativeCnn.Formats;

/// <summary>
/// Networks without weights in files: the JSON that a model file has in its metadata, written by hand or by a program.
/// </summary>
/// <remarks>
/// <c>docs/network-files.md</c> describes it and <c>docs/network.schema.json</c> is its schema. Comments and commas
/// after the last element are allowed. A file whose object has a member <c>network</c>, as <c>nativecnn summary
/// --json</c> prints it, is read as that member alone.
/// </remarks>
public static class NetworkFile
{
    /// <summary>The member that holds the architecture in what <c>nativecnn summary --json</c> prints.</summary>
    public const string Member = "network";

    private static readonly JsonDocumentOptions Lenient = new()
    {
        AllowDuplicateProperties = false,
        AllowTrailingCommas = true,
        CommentHandling = JsonCommentHandling.Skip,
    };

    private static readonly JsonReaderOptions LenientReader = new()
    {
        AllowTrailingCommas = true,
        CommentHandling = JsonCommentHandling.Skip,
    };

    /// <summary>Reads a network and initialises its parameters, which take memory when they are first used.</summary>
    /// <param name="path">The file.</param>
    /// <param name="seed">The seed of the initial values and of dropout.</param>
    /// <param name="limits">How large the network may be; <see cref="ReadingLimits.Default"/> if null.</param>
    /// <exception cref="DataFormatException">
    /// It is no JSON, describes no network, or is over a limit; the message begins with file, line and column, as in
    /// "net.json(12,15): layers[3].stride must be at least 1, but is 0.".
    /// </exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static Network Load(string path, ulong seed = 1, ReadingLimits? limits = null)
    {
        limits ??= ReadingLimits.Default;
        byte[] bytes = InputFile.ReadAllBytes(path, (int)Math.Clamp(limits.HeaderBytes, 0, Array.MaxLength));
        Network network = Parse(path, bytes, limits);
        network.Initialize(seed);
        return network;
    }

    /// <summary>Writes a network's architecture, whole or not at all. Weights and optimiser state are not in it.</summary>
    /// <exception cref="IOException">The file cannot be written; what was there is as it was.</exception>
    public static void Save(string path, Network network)
    {
        ArgumentNullException.ThrowIfNull(network);
        byte[] text = Encoding.UTF8.GetBytes(ArchitectureWriter.Describe(network) + '\n');
        AtomicFile.Write(path, stream => stream.Write(text));
    }

    /// <summary>Reads a network from a file's bytes; its parameters have no memory yet.</summary>
    /// <exception cref="DataFormatException">They describe none; the message has line and column.</exception>
    internal static Network Parse(string path, ReadOnlyMemory<byte> bytes, ReadingLimits limits)
    {
        // Some editors begin a text with this mark.
        ReadOnlyMemory<byte> text = bytes.Span.StartsWith(Encoding.UTF8.Preamble) ? bytes[3..] : bytes;
        CheckText(path, text.Span);
        try
        {
            using var document = JsonDocument.Parse(text, Lenient);
            JsonElement root = document.RootElement;
            MemberPath start = MemberPath.Root;
            if (root.ValueKind == JsonValueKind.Object && root.TryGetProperty(Member, out JsonElement inside))
                (root, start) = (inside, start.Member(Member));
            try
            {
                return ArchitectureReader.Read(root, limits);
            }
            catch (MemberException e)
            {
                throw e.From(start);
            }
        }
        catch (MemberException e)
        {
            throw Refusal(path, JsonPlace.Of(text.Span, LenientReader, e.Path, e.IsAboutName), e.Text, e);
        }
        catch (JsonException e) when (e.LineNumber is not null)
        {
            string problem = e.Message.Split(" LineNumber:")[0].Split(" Path:")[0];
            throw Refusal(path, JsonPlace.Of(text.Span, e), problem, e);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw Duplicate(path, text.Span, e);
        }
    }

    // The one thing whose place the parser does not tell.
    private static DataFormatException Duplicate(string path, ReadOnlySpan<byte> text, Exception cause)
    {
        try
        {
            if (JsonPlace.OfDuplicate(text, LenientReader) is { } duplicate)
                return Refusal(path, duplicate.Place, $"{duplicate.Path} stands there a second time", cause);
        }
        catch (InvalidOperationException)
        {
            // A name is no text that UTF-16 has.
        }
        return Refusal(path, new JsonPlace(1, 1), cause.Message, cause);
    }

    private static void CheckText(string path, ReadOnlySpan<byte> text)
    {
        if (Utf8.IsValid(text))
            return;
        int valid = 0;
        while (Rune.DecodeFromUtf8(text[valid..], out _, out int length) == OperationStatus.Done)
            valid += length;
        throw Refusal(path, JsonPlace.OfByte(text, valid), "here begins what is no UTF-8 text", null);
    }

    private static DataFormatException Refusal(string path, JsonPlace place, string problem, Exception? cause) =>
        new($"{path}({place.Line},{place.Column}): {problem.TrimEnd('.')}.", cause!);
}
