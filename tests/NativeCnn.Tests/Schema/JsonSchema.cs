using System.Text.Json;

namespace NativeCnn.Tests.Schema;

/// <summary>
/// Validates JSON by the part of JSON Schema, draft 2020-12, that <c>docs/network.schema.json</c> uses; a keyword that
/// it does not know fails, so that none is passed over.
/// </summary>
internal sealed class JsonSchema(JsonElement root)
{
    /// <summary>What is wrong with a value, by the path of the first mistake; null if nothing is.</summary>
    public string? Validate(JsonElement value) => Validate(root, value, "$");

    private string? Validate(JsonElement schema, JsonElement value, string at)
    {
        if (schema.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return schema.GetBoolean() ? null : $"{at} may not be there";
        foreach (JsonProperty keyword in schema.EnumerateObject())
        {
            if (Check(schema, keyword.Name, keyword.Value, value, at) is { } problem)
                return problem;
        }
        return null;
    }

    private string? Check(JsonElement schema, string keyword, JsonElement rule, JsonElement value, string at)
    {
        bool isNumber = value.ValueKind == JsonValueKind.Number;
        bool isArray = value.ValueKind == JsonValueKind.Array;
        bool isObject = value.ValueKind == JsonValueKind.Object;
        bool holds = keyword switch
        {
            "$schema" or "title" or "description" or "default" or "$defs" => true,
            // Seen to by their neighbours.
            "then" or "else" or "properties" => true,
            "type" => rule.ValueKind == JsonValueKind.Array
                ? rule.EnumerateArray().Any(type => IsOf(value, type.GetString()!))
                : IsOf(value, rule.GetString()!),
            "const" => JsonElement.DeepEquals(rule, value),
            "enum" => rule.EnumerateArray().Any(one => JsonElement.DeepEquals(one, value)),
            "required" => !isObject
                || rule.EnumerateArray().All(name => value.TryGetProperty(name.GetString()!, out _)),
            "minimum" => !isNumber || value.GetDouble() >= rule.GetDouble(),
            "maximum" => !isNumber || value.GetDouble() <= rule.GetDouble(),
            "exclusiveMinimum" => !isNumber || value.GetDouble() > rule.GetDouble(),
            "exclusiveMaximum" => !isNumber || value.GetDouble() < rule.GetDouble(),
            "multipleOf" => !isNumber || value.GetDouble() % rule.GetDouble() == 0,
            "minItems" => !isArray || value.GetArrayLength() >= rule.GetInt32(),
            "maxItems" => !isArray || value.GetArrayLength() <= rule.GetInt32(),
            "minLength" => value.ValueKind != JsonValueKind.String || value.GetString()!.Length >= rule.GetInt32(),
            "not" => Validate(rule, value, at) is not null,
            "anyOf" => rule.EnumerateArray().Any(one => Validate(one, value, at) is null),
            "oneOf" => rule.EnumerateArray().Count(one => Validate(one, value, at) is null) == 1,
            "$ref" or "items" or "additionalProperties" or "if" => true,
            _ => throw new NotSupportedException($"The keyword {keyword} is not known."),
        };
        if (!holds)
            return $"{at} breaks {keyword} {rule.GetRawText()[..Math.Min(80, rule.GetRawText().Length)]}";
        return keyword switch
        {
            "$ref" => Validate(Resolve(rule.GetString()!), value, at),
            "items" when isArray => value
                .EnumerateArray()
                .Select((item, i) => Validate(rule, item, $"{at}[{i}]"))
                .FirstOrDefault(problem => problem is not null),
            "properties" when isObject => rule.EnumerateObject()
                .Where(member => value.TryGetProperty(member.Name, out _))
                .Select(member => Validate(member.Value, value.GetProperty(member.Name), $"{at}.{member.Name}"))
                .FirstOrDefault(problem => problem is not null),
            "additionalProperties" when isObject => value
                .EnumerateObject()
                .Where(member =>
                    !schema.TryGetProperty("properties", out JsonElement known)
                    || !known.TryGetProperty(member.Name, out _)
                )
                .Select(member => Validate(rule, member.Value, $"{at}.{member.Name}"))
                .FirstOrDefault(problem => problem is not null),
            "if" => schema.TryGetProperty(Validate(rule, value, at) is null ? "then" : "else", out JsonElement branch)
                ? Validate(branch, value, at)
                : null,
            _ => null,
        };
    }

    private JsonElement Resolve(string reference)
    {
        JsonElement found = root;
        foreach (string step in reference.Split('/')[1..])
            found = found.GetProperty(step);
        return found;
    }

    private static bool IsOf(JsonElement value, string type) =>
        type switch
        {
            "object" => value.ValueKind == JsonValueKind.Object,
            "array" => value.ValueKind == JsonValueKind.Array,
            "string" => value.ValueKind == JsonValueKind.String,
            "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
            "number" => value.ValueKind == JsonValueKind.Number,
            "integer" => value.ValueKind == JsonValueKind.Number && value.GetDouble() % 1 == 0,
            _ => throw new NotSupportedException($"The type {type} is not known."),
        };
}
