using System.Text.Json;
using NativeCnn.Generator;

// Writes every *.g.* file from the headers and the list that manifest.json names: the declarations for C#, what the
// shim's sources repeat of their header, and the activations on both sides. Run it inside the repository.
//   dotnet run --project interop/generator               writes what has changed
//   dotnet run --project interop/generator -- --check    writes nothing; exit code 1 if a file would change
bool check = args is ["--check"];
if (args.Length > 0 && !check)
{
    Console.Error.WriteLine($"Unknown argument '{string.Join(' ', args)}'. The only one is --check.");
    return 2;
}
try
{
    // Paths in the manifest are relative to the root.
    Environment.CurrentDirectory = FindRoot(Environment.CurrentDirectory);
    Manifest manifest = Manifest.Read("interop/generator/manifest.json");
    HashSet<string> wanted = [];
    bool isCurrent = true;
    void Bring(IEnumerable<(string Path, string Content)> files)
    {
        foreach ((string path, string content) in files)
        {
            wanted.Add(path);
            isCurrent &= Update(path, content, check);
        }
    }
    // The shim's header includes one of these, so that they come first.
    Bring(ActivationWriter.Write(manifest.Activations));
    foreach (LibraryManifest library in manifest.Libraries)
        Bring(Generate(manifest, library));
    foreach (string folder in wanted.Select(path => Path.GetDirectoryName(path)!).Distinct().ToArray())
    {
        // What nothing asks for any more.
        foreach (string path in Directory.GetFiles(folder, "*.g.*").Where(path => !wanted.Contains(path)))
            isCurrent &= Update(path, null, check);
    }
    return isCurrent ? 0 : 1;
}
catch (GeneratorException e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}

// The files of one library, with their paths.
static List<(string Path, string Content)> Generate(Manifest manifest, LibraryManifest library)
{
    Header header = new(library, Clang.Read(library.Header), File.ReadAllBytes(library.Header));
    foreach (string name in library.Wanted.Where(w => !w.EndsWith('*') && header.Find(w) is null))
        throw new GeneratorException($"{library.Header} does not declare {name}, which manifest.json wants.");
    if (library.CompareWith is { } installed)
        Compare(library, header, installed);
    string declarations = CSharpWriter.Write(manifest.Namespace, library, header);
    List<(string, string)> files = [(Path.Combine(manifest.Output, $"{library.Class}.g.cs"), declarations)];
    if (library.C is { } c)
        files.AddRange(CWriter.Write(library, c, header).Select(f => (Path.Combine(c.Folder, f.Name), f.Content)));
    return files;
}

// Our own header must say the same as the installed one, of whatever version that is; names of parameters may differ.
static void Compare(LibraryManifest library, Header header, string name)
{
    string source = $"#if __has_include(<{name}>)\n#include <{name}>\n#endif\n";
    List<JsonElement> tree = Clang.Read("-", source);
    // Other libraries bring a header of this name too.
    if (!tree.Exists(n => n.TryGetProperty("name", out JsonElement e) && e.GetString() == library.CompareIfDeclares))
    {
        Console.WriteLine(
            $"The {name} of {library.Library} is not installed; {library.Header} was not compared with it."
        );
        return;
    }
    Header installed = new(library with { Wanted = [.. header.Declarations.Select(d => d.Name)] }, tree, []);
    foreach (Declaration ours in header.Declarations)
    {
        foreach (Member member in ours.Kind == "EnumDecl" ? ours.Members : [])
        {
            if (installed.Enumerator(member.Name) is { } value && value != member.Value)
                throw new GeneratorException($"{library.Header}: {member.Name} = {member.Value}; {name}: {value}.");
        }
        string? signature = installed.Find(ours.Name)?.Signature;
        if (signature is null && library.HasSeveralVersions)
            continue;
        string found = signature ?? "nothing";
        if (found != ours.Signature)
            throw new GeneratorException($"{library.Header}: {ours.Signature}; {name}: {found}.");
    }
}

// Brings one file up to date, or only says that it is not; null means that nothing asks for the file.
static bool Update(string path, string? content, bool check)
{
    if (content is not null && File.Exists(path) && File.ReadAllText(path) == content)
        return true;
    if (check)
        Console.Error.WriteLine(
            $"{path} is not what the generator writes. Run ./build.sh generate and commit the result."
        );
    else if (content is null)
        File.Delete(path);
    else
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
    }
    return !check;
}

static string FindRoot(string? folder)
{
    while (folder is not null && !File.Exists(Path.Combine(folder, "interop/generator/manifest.json")))
        folder = Path.GetDirectoryName(folder);
    return folder ?? throw new GeneratorException("Run the generator inside the repository.");
}
