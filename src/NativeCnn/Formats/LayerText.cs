using System.Text.Json;
using NativeCnn.Layers;
using NativeCnn.Networks;

namespace NativeCnn.Formats;

/// <summary>A layer as one JSON object: its kind and its options, as in a model file.</summary>
internal static class LayerText
{
    /// <summary>Adds the layer that a text describes.</summary>
    /// <exception cref="FormatException">The text is no such object.</exception>
    /// <exception cref="ArgumentException">A constant is impossible, or the layer does not fit what it reads.</exception>
    public static Node AddTo(Node node, string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            JsonElement layer = json.RootElement;
            return
                layer.ValueKind == JsonValueKind.Object
                && layer.TryGetProperty("kind", out JsonElement kind)
                && kind.ValueKind == JsonValueKind.String
                ? node.Add(LayerRegistry.Read(kind.GetString()!, layer, "kind"))
                : throw new FormatException("a layer is a JSON object with its 'kind'");
        }
        catch (JsonException e)
        {
            throw new FormatException("it is no JSON; quote it for the shell", e);
        }
    }
}
