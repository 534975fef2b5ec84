namespace NativeCnn.Tests;

/// <summary>
/// The real data that tests use where it is there: the folder <c>shared</c> beside the repository. The project neither
/// ships nor fetches it.
/// </summary>
public static class SharedData
{
    /// <summary>The root of the repository.</summary>
    public static string Repository { get; } = FindRepository();

    /// <summary>10,000 real MNIST digits in IDX files.</summary>
    public static string Mnist { get; } =
        Path.GetFullPath(Path.Combine(Repository, "..", "shared", "data", "mnist-10k"));

    private static string FindRepository()
    {
        for (string? folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "NativeCnn.sln")))
                return folder;
        }
        throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} holds NativeCnn.sln.");
    }
}

/// <summary>A test on <see cref="SharedData"/>, reported as skipped where the data are missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SharedDataFactAttribute : FactAttribute
{
    public SharedDataFactAttribute()
    {
        if (!Directory.Exists(SharedData.Mnist))
            Skip = $"The data are not there: {SharedData.Mnist}";
    }
}
