using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using NativeCnn.Storage;

namespace NativeCnn.Cli;

/// <summary>
/// The setting of a run: the options of <c>train</c> by name, without their dashes, as numbers, text, true, or a list
/// where an option was given several times.
/// </summary>
internal sealed record RunSettings
{
    private const string FormatName = "nativecnn.settings";
    private const int Version = 1;

    // Some thousand options; a file that was named by mistake is not read whole.
    private const int LargestFile = 1 << 20;

    /// <summary>What the file is.</summary>
    [JsonRequired]
    public string Format { get; init; } = FormatName;

    /// <summary>The version of that.</summary>
    [JsonRequired]
    public int FormatVersion { get; init; } = Version;

    /// <summary>The options.</summary>
    [JsonRequired]
    public SortedDictionary<string, JsonNode?> Options { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Reads a file that <see cref="Save"/> wrote, or a person.</summary>
    /// <exception cref="CommandException">It is no such file.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static RunSettings Load(string path) =>
        Parse(path, Encoding.UTF8.GetString(InputFile.ReadAllBytes(path, LargestFile)));

    /// <summary>Reads the JSON of a file.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="json">Its text.</param>
    /// <exception cref="CommandException">It is something else.</exception>
    public static RunSettings Parse(string path, string json)
    {
        try
        {
            RunSettings settings =
                JsonSerializer.Deserialize(json, RunSettingsJson.Default.RunSettings)
                ?? throw new JsonException("it holds null");
            return settings.Format != FormatName
                    ? throw new JsonException($"its format is {settings.Format} instead of {FormatName}")
                : settings.FormatVersion != Version
                    ? throw new JsonException($"its version is {settings.FormatVersion}, and {Version} is read")
                : settings;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new CommandException($"{path} holds no settings of a run: {e.Message.TrimEnd('.')}.", cause: e);
        }
    }

    public string ToJson() => JsonSerializer.Serialize(this, RunSettingsJson.Default.RunSettings);

    public void Save(string path)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(ToJson() + '\n');
        AtomicFile.Write(path, stream => stream.Write(bytes));
    }

    /// <summary>Keeps what was typed for an option; nothing for one that stands for itself.</summary>
    public void Add(string name, IReadOnlyList<string> texts) =>
        Options[name] =
            texts.Count == 0 ? JsonValue.Create(true)
            : texts.Count == 1 ? Value(texts[0])
            : new JsonArray([.. texts.Select(Value)]);

    /// <summary>What would be typed for an option; null where it would be left out.</summary>
    /// <exception cref="CommandException">The value is no text, number or list of them.</exception>
    public IReadOnlyList<string>? TextsOf(string path, string name) =>
        Options.GetValueOrDefault(name) switch
        {
            JsonArray list => [.. list.Select(item => TextOf(path, name, item))],
            JsonValue value when value.GetValueKind() is JsonValueKind.True => [],
            JsonValue value when value.GetValueKind() is JsonValueKind.False => null,
            var single => [TextOf(path, name, single)],
        };

    private static string TextOf(string path, string name, JsonNode? value) =>
        value?.GetValueKind() switch
        {
            JsonValueKind.String => value.GetValue<string>(),
            JsonValueKind.Number => value.ToJsonString(),
            _ => throw new CommandException(
                $"{path}: the value of {name} is a number, text, true, false, or a list of numbers or text."
            ),
        };

    // As a number where JSON has the same spelling of it.
    private static JsonNode Value(string text)
    {
        bool isNumber =
            double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
            && double.IsFinite(number)
            && (char.IsAsciiDigit(text[0]) || (text[0] == '-' && text.Length > 1 && char.IsAsciiDigit(text[1])))
            && text.TrimStart('-') is not ['0', >= '0' and <= '9', ..]
            && char.IsAsciiDigit(text[^1])
            && !text.Contains(".e", StringComparison.OrdinalIgnoreCase);
        return isNumber ? JsonNode.Parse(text)! : JsonValue.Create(text);
    }
}

/// <summary>Reads and writes settings without reflection, which trimming would break.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true,
    NewLine = "\n",
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    ReadCommentHandling = JsonCommentHandling.Skip
)]
[JsonSerializable(typeof(RunSettings))]
internal sealed partial class RunSettingsJson : JsonSerializerContext;
