namespace NativeCnn.Tests.Cli;

/// <summary>A folder of its own for a test, removed after it.</summary>
public sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("nativecnn-");

    /// <summary>The folder's path.</summary>
    public string Path => _folder.FullName;

    /// <summary>A path inside.</summary>
    public string At(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => _folder.Delete(recursive: true);
}
