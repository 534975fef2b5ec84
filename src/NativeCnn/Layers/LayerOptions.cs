using System.Text.Json;
using System.Text.Json.Nodes;
using NativeCnn.Backends;

namespace NativeCnn.Layers;

/// <summary>
/// The options of a layer in a file, as the reader of its kind asks for them. What a reader asks for is what files may
/// hold: a member that it does not ask for is refused, and the schema of network files lists what it asks for.
/// </summary>
/// <remarks>
/// A reader is also run without a file, to learn what it asks for; every option is then its default or an example.
/// </remarks>
public sealed class LayerOptions
{
    private readonly JsonElement? _json;
    private readonly Dictionary<string, LayerOption> _asked = new(StringComparer.Ordinal);

    /// <summary>The options in a layer's JSON object.</summary>
    /// <exception cref="FormatException">It is no object.</exception>
    internal LayerOptions(JsonElement json) =>
        _json =
            json.ValueKind == JsonValueKind.Object
                ? json
                : throw new MemberException(MemberPath.Root, $"must be an object, but is {json.Shown()}");

    /// <summary>Without a file.</summary>
    internal LayerOptions() { }

    /// <summary>What was asked for until now.</summary>
    internal IReadOnlyCollection<LayerOption> Asked => _asked.Values;

    /// <summary>Reads a whole number.</summary>
    /// <param name="name">The member's name.</param>
    /// <param name="byDefault">The value where it is missing; a member without one is required.</param>
    /// <param name="range">Which numbers are taken.</param>
    /// <exception cref="FormatException">It is missing, no whole number, or outside the range.</exception>
    public int ReadInt(string name, int? byDefault = null, OptionRange range = default) =>
        Find(name, () => OptionSchema.Int(range), byDefault, (int)range.Example, out JsonElement value, out int other)
            ? Int(value, MemberPath.Root.Member(name), range)
            : other;

    /// <summary>Reads a number.</summary>
    /// <inheritdoc cref="ReadInt" path="/param"/>
    /// <exception cref="FormatException">It is missing, no number, or outside the range.</exception>
    public float ReadFloat(string name, float? byDefault = null, OptionRange range = default) =>
        Find(
            name,
            () => OptionSchema.Float(range),
            byDefault,
            (float)range.Example,
            out JsonElement value,
            out float other
        )
            ? Float(value, MemberPath.Root.Member(name), range)
            : other;

    /// <summary>Reads true or false.</summary>
    /// <param name="name">The member's name.</param>
    /// <param name="byDefault">The value where it is missing; a member without one is required.</param>
    /// <exception cref="FormatException">It is missing, or neither.</exception>
    public bool ReadBool(string name, bool? byDefault = null)
    {
        if (!Find(name, OptionSchema.Bool, byDefault, false, out JsonElement value, out bool other))
            return other;
        return value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw Wrong(MemberPath.Root.Member(name), "true or false", value),
        };
    }

    /// <summary>Reads a height and a width: two whole numbers, or one for both.</summary>
    /// <inheritdoc cref="ReadInt" path="/param"/>
    /// <exception cref="FormatException">It is missing, no size, or outside the range.</exception>
    public Size2 ReadSize(string name, Size2? byDefault = null, OptionRange range = default) =>
        Find(
            name,
            () => OptionSchema.Size(range),
            byDefault,
            (int)range.Example,
            out JsonElement value,
            out Size2 other
        )
            ? Size(value, name, range)
            : other;

    /// <summary>Reads a height and a width, or null where the layer itself knows what is meant.</summary>
    /// <param name="name">The member's name.</param>
    /// <param name="range">Which numbers are taken.</param>
    /// <exception cref="FormatException">It is no size, or outside the range.</exception>
    public Size2? ReadOptionalSize(string name, OptionRange range = default) =>
        FindOptional(name, () => OptionSchema.Size(range), out JsonElement value) ? Size(value, name, range) : null;

    /// <summary>Reads a padding, 0 or more: top, left, bottom and right, or one number for all.</summary>
    /// <param name="name">The member's name.</param>
    /// <param name="byDefault">The value where it is missing; a member without one is required.</param>
    /// <exception cref="FormatException">It is missing, or no padding.</exception>
    public Padding ReadPadding(string name, Padding? byDefault = null)
    {
        OptionRange range = OptionRange.AtLeast(0);
        if (!Find(name, OptionSchema.Padding, byDefault, Padding.Valid, out JsonElement value, out Padding other))
            return other;
        MemberPath path = MemberPath.Root.Member(name);
        if (value.ValueKind == JsonValueKind.Number)
            return Padding.All(Int(value, path, range));
        return
            Ints(value, path, 4, "a whole number or an array of 4: top, left, bottom, right", range)
                is [int top, int left, int bottom, int right]
            ? new Padding(top, left, bottom, right)
            : default;
    }

    /// <summary>Reads a connection table: for each output map the input maps that it sees; null where none is.</summary>
    /// <exception cref="FormatException">It is no table; the message names the rule.</exception>
    internal ConnectionTable? ReadOptionalTable(string name)
    {
        if (!FindOptional(name, OptionSchema.Table, out JsonElement table))
            return null;
        const string Form = "an array of arrays of whole numbers";
        MemberPath path = MemberPath.Root.Member(name);
        if (table.ValueKind != JsonValueKind.Array)
            throw Wrong(path, Form, table);
        int[][] rows =
        [
            .. table.EnumerateArray().Select((row, o) => Ints(row, path.Element(o), -1, "an array of whole numbers")),
        ];
        try
        {
            return new ConnectionTable(rows);
        }
        catch (ArgumentException e)
        {
            throw new MemberException(path, $"is no connection table: {WithoutParameter(e)}", e);
        }
    }

    /// <summary>A number's text must fit an int and lie in a range.</summary>
    internal static int Int(JsonElement value, MemberPath path, OptionRange range = default) =>
        value.ValueKind != JsonValueKind.Number || !value.TryGetInt32(out int number)
            ? throw Wrong(path, "a whole number", value)
        : range.Contains(number) ? number
        : throw Wrong(path, range.ToString(), value);

    /// <summary>A number must be finite as float32 and lie in a range.</summary>
    internal static float Float(JsonElement value, MemberPath path, OptionRange range = default) =>
        value.ValueKind != JsonValueKind.Number || !value.TryGetSingle(out float number)
            ? throw Wrong(path, "a number", value)
        : !float.IsFinite(number) ? throw Wrong(path, "a number that float32 has", value)
        : range.Contains(number) ? number
        : throw Wrong(path, range.ToString(), value);

    /// <summary>So many whole numbers, or any number of them if <paramref name="length"/> is below 0.</summary>
    internal static int[] Ints(
        JsonElement value,
        MemberPath path,
        int length,
        string form,
        OptionRange range = default
    ) =>
        value.ValueKind != JsonValueKind.Array || (length >= 0 && value.GetArrayLength() != length)
            ? throw Wrong(path, form, value)
            : [.. value.EnumerateArray().Select((number, i) => Int(number, path.Element(i), range))];

    /// <summary>A value that is not what it must be.</summary>
    internal static MemberException Wrong(MemberPath path, string rule, JsonElement value) =>
        new(path, $"must be {rule}, but is {value.Shown()}");

    /// <summary>The message of an exception without the parameter's name that .NET appends.</summary>
    internal static string WithoutParameter(Exception e) =>
        e is ArgumentException { ParamName: { } name }
            ? e.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal).TrimEnd('.')
            : e.Message.TrimEnd('.');

    private static Size2 Size(JsonElement value, string name, OptionRange range)
    {
        MemberPath path = MemberPath.Root.Member(name);
        if (value.ValueKind == JsonValueKind.Number)
            return Int(value, path, range);
        return Ints(value, path, 2, "a whole number or an array of 2: height, width", range) is [int height, int width]
            ? new Size2(height, width)
            : default;
    }

    // Whether the file has the member; if not, what it is there.
    private bool Find<T>(
        string name,
        Func<JsonObject> schema,
        T? byDefault,
        T example,
        out JsonElement value,
        out T other
    )
        where T : struct
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        _asked.TryAdd(name, new LayerOption(name, schema, byDefault is null, byDefault));
        other = byDefault ?? example;
        value = default;
        if (_json is not { } json)
            return false;
        if (json.TryGetProperty(name, out value))
            return true;
        return byDefault is null ? throw new MemberException(MemberPath.Root.Member(name), "is missing") : false;
    }

    /// <summary>Whether the file has a member that it need not have.</summary>
    internal bool FindOptional(string name, Func<JsonObject> schema, out JsonElement value, object? byDefault = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        _asked.TryAdd(name, new LayerOption(name, schema, IsRequired: false, byDefault));
        value = default;
        return _json is { } json && json.TryGetProperty(name, out value);
    }
}

/// <summary>A member that a layer's reader asks for.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Schema">Its JSON schema, without description and default.</param>
/// <param name="IsRequired">Whether files without it are refused.</param>
/// <param name="Default">What it is where it is missing, if that is known beforehand.</param>
internal sealed record LayerOption(string Name, Func<JsonObject> Schema, bool IsRequired, object? Default);
