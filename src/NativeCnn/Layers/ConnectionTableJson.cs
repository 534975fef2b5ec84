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

    /// <exception cref="FormatException">It is no table; the message names the option and the rule.</exception>
    public static ConnectionTable ReadConnectionTable(this JsonElement json, string name)
    {
        JsonElement rows = json.GetProperty(name);
        if (rows.ValueKind != JsonValueKind.Array)
            throw new FormatException($"the option '{name}' is not an array of arrays of whole numbers");
        try
        {
            return new ConnectionTable([.. rows.EnumerateArray().Select(row => ReadRow(row, name))]);
        }
        catch (ArgumentException e)
        {
            throw new FormatException($"the option '{name}' is no connection table: {e.Message}", e);
        }
    }

    private static int[] ReadRow(JsonElement row, string name)
    {
        if (row.ValueKind != JsonValueKind.Array)
            throw new FormatException($"the option '{name}' is not an array of arrays of whole numbers");
        return
        [
            .. row.EnumerateArray()
                .Select(input =>
                    input.ValueKind == JsonValueKind.Number && input.TryGetInt32(out int map)
                        ? map
                        : throw new FormatException($"the option '{name}' is not an array of arrays of whole numbers")
                ),
        ];
    }
}
