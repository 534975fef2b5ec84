using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace NativeCnn.Generator;

/// <summary>
/// A constant or an enum's member with its number, or a field or parameter with its C# type, as the value.
/// </summary>
/// <param name="Name">Its name in the header.</param>
/// <param name="Value">Its number or its C# type.</param>
/// <param name="Comment">What the header says of it.</param>
/// <param name="CType">The type of a field or parameter as the header writes it.</param>
internal sealed record Member(string Name, string Value, string Comment, string CType = "");

/// <summary>
/// An EnumDecl, RecordDecl or FunctionDecl; <paramref name="Type"/> is what a function returns, as a C# type.
/// </summary>
internal sealed record Declaration(string Kind, string Name, string Type, string Comment, List<Member> Members)
{
    /// <summary>All that two declarations of the same thing have in common.</summary>
    public string Signature =>
        Kind == "FunctionDecl"
            ? $"{Type} {Name}({string.Join(", ", Members.Select(m => m.Value))})"
            : $"{Name} {{ {string.Join(", ", Members.Select(m => $"{m.Value} {m.Name}"))} }}";
}

/// <summary>The declarations of a C header, their types translated to C#.</summary>
internal sealed partial class Header
{
    private readonly byte[] bytes;
    private readonly Dictionary<string, string> aliases = [];
    private readonly Dictionary<string, string> enumerators = [];

    /// <summary>
    /// What a manifest wants of a syntax tree: of the header itself if its bytes are given, else of all that it
    /// includes, without comments and constants.
    /// </summary>
    public Header(LibraryManifest library, List<JsonElement> tree, byte[] bytes)
    {
        this.bytes = bytes;
        foreach (JsonElement node in tree)
        {
            if (Text(node, "kind") == "TypedefDecl")
                aliases[Text(node, "name")] = Text(node.GetProperty("type"), "qualType");
            if (Text(node, "kind") == "EnumDecl")
                EnumMembers(node).ForEach(member => enumerators[member.Name] = member.Value);
        }
        foreach (
            JsonElement node in tree.Where(n => library.Wants(Text(n, "name")) && (bytes.Length == 0 || !IsIncluded(n)))
        )
        {
            (string name, string comment) = (Text(node, "name"), Comment(node));
            Declaration? declaration = Text(node, "kind") switch
            {
                "EnumDecl" => new("EnumDecl", name, "int", comment, EnumMembers(node)),
                "RecordDecl" => new("RecordDecl", name, "", comment, Typed(node, "FieldDecl")),
                "FunctionDecl" => new("FunctionDecl", name, Type(node, name), comment, Typed(node, "ParmVarDecl")),
                _ => null,
            };
            if (declaration is not null)
                Declarations.Add(declaration);
        }
    }

    public List<Declaration> Declarations { get; } = [];

    public IEnumerable<Declaration> Structs => Declarations.Where(d => d.Kind == "RecordDecl");

    public IEnumerable<Declaration> Functions => Declarations.Where(d => d.Kind == "FunctionDecl");

    public Declaration? Find(string name) => Declarations.Find(d => d.Name == name);

    /// <summary>The number of an enumerator of whatever enum, wanted or not; null if there is none.</summary>
    public string? Enumerator(string name) => enumerators.GetValueOrDefault(name);

    /// <summary>
    /// The macros with a prefix that are integers. They are read as text, since the syntax tree has no macros.
    /// </summary>
    public IEnumerable<Member> Constants(string prefix) =>
        from match in Macro().Matches(Encoding.UTF8.GetString(bytes))
        let name = match.Groups["name"].Value
        where name.StartsWith(prefix, StringComparison.Ordinal)
        select new Member(name, match.Groups["value"].Value, Unstar(match.Groups["comment"].Value));

    [GeneratedRegex(
        @"(/\*(?<comment>((?!\*/).)*)\*/\s*?\n)?\#define[ ](?<name>\w+)[ ](?<value>-?\d+)\s*?$",
        RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.IgnorePatternWhitespace
    )]
    private static partial Regex Macro();

    private List<Member> EnumMembers(JsonElement node)
    {
        List<Member> members = [];
        long next = 0;
        foreach (JsonElement child in Children(node, "EnumConstantDecl"))
        {
            if (ConstantOf(child) is { } value)
                next = value;
            members.Add(new(Text(child, "name"), $"{next++}", Comment(child)));
        }
        return members;
    }

    // The number may stand within casts.
    private static long? ConstantOf(JsonElement node) =>
        !node.TryGetProperty("inner", out JsonElement inner) ? null
        : Children(node, "ConstantExpr").Select(e => Text(e, "value")).FirstOrDefault() is { } value
            ? long.Parse(value, CultureInfo.InvariantCulture)
        : inner.EnumerateArray().Select(ConstantOf).FirstOrDefault(found => found is not null);

    private List<Member> Typed(JsonElement node, string kind) =>
        [
            .. Children(node, kind)
                .Select(c => new Member(
                    Text(c, "name"),
                    Type(c, Text(node, "name")),
                    Comment(c),
                    Text(c.GetProperty("type"), "qualType")
                )),
        ];

    /// <summary>
    /// The C# type of a field, a parameter or what a function returns: by the name that the header uses, which is the
    /// same on every machine, else by what this name stands for. An enum that is not wanted is its number, and what a
    /// pointer leads to is nobody's business unless it is declared here too.
    /// </summary>
    private string Type(JsonElement node, string where)
    {
        string written = Text(node.GetProperty("type"), "qualType");
        string text = Text(node, "kind") == "FunctionDecl" ? written.Split('(')[0] : written;
        for (string stars = ""; ; )
        {
            bool isStruct = Regex.IsMatch(text, @"\bstruct\b"),
                isEnum = Regex.IsMatch(text, @"\benum\b");
            string c = Regex.Replace(text, @"\b(const|restrict|enum|struct)\b|\s", "");
            string name = c.TrimEnd('*');
            stars = c[name.Length..] + stars;
            string? mapped = name switch
            {
                "void" or "int" or "float" or "double" => name,
                "char" or "uint8_t" => "byte",
                "int32_t" => "int",
                "uint32_t" or "unsigned" or "unsignedint" => "uint",
                "int64_t" => "long",
                "uint64_t" => "ulong",
                "size_t" => "nuint",
                _ => Find(name)?.Name
                    ?? (
                        isEnum ? "int"
                        : isStruct && stars.Length > 0 ? "void"
                        : null
                    ),
            };
            if (mapped is not null)
                return mapped + stars;
            if (!aliases.TryGetValue(name, out string? alias))
                throw new GeneratorException($"{where}: the C type '{written}' has no counterpart here.");
            text = alias;
        }
    }

    /// <summary>
    /// The tree says where a comment is; its text is taken from the file, since clang reads a less-than as HTML.
    /// </summary>
    private string Comment(JsonElement node)
    {
        JsonElement comment = Children(node, "FullComment").FirstOrDefault();
        if (bytes.Length == 0 || comment.ValueKind == JsonValueKind.Undefined)
            return "";
        int begin = comment.GetProperty("range").GetProperty("begin").GetProperty("offset").GetInt32();
        return Unstar(Encoding.UTF8.GetString(bytes.AsSpan(begin)).Split("*/")[0]);
    }

    /// <summary>The lines of a comment without the stars at their beginnings.</summary>
    private static string Unstar(string comment) =>
        string.Join('\n', comment.Split('\n').Select(line => line.Trim().TrimStart('*').Trim())).Trim();

    private static bool IsIncluded(JsonElement node) =>
        node.TryGetProperty("loc", out JsonElement location) && location.TryGetProperty("includedFrom", out _);

    private static IEnumerable<JsonElement> Children(JsonElement node, string kind) =>
        node.TryGetProperty("inner", out JsonElement inner)
            ? inner.EnumerateArray().Where(child => Text(child, "kind") == kind)
            : [];

    private static string Text(JsonElement node, string property) =>
        node.TryGetProperty(property, out JsonElement value) ? value.GetString() ?? "" : "";
}
