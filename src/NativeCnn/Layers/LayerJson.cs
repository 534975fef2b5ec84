using System.Text.Json;
using NativeCnn.Backends;

namespace NativeCnn.Layers;

/// <summary>How sizes and padding stand in a layer's JSON object, and how a layer is made from one.</summary>
internal static class LayerJson
{
    public static void WriteSize(this Utf8JsonWriter json, string name, Size2 size)
    {
        json.WriteStartArray(name);
        json.WriteNumberValue(size.Height);
        json.WriteNumberValue(size.Width);
        json.WriteEndArray();
    }

    public static void WritePadding(this Utf8JsonWriter json, string name, Padding padding)
    {
        json.WriteStartArray(name);
        json.WriteNumberValue(padding.Top);
        json.WriteNumberValue(padding.Left);
        json.WriteNumberValue(padding.Bottom);
        json.WriteNumberValue(padding.Right);
        json.WriteEndArray();
    }

    /// <summary>The layer that a JSON object describes; its weights are what the file has, so initialisers are not kept.</summary>
    /// <exception cref="FormatException">The kind is unknown or an option is missing or of the wrong type.</exception>
    public static Layer Read(string kind, JsonElement json) =>
        kind switch
        {
            "convolution" => new Convolution(Int(json, "filters"), Size(json, "kernel"))
            {
                Stride = Size(json, "stride"),
                Dilation = Size(json, "dilation"),
                Padding = Pad(json),
                Groups = Int(json, "groups"),
                Bias = Bool(json, "bias"),
            },
            "dense" => new Dense(Int(json, "units")) { Bias = Bool(json, "bias") },
            "max-pooling" => new MaxPooling(Size(json, "window"), Size(json, "stride")) { Padding = Pad(json) },
            "average-pooling" => new AveragePooling(Size(json, "window"), Size(json, "stride"))
            {
                Padding = Pad(json),
                CountPadding = Bool(json, "count_padding"),
            },
            "local-response-norm" => new LocalResponseNorm(
                Int(json, "size"),
                Float(json, "alpha"),
                Float(json, "beta"),
                Float(json, "k")
            ),
            "dropout" => new Dropout(Float(json, "probability")),
            "flatten" => new Flatten(),
            "softmax" => new Softmax(),
            "addition" => new Addition(),
            _ when ActivationTraits.Find(kind) is { } traits => new PointwiseActivation(
                new Activation(
                    traits.Kind,
                    traits.Alpha == ConstantRule.Unused ? 1 : Float(json, "alpha"),
                    traits.Beta == ConstantRule.Unused ? 1 : Float(json, "beta")
                )
            ),
            _ => throw new FormatException($"'{kind}' is no kind of layer that this version knows"),
        };

    private static JsonElement Member(JsonElement json, string name) =>
        json.TryGetProperty(name, out JsonElement value)
            ? value
            : throw new FormatException($"the option '{name}' is missing");

    private static int Int(JsonElement json, string name) =>
        Member(json, name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt32(out int number)
            ? number
            : throw new FormatException($"the option '{name}' is not a whole number");

    private static float Float(JsonElement json, string name) =>
        Member(json, name) is { ValueKind: JsonValueKind.Number } value && value.TryGetSingle(out float number)
            ? number
            : throw new FormatException($"the option '{name}' is not a number");

    private static bool Bool(JsonElement json, string name) =>
        Member(json, name).ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw new FormatException($"the option '{name}' is neither true nor false"),
        };

    private static int[] Ints(JsonElement json, string name, int length)
    {
        JsonElement array = Member(json, name);
        if (array.ValueKind != JsonValueKind.Array || array.GetArrayLength() != length)
            throw new FormatException($"the option '{name}' is not an array of {length} whole numbers");
        int[] numbers = new int[length];
        for (int i = 0; i < length; i++)
        {
            if (array[i].ValueKind != JsonValueKind.Number || !array[i].TryGetInt32(out numbers[i]))
                throw new FormatException($"the option '{name}' is not an array of {length} whole numbers");
        }
        return numbers;
    }

    private static Size2 Size(JsonElement json, string name) =>
        Ints(json, name, 2) is [int height, int width] ? new Size2(height, width) : default;

    private static Padding Pad(JsonElement json) =>
        Ints(json, "padding", 4) is [int top, int left, int bottom, int right]
            ? new Padding(top, left, bottom, right)
            : default;
}
