using System.Text.RegularExpressions;

namespace NativeCnn.Tests;

/// <summary>
/// Who may use whom: the folders of the engine, Interop and Cli, by using directives and qualified names.
/// </summary>
public sealed partial class FolderArrowsTests
{
    // From the bottom up; docs/design.md has the same. A folder that is not named is part of the one that it lies in.
    private const string Table = """
        Tensors →
        Threading →
        Randomness →
        Interop →
        Storage → Interop
        Backends → Tensors, Threading
        Backends.Managed → Backends, Tensors
        Backends.Native → Backends, Interop, Randomness, Storage, Tensors, Threading
        Initializers → Randomness
        Parameters → Initializers, Randomness, Tensors, Threading
        Optimizers → Backends, Parameters, Tensors
        Schedules → Backends
        Losses → Backends, Parameters, Tensors, Threading
        Layers → Backends, Initializers, Optimizers, Parameters, Tensors
        Networks → Backends, Backends.Managed, Layers, Optimizers, Parameters, Randomness, Tensors, Threading
        Formats → Layers, Networks, Parameters, Storage, Tensors
        Data → Interop, Randomness, Storage, Tensors
        Training → Backends, Backends.Managed, Backends.Native, Data, Formats, Layers, Losses, Networks, Optimizers,
          Parameters, Randomness, Schedules, Storage, Tensors, Threading
        Models → Backends, Data, Initializers, Layers, Losses, Networks, Optimizers, Schedules, Tensors, Training
        Verification → Backends, Data, Formats, Initializers, Layers, Losses, Networks, Optimizers, Parameters, Randomness,
          Storage, Tensors, Training
        Cli → Backends, Backends.Managed, Backends.Native, Data, Formats, Interop, Layers, Losses, Models, Networks,
          Optimizers, Randomness, Schedules, Storage, Tensors, Threading, Training, Verification
        """;

    private static string[] Rows => Table.Replace(",\n  ", ", ", StringComparison.Ordinal).Split('\n');

    private static readonly (string Folder, string? Room)[] Folders =
    [
        ("src/NativeCnn", null),
        ("interop/NativeCnn.Interop", "Interop"),
        ("src/NativeCnn.Cli", "Cli"),
    ];

    [Fact]
    public void Sources_have_the_arrows_of_the_table_and_no_others()
    {
        ILookup<string, string> texts = Folders.SelectMany(Texts).ToLookup(file => file.Room, file => file.Text);
        IEnumerable<string> lines = texts.Select(room =>
        {
            string code = Prose().Replace(string.Join('\n', room), "");
            IEnumerable<string> names = Names().Matches(code).Select(match => RoomOf(match.Groups[1].Value.Split('.')));
            IEnumerable<string> used = names.Where(name => name != room.Key && texts.Contains(name));
            return $"{room.Key} → {string.Join(", ", used.Distinct().Order())}".TrimEnd();
        });
        Assert.Equal(Rows.Order(), lines.Order());
    }

    [Fact]
    public void There_is_no_circle()
    {
        Dictionary<string, string[]> arrows = Rows.Select(line => line.Split(" →"))
            .ToDictionary(sides => sides[0], sides => sides[1].Trim().Split(", "));
        while (arrows.Count > 0)
        {
            string? bottom = arrows.Keys.FirstOrDefault(room => !arrows[room].Any(arrows.ContainsKey));
            Assert.True(bottom is not null, $"There is a circle among {string.Join(", ", arrows.Keys)}.");
            arrows.Remove(bottom);
        }
    }

    [Fact]
    public void The_design_document_has_the_table()
    {
        string design = File.ReadAllText(Path.Combine(SharedData.Repository, "docs", "design.md"));
        Assert.Contains($"```arrows\n{Table}\n```", design, StringComparison.Ordinal);
    }

    private static IEnumerable<(string Room, string Text)> Texts((string Folder, string? Room) source)
    {
        string root = Path.Combine(SharedData.Repository, source.Folder);
        return from file in Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
            let place = Path.GetRelativePath(root, file).Split(Path.DirectorySeparatorChar)
            where place[0] is not ("bin" or "obj")
            select (source.Room ?? RoomOf(place), File.ReadAllText(file));
    }

    // The backends are rooms of their own, beside what they have in common.
    private static string RoomOf(string[] place) =>
        place is ["Backends", "Managed" or "Native", ..] ? $"{place[0]}.{place[1]}" : place[0];

    // What is not code, and the namespace that a file itself is in.
    [GeneratedRegex(@"//.*|""(\\.|[^""\\\n])*""|^namespace .*", RegexOptions.Multiline)]
    private static partial Regex Prose();

    // `using NativeCnn.Layers;` and `Backends.Operations.Addition`, but not `summary.Layers`.
    [GeneratedRegex(@"(?<![\w.])(?:NativeCnn\.)?([A-Z]\w*(?:\.[A-Z]\w*)*)(?=[.;])")]
    private static partial Regex Names();
}
