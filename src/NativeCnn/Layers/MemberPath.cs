using System.Globalization;
using System.Text;

namespace NativeCnn.Layers;

/// <summary>The way to a value in a JSON text, such as <c>layers[3].stride</c>.</summary>
internal sealed record MemberPath
{
    private MemberPath(MemberPath? parent, string? name, int index) => (Parent, Name, Index) = (parent, name, index);

    /// <summary>The text's one value.</summary>
    public static MemberPath Root { get; } = new(null, null, 0);

    /// <summary>The path of what holds this; null of the root.</summary>
    public MemberPath? Parent { get; }

    /// <summary>The member's name, or null where it is an element of an array.</summary>
    public string? Name { get; }

    /// <summary>Which element of an array.</summary>
    public int Index { get; }

    /// <summary>A member of what lies here.</summary>
    public MemberPath Member(string name) => new(this, name, 0);

    /// <summary>An element of what lies here.</summary>
    public MemberPath Element(int index) => new(this, null, index);

    /// <summary>The same way from another start.</summary>
    public MemberPath From(MemberPath start) =>
        Parent is null ? start : new MemberPath(Parent.From(start), Name, Index);

    /// <summary>The steps, first to last.</summary>
    public IEnumerable<MemberPath> Steps => Parent is null ? [] : [.. Parent.Steps, this];

    /// <inheritdoc/>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (MemberPath step in Steps)
        {
            if (step.Name is null)
                text.Append(CultureInfo.InvariantCulture, $"[{step.Index}]");
            else
                text.Append(text.Length == 0 ? "" : ".").Append(LayerJson.Shown(step.Name));
        }
        return text.ToString();
    }
}

/// <summary>
/// A member of a JSON text that is not what it should be. The message is the member's path, in quotes, and what is
/// wrong.
/// </summary>
/// <param name="path">The member.</param>
/// <param name="problem">What is wrong with it: what follows its path in a sentence.</param>
/// <param name="cause">The exception that said so, if one did.</param>
internal sealed class MemberException(MemberPath path, string problem, Exception? cause = null)
    : FormatException($"'{path}' {problem}", cause)
{
    /// <summary>The member.</summary>
    public MemberPath Path => path;

    /// <summary>What is wrong with it.</summary>
    public string Problem => problem;

    /// <summary>Whether it is the member's name that is wrong.</summary>
    public bool IsAboutName { get; init; }

    /// <summary>The path and what is wrong there; a problem that begins with a colon is a sentence of its own.</summary>
    public string Text =>
        path.Parent is null ? $"the network {problem}".Replace("network :", "network:", StringComparison.Ordinal)
        : problem.StartsWith(':') ? $"{path}{problem}"
        : $"{path} {problem}";

    /// <summary>The same problem, the path being from a start.</summary>
    public MemberException From(MemberPath start) =>
        new(path.From(start), problem, InnerException) { IsAboutName = IsAboutName };

    /// <summary>A member that nobody asks for.</summary>
    public static MemberException Unknown(MemberPath parent, string name, IReadOnlyCollection<string> known) =>
        new(
            parent.Member(name),
            "is no member that is known here" + Spelling.Suggestion(name, known, "there are", most: 20)
        )
        {
            IsAboutName = true,
        };
}
