using System.Text;
using System.Xml.Linq;
using NativeCnn.Backends.Operations;
using NativeCnn.Layers;

namespace NativeCnn.Cli.Schema;

/// <summary>
/// What the engine's documentation says of layers and their options, on one line each; nothing where its file is not
/// beside the program.
/// </summary>
internal sealed class LayerDocumentation
{
    private readonly Dictionary<string, XElement> _members;

    private LayerDocumentation(Dictionary<string, XElement> members) => _members = members;

    /// <summary>Reads the file that the compiler wrote beside the engine.</summary>
    public static LayerDocumentation Load()
    {
        string path = Path.Combine(AppContext.BaseDirectory, "NativeCnn.xml");
        return new(
            File.Exists(path)
                ? XDocument.Load(path).Descendants("member").ToDictionary(member => member.Attribute("name")!.Value)
                : []
        );
    }

    /// <summary>What is said of a layer; of one that has several kinds, of its kind.</summary>
    public string? OfKind(Layer layer) =>
        layer switch
        {
            PointwiseActivation point => OfEnum(point.Activation.Kind),
            UpSampling up => OfEnum(up.Block),
            BorderPadding border => OfEnum(border.Border),
            _ => Summary($"T:{layer.GetType().FullName}"),
        };

    /// <summary>What is said of the property or the constructor's parameter behind an option.</summary>
    public string? OfOption(Layer layer, string option)
    {
        string pascal = string.Concat(option.Split('_').Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
        string camel = char.ToLowerInvariant(pascal[0]) + pascal[1..];
        for (Type? type = layer.GetType(); type is not null; type = type.BaseType)
        {
            string[] properties = [pascal, $"Is{pascal}", $"Has{pascal}", $"{pascal}Size"];
            string? found =
                properties.Select(name => Summary($"P:{type.FullName}.{name}")).FirstOrDefault(text => text is not null)
                ?? Parameter(type, camel);
            if (found is not null)
                return found;
        }
        // The constants of point-wise non-linearities.
        return Parameter(typeof(Activation), pascal);
    }

    private string? OfEnum<T>(T value)
        where T : struct, Enum => Summary($"F:{typeof(T).FullName}.{value}");

    private string? Parameter(Type type, string name) =>
        _members
            .Where(member =>
                member.Key == $"T:{type.FullName}"
                || member.Key.StartsWith($"M:{type.FullName}.#ctor(", StringComparison.Ordinal)
            )
            .SelectMany(member => member.Value.Elements("param"))
            .Where(parameter => parameter.Attribute("name")?.Value == name)
            .Select(OneLine)
            .FirstOrDefault();

    private string? Summary(string member) =>
        _members.GetValueOrDefault(member)?.Element("summary") is { } summary ? OneLine(summary) : null;

    private static string OneLine(XElement element)
    {
        var text = new StringBuilder();
        foreach (XNode node in element.DescendantNodes())
        {
            if (node is XText words)
                text.Append(words.Value);
            else if (node is XElement { IsEmpty: true } reference)
                text.Append(Name(reference));
        }
        return string.Join(
            ' ',
            text.ToString().Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries)
        );
    }

    // Of M:A.B.C(D) C.
    private static string? Name(XElement reference) =>
        reference.Attribute("cref")?.Value.Split('(')[0].Split('.')[^1]
        ?? reference.Attribute("name")?.Value
        ?? reference.Attribute("langword")?.Value;
}
