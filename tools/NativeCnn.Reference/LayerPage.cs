using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using NativeCnn.Backends.Operations;
using NativeCnn.Layers;
using NativeCnn.Networks;
using NativeCnn.Parameters;

namespace NativeCnn.Reference;

/// <summary>docs/layers.md: what every layer computes.</summary>
internal static class LayerPage
{
    /// <summary>What the remarks of every layer have to say.</summary>
    public static IEnumerable<string> Required => XmlDocumentation.Labels.Where(label => label != "Parameters");

    /// <summary>The page.</summary>
    public static string Write()
    {
        Entry[] entries = [.. LayerExamples.All.Select(example => new Entry(example))];
        var page = new StringBuilder($"{Pages.Notice}\n\n");
        page.Append(Prose.Layers);
        page.Append("\n## All kinds\n\n| kind | class | |\n| --- | --- | --- |\n");
        foreach (Entry entry in entries)
            page.Append($"| `{entry.Kind}` | [{entry.Type.Name}](#{Anchor(entry.Type)}) | `{entry.Example.Code}` |\n");
        foreach (IGrouping<string, Entry> chapter in entries.GroupBy(entry => entry.Example.Chapter))
        {
            page.Append($"\n## {chapter.Key}\n");
            foreach (IGrouping<Type, Entry> layer in chapter.GroupBy(entry => entry.Type))
                Append(page, layer.Key, [.. layer]);
        }
        page.Append(Prose.Pictures);
        return page.ToString().TrimEnd() + '\n';
    }

    /// <summary>What the documentation of a layer lacks; nothing if it is whole.</summary>
    public static IEnumerable<string> Missing(Type layer)
    {
        if (XmlDocumentation.Summary(layer).Length == 0)
            yield return "a summary";
        ILookup<string, string> remarks = XmlDocumentation.Remarks(layer);
        foreach (string label in Required.Where(label => !remarks.Contains(label)))
            yield return $"a paragraph '<para>{label}: …</para>' in its remarks";
        foreach (Option option in Option.Of(layer).Where(option => option.Meaning.Length == 0))
            yield return $"what its option '{option.Name}' is";
    }

    private static void Append(StringBuilder page, Type type, Entry[] entries)
    {
        page.Append($"\n### {type.Name}\n\n");
        page.AppendParagraph(XmlDocumentation.Summary(type));
        page.AppendRemarks(type, "Formula", "Gradient", "Shapes", "Parameters");
        page.AppendOptions(type);
        if (type == typeof(PointwiseActivation))
            AppendKinds(page, entries);
        page.AppendRemarks(type, "Refuses", "NaN and infinity", "Source", "");
        page.Append("```csharp\n");
        foreach (Entry entry in entries)
            page.Append($"{entry.Example.Code}    // {entry.Sizes}\n");
        page.Append("```\n\n```json\n");
        foreach (Entry entry in entries)
            page.Append($"{entry.Json}\n");
        page.Append("```\n");
    }

    private static void AppendKinds(StringBuilder page, Entry[] entries)
    {
        page.Append("| kind | f and its derivative |\n| --- | --- |\n");
        foreach (Entry entry in entries)
        {
            ActivationKind kind = ((PointwiseActivation)entry.Layer).Activation.Kind;
            string formula = XmlDocumentation.Summary(typeof(ActivationKind).GetField(kind.ToString())!);
            page.Append($"| `{entry.Kind}` | {Pages.Cell(formula)} |\n");
        }
        page.Append("\nConstants unless they are given:\n\n");
        foreach (
            var method in typeof(Activation).GetMethods().Where(m => m.IsStatic && m.ReturnType == typeof(Activation))
        )
        {
            var defaults = method.GetParameters().Where(parameter => parameter.HasDefaultValue);
            if (defaults.Any())
                page.Append($"- `{method.Name}`: ")
                    .AppendJoin(", ", defaults.Select(p => $"{p.Name} = {Option.Show(p.DefaultValue)}"))
                    .Append('\n');
        }
        page.Append('\n');
    }

    private static string Anchor(Type type) => type.Name.ToLowerInvariant();

    /// <summary>An example and the layer that it made.</summary>
    private sealed class Entry
    {
        public Entry(LayerExample example)
        {
            Example = example;
            using Network network = example.Build();
            NetworkNode node = network.Nodes[^1];
            Layer = node.Layer;
            string parameters = string.Join(", ", Layer.Parameters.Select(Describe));
            Sizes = $"{LayerExample.Input} → {node.OutputShape}" + (parameters.Length > 0 ? $"; {parameters}" : "");
        }

        public LayerExample Example { get; }

        public Layer Layer { get; }

        public Type Type => Layer.GetType();

        public string Kind => Layer.Kind;

        public string Sizes { get; }

        public string Json
        {
            get
            {
                using var stream = new MemoryStream();
                var options = new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
                using (var json = new Utf8JsonWriter(stream, options))
                {
                    json.WriteStartObject();
                    json.WriteString("kind", Kind);
                    Layer.WriteOptions(json);
                    json.WriteEndObject();
                }
                return Encoding.UTF8.GetString(stream.ToArray());
            }
        }

        private static string Describe(Parameter parameter) =>
            $"{parameter.Name.Split('.')[^1]} {parameter.Shape}"
            + (parameter.Role == ParameterRole.State ? " (state)" : "");
    }
}
