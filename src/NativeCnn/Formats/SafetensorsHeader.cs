using System.Text.Json;
using NativeCnn.Storage;

namespace NativeCnn.Formats;

/// <summary>
/// The JSON header of a safetensors file, read once from front to end and checked against the file's size.
/// </summary>
internal ref struct SafetensorsHeader
{
    private readonly string _path;
    private readonly long _dataStart;
    private readonly long _dataLength;
    private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);
    private readonly List<SafetensorsEntry> _entries = [];
    private Utf8JsonReader _json;

    private SafetensorsHeader(string path, ReadOnlySpan<byte> header, long fileLength)
    {
        _path = path;
        _dataStart = Safetensors.LengthSize + header.Length;
        _dataLength = fileLength - _dataStart;
        _json = new Utf8JsonReader(header);
    }

    /// <summary>The free text by name.</summary>
    public readonly IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <summary>The tensors in the order of their values.</summary>
    public readonly IReadOnlyList<SafetensorsEntry> Entries => _entries;

    /// <summary>Reads and checks a header.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="header">The header without its length.</param>
    /// <param name="fileLength">The file's size.</param>
    /// <exception cref="DataFormatException">The header is wrong or does not fit the file.</exception>
    public static SafetensorsHeader Parse(string path, ReadOnlySpan<byte> header, long fileLength)
    {
        SafetensorsHeader parsed = new(path, header, fileLength);
        try
        {
            parsed.ReadObject();
        }
        // The reader reports text that is no UTF-8, or half a surrogate pair, as an invalid operation.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw parsed.Error($"The header is not valid JSON: {e.Message}");
        }
        parsed.CheckLayout();
        return parsed;
    }

    private void ReadObject()
    {
        Expect(JsonTokenType.StartObject, "an object");
        HashSet<string> names = new(StringComparer.Ordinal);
        while (NextName(names) is string name)
        {
            if (name == Safetensors.MetadataName)
                ReadMetadata();
            else
                ReadEntry(name);
        }
        if (_json.Read())
            throw Error("The header goes on after its end.");
    }

    private void ReadMetadata()
    {
        Expect(JsonTokenType.StartObject, "an object of metadata");
        HashSet<string> names = new(StringComparer.Ordinal);
        while (NextName(names) is string name)
        {
            Expect(JsonTokenType.String, $"text as metadata '{name}'");
            _metadata.Add(name, _json.GetString()!);
        }
    }

    private void ReadEntry(string name)
    {
        Expect(JsonTokenType.StartObject, $"an object that describes '{name}'");
        string? type = null;
        List<long>? shape = null;
        List<long>? offsets = null;
        HashSet<string> fields = new(StringComparer.Ordinal);
        while (NextName(fields) is string field)
        {
            switch (field)
            {
                case "dtype":
                    Expect(JsonTokenType.String, $"the type of '{name}'");
                    type = _json.GetString();
                    break;
                case "shape":
                    shape = ReadNumbers($"the shape of '{name}'");
                    break;
                case "data_offsets":
                    offsets = ReadNumbers($"the offsets of '{name}'");
                    break;
                default:
                    _json.Skip();
                    break;
            }
        }
        if (type is null || shape is null || offsets is null)
            throw Error($"'{name}' lacks one of dtype, shape and data_offsets.");
        if (type != Safetensors.SinglePrecision)
            throw Error($"'{name}' is of type {type}; only {Safetensors.SinglePrecision} is read.");
        if (offsets.Count != 2)
            throw Error($"'{name}' has {offsets.Count} offsets, not a begin and an end.");
        AddEntry(name, shape, offsets[0], offsets[1]);
    }

    private readonly void AddEntry(string name, List<long> shape, long begin, long end)
    {
        long count = 1;
        foreach (long size in shape)
        {
            if (size > int.MaxValue || (count *= size) > int.MaxValue)
                throw Error($"'{name}' of {string.Join('×', shape)} has more than {int.MaxValue} values.");
        }
        if (begin > end || end > _dataLength)
        {
            throw Error(
                $"'{name}' is said to be at bytes {begin} to {end} of the values, of which the file has {_dataLength}."
            );
        }
        if (end - begin != count * sizeof(float))
        {
            throw Error(
                $"'{name}' of {string.Join('×', shape)} needs {count * sizeof(float)} bytes; {begin} to {end} are {end - begin}."
            );
        }
        int[] dimensions = [.. shape.Select(size => (int)size)];
        _entries.Add(new SafetensorsEntry(name, dimensions, (int)count, _dataStart + begin));
    }

    /// <summary>
    /// Puts the tensors into the order of their values, which must follow each other and fill the file.
    /// </summary>
    private readonly void CheckLayout()
    {
        // Empty tensors share their offset with the next one; a stable order keeps them before it.
        SafetensorsEntry[] ordered = [.. _entries.OrderBy(entry => entry.Offset).ThenBy(entry => entry.Count)];
        long end = _dataStart;
        foreach (SafetensorsEntry entry in ordered)
        {
            if (entry.Offset != end)
            {
                string problem = entry.Offset < end ? "overlaps the tensor before it" : "leaves a hole before it";
                throw new DataFormatException(_path, Math.Min(entry.Offset, end), $"'{entry.Name}' {problem}.");
            }
            end += entry.Count * (long)sizeof(float);
        }
        if (end != _dataStart + _dataLength)
            throw new DataFormatException(_path, end, "The file goes on after the last tensor's values.");
        _entries.Clear();
        _entries.AddRange(ordered);
    }

    /// <summary>The next property's name, or null at the object's end.</summary>
    private string? NextName(HashSet<string> names)
    {
        _json.Read();
        if (_json.TokenType == JsonTokenType.EndObject)
            return null;
        string name = _json.GetString()!;
        if (!names.Add(name))
            throw Error($"The name '{name}' occurs twice.");
        return name;
    }

    /// <summary>A list of integers, each 0 or more.</summary>
    private List<long> ReadNumbers(string what)
    {
        Expect(JsonTokenType.StartArray, $"a list as {what}");
        List<long> numbers = [];
        while (_json.Read() && _json.TokenType != JsonTokenType.EndArray)
        {
            if (_json.TokenType != JsonTokenType.Number || !_json.TryGetInt64(out long number) || number < 0)
                throw Error($"There is something else than whole numbers, 0 or more, in {what}.");
            numbers.Add(number);
        }
        return numbers;
    }

    private void Expect(JsonTokenType type, string what)
    {
        if (!_json.Read() || _json.TokenType != type)
            throw Error($"The header should have {what} here.");
    }

    private readonly DataFormatException Error(string problem) =>
        new(_path, Safetensors.LengthSize + _json.TokenStartIndex, problem);
}
