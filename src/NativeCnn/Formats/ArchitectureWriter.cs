using System.Text;
using System.Text.Json;
using NativeCnn.Layers;
using NativeCnn.Networks;
using NativeCnn.Parameters;
using NativeCnn.Tensors;

namespace NativeCnn.Formats;

/// <summary>Writes a network's architecture as JSON; <see cref="ArchitectureReader"/> reads it.</summary>
internal static class ArchitectureWriter
{
    public const int Version = 2;

    /// <summary>The architecture as one JSON object.</summary>
    public static string Describe(Network network)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
            Write(network, json);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    /// <summary>Writes the architecture as one JSON object.</summary>
    public static void Write(Network network, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteNumber("version", Version);
        json.WriteString("name", network.Name);
        WriteArray(json, "inputs", network.InputShapes, WriteExample);
        WriteArray(json, "outputs", network.Outputs, json.WriteNumberValue);
        WriteArray(json, "classes", network.ClassNames, json.WriteStringValue);
        json.WriteStartArray("layers");
        foreach ((Layer layer, IReadOnlyList<int> inputs, _) in network.Nodes)
        {
            json.WriteStartObject();
            json.WriteString("name", layer.Name);
            json.WriteString("kind", layer.Kind);
            WriteArray(json, "inputs", inputs, json.WriteNumberValue);
            layer.WriteOptions(json);
            WriteFactors(json, ParameterFactor.Rate, layer);
            WriteFactors(json, ParameterFactor.Decay, layer);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();

        void WriteExample(Shape shape)
        {
            json.WriteStartArray();
            json.WriteNumberValue(shape.Height);
            json.WriteNumberValue(shape.Width);
            json.WriteNumberValue(shape.Channels);
            json.WriteEndArray();
        }
    }

    // Nothing if all are 1, one number if all are alike, else those that are not 1 by the parameter's name.
    private static void WriteFactors(Utf8JsonWriter json, ParameterFactor factor, Layer layer)
    {
        Parameter[] trained = [.. layer.TrainedParameters];
        if (trained.All(parameter => factor.Get(parameter) == 1))
            return;
        float first = factor.Get(trained[0]);
        if (trained.All(parameter => factor.Get(parameter) == first))
        {
            json.WriteNumber(factor.Member, first);
            return;
        }
        json.WriteStartObject(factor.Member);
        foreach (Parameter parameter in trained.Where(parameter => factor.Get(parameter) != 1))
            json.WriteNumber(layer.LocalName(parameter), factor.Get(parameter));
        json.WriteEndObject();
    }

    private static void WriteArray<T>(Utf8JsonWriter json, string name, IReadOnlyList<T> values, Action<T> write)
    {
        json.WriteStartArray(name);
        foreach (T value in values)
            write(value);
        json.WriteEndArray();
    }
}
