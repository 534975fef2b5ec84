using System.Text;
using System.Text.Json;
using NativeCnn.Layers;

namespace NativeCnn.Tests.Layers;

/// <summary>A layer's options as files hold them.</summary>
internal static class OptionsText
{
    /// <summary>A JSON object.</summary>
    public static string Of(Layer layer)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            layer.WriteOptions(json);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
