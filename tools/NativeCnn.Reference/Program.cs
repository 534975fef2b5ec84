namespace NativeCnn.Reference;

/// <summary>
/// Writes the pages of docs that come from the engine's XML documentation, inside the repository:
/// <c>dotnet run --project tools/NativeCnn.Reference</c>. With <c>--check</c> it writes nothing, and its exit code is 1
/// if a page would change.
/// </summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        bool check = args is ["--check"];
        if (args.Length > 0 && !check)
        {
            Console.Error.WriteLine($"Unknown argument '{string.Join(' ', args)}'. The only one is --check.");
            return 2;
        }
        string? root = Environment.CurrentDirectory;
        while (root is not null && !File.Exists(Path.Combine(root, "NativeCnn.sln")))
            root = Path.GetDirectoryName(root);
        if (root is null)
        {
            Console.Error.WriteLine("Run this inside the repository.");
            return 1;
        }
        bool isCurrent = true;
        foreach ((string name, string content) in Pages.All())
            isCurrent &= Update(Path.Combine(root, "docs", name), content, check);
        return isCurrent ? 0 : 1;
    }

    // Brings one page up to date, or only says that it is not.
    private static bool Update(string path, string content, bool check)
    {
        if (File.Exists(path) && File.ReadAllText(path) == content)
            return true;
        if (check)
            Console.Error.WriteLine(
                $"{path} is not what is documented. Run ./build.sh generate and commit the result."
            );
        else
            File.WriteAllText(path, content);
        return !check;
    }
}
