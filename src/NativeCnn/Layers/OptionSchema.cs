using System.Text.Json.Nodes;

namespace NativeCnn.Layers;

/// <summary>The JSON schemas of what options can be.</summary>
internal static class OptionSchema
{
    public static JsonObject Bool() => new() { ["type"] = "boolean" };

    public static JsonObject Int(OptionRange range) => WithRange(new JsonObject { ["type"] = "integer" }, range);

    public static JsonObject Float(OptionRange range) => WithRange(new JsonObject { ["type"] = "number" }, range);

    /// <summary>Height and width, or one number for both.</summary>
    public static JsonObject Size(OptionRange range) => IntOrArray(range, 2);

    /// <summary>Top, left, bottom, right, or one number for all.</summary>
    public static JsonObject Padding() => IntOrArray(OptionRange.AtLeast(0), 4);

    /// <summary>A row for each output map.</summary>
    public static JsonObject Table() => Array(Array(Int(OptionRange.AtLeast(0)), 1), 1);

    /// <summary>An array of so many elements or more.</summary>
    public static JsonObject Array(JsonObject items, int least) =>
        new()
        {
            ["type"] = "array",
            ["items"] = items,
            ["minItems"] = least,
        };

    private static JsonObject IntOrArray(OptionRange range, int length)
    {
        JsonObject array = Array(Int(range), length);
        array["maxItems"] = length;
        return new JsonObject { ["anyOf"] = new JsonArray(Int(range), array) };
    }

    private static JsonObject WithRange(JsonObject schema, OptionRange range)
    {
        Add("minimum", range.Minimum);
        Add("exclusiveMinimum", range.Above);
        Add("maximum", range.Maximum);
        Add("exclusiveMaximum", range.Below);
        if (range.IsNotZero)
            schema["not"] = new JsonObject { ["const"] = 0 };
        if (range.IsOdd)
            schema["not"] = new JsonObject { ["multipleOf"] = 2 };
        return schema;

        void Add(string name, double? bound)
        {
            if (bound is { } number)
                schema[name] = number;
        }
    }
}
