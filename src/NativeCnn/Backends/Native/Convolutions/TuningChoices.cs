using System.Text.Encodings.Web;
using System.Text.Json;
using NativeCnn.Backends.Operations;

namespace NativeCnn.Backends.Native.Convolutions;

/// <summary>
/// What a measured choice is for. The number of threads is no part of it: a choice decides which bits come out, and
/// those are to be the same on any number of threads.
/// </summary>
/// <param name="Exact">Whether Winograd was ruled out.</param>
/// <param name="Geometry">The convolution, as <see cref="ConvolutionGeometry.ToString"/> writes it.</param>
/// <param name="Pass">Which pass.</param>
/// <param name="Library">
/// Name and version of the library that was measured beside the planner's algorithms; empty for none.
/// </param>
internal readonly record struct TuningKey(bool Exact, string Geometry, ConvolutionPass Pass, string Library = "");

/// <summary>Measured choices of one machine, and the JSON in which they are kept.</summary>
internal sealed class TuningChoices(TuningMachine machine)
{
    /// <summary>What the text says it is, and how a file is known as one that may be replaced.</summary>
    public const string Format = "nativecnn.tuning";

    // Raised with every algorithm that becomes faster or slower, so that older measurements do not decide.
    private const int FormatVersion = 3;

    // Readable: geometries have characters outside ASCII.
    private static readonly JsonWriterOptions Options = new()
    {
        Indented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly SortedDictionary<TuningKey, string> _algorithms = new(
        Comparer<TuningKey>.Create(
            (a, b) =>
                (a.Exact, a.Pass).CompareTo((b.Exact, b.Pass)) is var order and not 0 ? order
                : string.CompareOrdinal(a.Geometry, b.Geometry) is var place and not 0 ? place
                : string.CompareOrdinal(a.Library, b.Library)
        )
    );

    /// <summary>The machine that they were measured on.</summary>
    public TuningMachine Machine { get; } = machine;

    public int Count => _algorithms.Count;

    /// <summary>The libraries of the choices, each once.</summary>
    public IEnumerable<string> Libraries => _algorithms.Keys.Select(key => key.Library).Distinct();

    /// <summary>The algorithm that was the fastest, or null where nothing was measured.</summary>
    public string? this[TuningKey key]
    {
        get => _algorithms.GetValueOrDefault(key);
        set => _algorithms[key] = value!;
    }

    /// <summary>Writes the JSON.</summary>
    public void Write(Stream stream)
    {
        using Utf8JsonWriter json = new(stream, Options);
        json.WriteStartObject();
        json.WriteString("format", Format);
        json.WriteNumber("format_version", FormatVersion);
        foreach ((string name, string value) in Machine.Fields)
            json.WriteString(name, value);
        json.WriteStartArray("choices");
        foreach ((TuningKey key, string algorithm) in _algorithms)
        {
            json.WriteStartObject();
            json.WriteBoolean("exact", key.Exact);
            json.WriteString("pass", key.Pass.ToString());
            json.WriteString("geometry", key.Geometry);
            json.WriteString("algorithm", algorithm);
            if (key.Library.Length > 0)
                json.WriteString("library", key.Library);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <param name="text">The JSON.</param>
    /// <param name="machine">This machine.</param>
    /// <exception cref="FormatException">It is damaged.</exception>
    /// <exception cref="NotSupportedException">It is another machine's; the message says what differs.</exception>
    public static TuningChoices Parse(ReadOnlyMemory<byte> text, TuningMachine machine)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            JsonElement root = document.RootElement;
            if (root.GetProperty("format").GetString() != Format)
                throw new FormatException("it is no list of measured choices");
            int version = root.GetProperty("format_version").GetInt32();
            if (version != FormatVersion)
                throw new NotSupportedException($"format version {version} instead of {FormatVersion}");
            foreach ((string name, string value) in machine.Fields)
            {
                string? found = root.GetProperty(name).GetString();
                if (found != value)
                    throw new NotSupportedException($"{name.Replace('_', ' ')} {found} instead of {value}");
            }
            var choices = new TuningChoices(machine);
            foreach (JsonElement choice in root.GetProperty("choices").EnumerateArray())
            {
                string pass = choice.GetProperty("pass").GetString() ?? "";
                if (!Enum.TryParse(pass, out ConvolutionPass known) || !Enum.IsDefined(known))
                    throw new FormatException($"there is no pass '{pass}'");
                string library = choice.TryGetProperty("library", out JsonElement named)
                    ? named.GetString() ?? throw new FormatException("a library has no name")
                    : "";
                var key = new TuningKey(
                    choice.GetProperty("exact").GetBoolean(),
                    choice.GetProperty("geometry").GetString() ?? throw new FormatException("a geometry is missing"),
                    known,
                    library
                );
                string algorithm = choice.GetProperty("algorithm").GetString() ?? "";
                // A library's version stands behind its name.
                bool isLibrary = algorithm.Length > 0 && library.StartsWith($"{algorithm} ", StringComparison.Ordinal);
                if (!isLibrary && !ConvolutionPlanner.Names.Contains(algorithm))
                    throw new FormatException($"there is no algorithm '{algorithm}'");
                choices[key] = algorithm;
            }
            return choices;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new FormatException(e.Message, e);
        }
    }
}
