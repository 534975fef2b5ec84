using System.Text.Json;
using System.Text.Json.Nodes;
using NativeCnn.Initializers;

namespace NativeCnn.Layers;

/// <summary>
/// How what fills a layer's weights stands in its JSON object: a word, or an object with a constant or a gain.
/// </summary>
internal static class InitializerJson
{
    private const string Member = "initializer";
    private const string Constant = "constant";
    private const string Orthogonal = "orthogonal";

    private static readonly (string Word, Initializer Initializer)[] Words =
    [
        ("he-normal", Initializer.HeNormal),
        ("he-uniform", Initializer.HeUniform),
        ("glorot-normal", Initializer.GlorotNormal),
        ("glorot-uniform", Initializer.GlorotUniform),
        ("lecun-normal", Initializer.LeCunNormal),
        ("lecun-uniform", Initializer.LeCunUniform),
        ("lecun-1989", Initializer.LeCun1989),
        (Orthogonal, Initializer.Orthogonal()),
        ("zero", Initializer.Zero),
    ];

    private static readonly string Form =
        $"{string.Join(", ", Words.Select(word => word.Word))}, or an object with a number called {Constant} or {Orthogonal}";

    /// <summary>
    /// Writes what fills the weights, where it is not what does so by default. One of somebody's own is left out: files
    /// have no word for it.
    /// </summary>
    public static void WriteInitializer(this Utf8JsonWriter json, Initializer? initializer, Initializer? byDefault)
    {
        if (initializer == byDefault)
            return;
        if (Words.FirstOrDefault(word => word.Initializer == initializer) is { Word: { } word })
            json.WriteString(Member, word);
        else if (initializer is ConstantInitializer { Value: float value } && float.IsFinite(value))
            WriteObject(Constant, value);
        else if (initializer is OrthogonalInitializer { Gain: double gain } && float.IsFinite((float)gain))
            WriteObject(Orthogonal, gain);

        void WriteObject(string name, double number)
        {
            json.WriteStartObject(Member);
            json.WriteNumber(name, number);
            json.WriteEndObject();
        }
    }

    /// <summary>Reads what fills the weights.</summary>
    /// <exception cref="FormatException">There is no such initialiser.</exception>
    public static Initializer ReadInitializer(this LayerOptions options, Initializer byDefault) =>
        options.ReadOptionalInitializer(WordOf(byDefault)) ?? byDefault;

    /// <summary>Reads what fills the weights, or null where the layer itself knows.</summary>
    /// <exception cref="FormatException">There is no such initialiser.</exception>
    public static Initializer? ReadOptionalInitializer(this LayerOptions options, string? byDefault = null)
    {
        if (!options.FindOptional(Member, Schema, out JsonElement value, byDefault))
            return null;
        MemberPath path = MemberPath.Root.Member(Member);
        if (value.ValueKind == JsonValueKind.String)
        {
            Initializer? named = Words.FirstOrDefault(word => value.ValueEquals(word.Word)).Initializer;
            return named ?? throw LayerOptions.Wrong(path, Form, value);
        }
        if (value.ValueKind != JsonValueKind.Object || value.EnumerateObject().ToArray() is not [var member])
            throw LayerOptions.Wrong(path, Form, value);
        double number = LayerOptions.Float(member.Value, path.Member(member.Name));
        return member.Name switch
        {
            Constant => Initializer.Constant((float)number),
            Orthogonal => Initializer.Orthogonal(member.Value.GetDouble()),
            _ => throw MemberException.Unknown(path, member.Name, [Constant, Orthogonal]),
        };
    }

    private static string? WordOf(Initializer initializer) =>
        Words.FirstOrDefault(word => word.Initializer == initializer).Word;

    private static JsonObject Schema()
    {
        JsonNode?[] words = [.. Words.Select(word => (JsonNode?)JsonValue.Create(word.Word))];
        return new JsonObject
        {
            ["anyOf"] = new JsonArray(
                new JsonObject { ["enum"] = new JsonArray(words) },
                With(Constant, OptionSchema.Float(default)),
                With(Orthogonal, OptionSchema.Float(default))
            ),
        };
    }

    private static JsonObject With(string name, JsonObject number) =>
        new()
        {
            ["type"] = "object",
            ["properties"] = new JsonObject { [name] = number },
            ["required"] = new JsonArray(JsonValue.Create(name)),
            ["additionalProperties"] = false,
        };
}
