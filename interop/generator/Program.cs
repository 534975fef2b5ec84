using System.Text.Json;
using NativeCnn.Generator;

// Writes the generated files from the headers in manifest.json: the declarations in interop/NativeCnn.Interop/Generated, and
// what the shim's sources repeat of their header in native/src/generated. Run it inside the repository.
//   dotnet run --project interop/generator               writes what has changed
//   dotnet run --project interop/generator -- --check    writes nothing; exit code 1 if a file is not what it would write
bool check = args is ["--check"];
if (args.Length > 0 && !check)
{
    Console.Error.WriteLine($"Unknown argument '{string.Join(' ', args)}'. The only one is --check.");
    return 2;
}
try
{
    string root = FindRoot(Environment.CurrentDirectory);
    Manifest manifest = Manifest.Read(Path.Combine(root, "interop/generator/manifest.json"));
    Dictionary<string, string?> files = [];
    foreach (LibraryManifest library in manifest.Libraries)
    {
        foreach ((string path, string content) in Generate(root, manifest, library))
            files[path] = content;
    }
    foreach (string folder in files.Keys.Select(path => Path.GetDirectoryName(path)!).Distinct().ToArray())
    {
        // What no header asks for any more.
        foreach (string path in Directory.CreateDirectory(folder).GetFiles().Select(f => f.FullName))
            files.TryAdd(path, null);
    }
    bool[] current = [.. files.Select(file => Update(file.Key, file.Value, check))];
    return current.Contains(false) ? 1 : 0;
}
catch (GeneratorException e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}

// The files of one library, with their paths.
static List<(string Path, string Content)> Generate(string root, Manifest manifest, LibraryManifest library)
{
    string path = Path.Combine(root, library.Header);
    Header header = new(library, Clang.Read(path), File.ReadAllBytes(path));
    foreach (string name in library.Wanted.Where(w => !w.EndsWith('*') && header.Find(w) is null))
        throw new GeneratorException($"{library.Header} does not declare {name}, which manifest.json wants.");
    if (library.CompareWith is { } installed)
        Compare(library, header, installed);
    string declarations = CSharpWriter.Write(manifest.Namespace, library, header);
    List<(string, string)> files = [(Path.Combine(root, manifest.Output, $"{library.Class}.g.cs"), declarations)];
    if (library.C is { } c)
        files.AddRange(
            CWriter.Write(library, c, header).Select(f => (Path.Combine(root, c.Folder, f.Name), f.Content))
        );
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
    Header installed = new(library, tree, []);
    foreach (Declaration ours in header.Declarations)
    {
        string found = installed.Find(ours.Name)?.Signature ?? "nothing";
        if (found != ours.Signature)
            throw new GeneratorException($"{library.Header}: {ours.Signature}; {name}: {found}.");
    }
}

// Brings one file up to date, or only says that it is not; null means that no header asks for the file.
static bool Update(string path, string? content, bool check)
{
    if (content is not null && File.Exists(path) && File.ReadAllText(path) == content)
        return true;
    if (check)
        Console.Error.WriteLine($"{path} is not what the headers say. Run ./build.sh generate and commit the result.");
    else if (content is null)
        File.Delete(path);
    else
        File.WriteAllText(path, content);
    return !check;
}

static string FindRoot(string? folder)
{
    while (folder is not null && !File.Exists(Path.Combine(folder, "interop/generator/manifest.json")))
        folder = Path.GetDirectoryName(folder);
    return folder ?? throw new GeneratorException("Run the generator inside the repository.");
}
