using NativeCnn.Formats;
using NativeCnn.Tensors;

namespace NativeCnn.Tests.Golden;

/// <summary>The cases that PyTorch computed: the committed folder, and files made from them.</summary>
internal static class GoldenCases
{
    /// <summary>An environment variable that names another folder of cases.</summary>
    public const string Variable = "NATIVECNN_GOLDEN";

    /// <summary>The committed cases and what wrote them.</summary>
    public static string Generator { get; } = Path.Combine(SharedData.Repository, "tests", "golden", "generate.py");

    /// <summary>The committed cases.</summary>
    public static string Folder { get; } = Path.Combine(SharedData.Repository, "tests", "golden", "cases");

    /// <summary>The cases of a folder in the order of their names.</summary>
    public static string[] In(string folder) =>
        [.. Directory.GetFiles(folder, "*.safetensors").Order(StringComparer.Ordinal)];

    /// <summary>The smallest committed case whose first layer is of a kind.</summary>
    public static string With(string kind) =>
        In(Folder)
            .Where(file => Path.GetFileName(file).Split('-', 3)[2].StartsWith(kind, StringComparison.Ordinal))
            .MinBy(file => new FileInfo(file).Length)!;

    /// <summary>Writes a case anew after a change of its tensors and metadata.</summary>
    public static void Rewrite(
        string source,
        string destination,
        Action<Dictionary<string, (int[] Sizes, float[] Values)>, Dictionary<string, string>> change
    )
    {
        Dictionary<string, (int[] Sizes, float[] Values)> tensors = [];
        Dictionary<string, string> metadata;
        using (SafetensorsFile file = SafetensorsFile.Open(source))
        {
            metadata = new(file.Metadata);
            foreach (SafetensorsEntry entry in file.Entries)
            {
                float[] values = new float[entry.Count];
                file.Read(entry.Name, values);
                tensors[entry.Name] = ([.. entry.Dimensions], values);
            }
        }
        change(tensors, metadata);
        SafetensorsTensor[] written =
        [
            .. tensors.Select(pair =>
            {
                var tensor = new Tensor(Shape.Vector(1, pair.Value.Values.Length));
                pair.Value.Values.CopyTo(tensor.Span);
                return new SafetensorsTensor(pair.Key, pair.Value.Sizes, tensor);
            }),
        ];
        Safetensors.Write(destination, written, metadata);
        foreach (SafetensorsTensor tensor in written)
            tensor.Values.Dispose();
    }
}

/// <summary>A test on the folder that an environment variable names, reported as skipped where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class GoldenFolderFactAttribute : FactAttribute
{
    public GoldenFolderFactAttribute()
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(GoldenCases.Variable)))
            Skip = $"{GoldenCases.Variable} names no folder of further cases.";
    }
}

/// <summary>A test that runs the generator, reported as skipped where Debian's PyTorch is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class TorchFactAttribute : FactAttribute
{
    public const string Python = "/usr/bin/python3";

    public TorchFactAttribute()
    {
        if (!File.Exists(Python) || !Directory.Exists("/usr/lib/python3/dist-packages/torch"))
            Skip = "Debian's python3-torch is not there.";
    }
}
