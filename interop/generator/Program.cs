using System.Text.Json;
using NativeCnn.Generator;

// Writes interop/NativeCnn.Interop/Generated/*.g.cs from the headers in manifest.json; run it inside the repository.
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
    DirectoryInfo folder = Directory.CreateDirectory(Path.Combine(root, manifest.Output));
    Dictionary<string, string?> files = folder.GetFiles().ToDictionary(f => f.Name, _ => (string?)null);
    foreach (LibraryManifest library in manifest.Libraries)
        files[$"{library.Class}.g.cs"] = Generate(root, manifest, library);
    bool[] current = [.. files.Select(file => Update(folder, file.Key, file.Value, check))];
    return current.Contains(false) ? 1 : 0;
}
catch (GeneratorException e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}

static string Generate(string root, Manifest manifest, LibraryManifest library)
{
    string path = Path.Combine(root, library.Header);
    Header header = new(library, Clang.Read(path), File.ReadAllBytes(path));
    foreach (string name in library.Wanted.Where(w => !w.EndsWith('*') && header.Find(w) is null))
        throw new GeneratorException($"{library.Header} does not declare {name}, which manifest.json wants.");
    if (library.CompareWith is { } installed)
        Compare(library, header, installed);
    return CSharpWriter.Write(manifest.Namespace, library, header);
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
static bool Update(DirectoryInfo folder, string name, string? content, bool check)
{
    string path = Path.Combine(folder.FullName, name);
    if (content is not null && File.Exists(path) && File.ReadAllText(path) == content)
        return true;
    if (check)
        Console.Error.WriteLine($"{name} is not what the headers say. Run ./build.sh generate and commit the result.");
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
