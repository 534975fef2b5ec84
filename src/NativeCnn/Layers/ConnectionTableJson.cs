using System.Text.Json;
using NativeCnn.Backends;

namespace NativeCnn.Layers;

/// <summary>How a connection table stands in a layer's JSON object: an array of arrays of input maps.</summary>
internal static class ConnectionTableJson
{
    public static void WriteConnectionTable(this Utf8JsonWriter json, string name, ConnectionTable table)
    {
        json.WriteStartArray(name);
        for (int o = 0; o < table.Outputs; o++)
        {
            json.WriteStartArray();
            foreach (int input in table.Row(o))
                json.WriteNumberValue(input);
            json.WriteEndArray();
        }
        json.WriteEndArray();
    }
}
