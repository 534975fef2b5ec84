using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using NativeCnn.Layers;

namespace NativeCnn.Reference;

/// <summary>What the compiler gathered of the engine's documentation comments, as Markdown.</summary>
internal static partial class XmlDocumentation
{
    /// <summary>The parts of a class's remarks that begin with a label, in the order in which pages have them.</summary>
    public static readonly IReadOnlyList<string> Labels =
    [
        "Formula",
        "Gradient",
        "Shapes",
        "Parameters",
        "Refuses",
        "NaN and infinity",
        "Source",
    ];

    private static readonly Dictionary<string, XElement> Members = XDocument
        .Load(Path.ChangeExtension(typeof(Layer).Assembly.Location, ".xml"))
        .Descendants("member")
        .GroupBy(member => member.Attribute("name")!.Value)
        .ToDictionary(group => group.Key, group => group.First());

    /// <summary>What a type is for; empty if nothing says so.</summary>
    public static string Summary(Type type) => Text(Find(type)?.Element("summary"));

    /// <summary>What a property or method is for.</summary>
    public static string Summary(MemberInfo member) => Text(Find(member)?.Element("summary"));

    /// <summary>What the paragraphs of a type's remarks say, by their labels; those without one by nothing.</summary>
    public static ILookup<string, string> Remarks(Type type)
    {
        XElement? remarks = Find(type)?.Element("remarks");
        XElement[] paragraphs =
            remarks?.Elements("para").ToArray() is { Length: > 0 } several ? several
            : remarks is null ? []
            : [remarks];
        return paragraphs
            .Select(paragraph => Text(paragraph))
            .Select(text =>
                Labels.FirstOrDefault(label => text.StartsWith(label + ": ", StringComparison.Ordinal)) is { } label
                    ? (Label: label, Text: Begin(label, text[(label.Length + 2)..]))
                    : (Label: "", Text: text)
            )
            .ToLookup(part => part.Label, part => part.Text);
    }

    /// <summary>What a constructor's parameter is, as its type or the constructor itself says.</summary>
    public static string Parameter(ConstructorInfo constructor, string name)
    {
        XElement? own = Find($"M:{Name(constructor.DeclaringType!)}.#ctor", prefix: true, name);
        return Text(own ?? Find(constructor.DeclaringType!)?.Elements("param").FirstOrDefault(p => Is(p, name)));
    }

    private static XElement? Find(string key, bool prefix, string parameter) =>
        Members
            .Where(member => prefix && member.Key.StartsWith(key, StringComparison.Ordinal))
            .SelectMany(member => member.Value.Elements("param"))
            .FirstOrDefault(p => Is(p, parameter));

    private static XElement? Find(Type type) => Members.GetValueOrDefault($"T:{Name(type)}");

    private static XElement? Find(MemberInfo member) =>
        member is PropertyInfo or FieldInfo
            ? Members.GetValueOrDefault(
                $"{(member is PropertyInfo ? 'P' : 'F')}:{Name(member.DeclaringType!)}.{member.Name}"
            )
            : Members
                .FirstOrDefault(m =>
                    m.Key == $"M:{Name(member.DeclaringType!)}.{member.Name}"
                    || m.Key.StartsWith($"M:{Name(member.DeclaringType!)}.{member.Name}(", StringComparison.Ordinal)
                )
                .Value;

    private static string Name(Type type) => type.FullName!.Replace('+', '.');

    private static bool Is(XElement parameter, string name) => parameter.Attribute("name")?.Value == name;

    // Formulas begin with what they begin with.
    private static string Begin(string label, string text) =>
        label is "Formula" or "Gradient" || text.Length < 2 || !(char.IsLetter(text[1]) || text[1] == ' ')
            ? text
            : char.ToUpperInvariant(text[0]) + text[1..];

    // The words of an element on one line, with code as code and references by their last names.
    private static string Text(XElement? element)
    {
        if (element is null)
            return "";
        var text = new StringBuilder();
        foreach (XNode node in element.Nodes())
        {
            if (node is XText words)
                text.Append(words.Value.Replace("<", "&lt;", StringComparison.Ordinal));
            else if (node is XElement { Name.LocalName: "c" } code)
                text.Append('`').Append(code.Value).Append('`');
            else if (node is XElement { Name.LocalName: "see" } see)
                text.Append('`').Append(Reference(see)).Append('`');
            else if (node is XElement { Name.LocalName: "paramref" } parameter)
                text.Append('`').Append(parameter.Attribute("name")!.Value).Append('`');
            else if (node is XElement inner)
                text.Append(Text(inner));
        }
        return Blanks().Replace(text.ToString(), " ").Trim();
    }

    // Members of other types keep the type's name.
    private static string Reference(XElement see)
    {
        string target = see.Attribute("cref")?.Value ?? see.Attribute("langword")?.Value ?? see.Value;
        string name = target.Split('(')[0];
        string[] parts = name.Split(':')[^1].Split('.');
        return target.StartsWith("T:", StringComparison.Ordinal) || parts.Length < 2
            ? parts[^1]
            : $"{parts[^2]}.{parts[^1]}";
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
