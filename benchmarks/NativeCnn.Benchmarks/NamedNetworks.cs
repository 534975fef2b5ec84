using NativeCnn.Models;
using NativeCnn.Networks;
using NativeCnn.Tensors;

namespace NativeCnn.Benchmarks;

/// <summary>The networks that are measured, at the batch sizes of docs/performance.md.</summary>
internal static class NamedNetworks
{
    /// <summary>Batch sizes by name.</summary>
    public static IReadOnlyDictionary<string, int> Batches { get; } =
        new Dictionary<string, int>
        {
            ["lenet"] = 64,
            ["alexnet"] = 32,
            ["vgg16"] = 4,
        };

    /// <summary>The network for the examples that it was published with.</summary>
    public static Network Create(string name) =>
        name == "lenet"
            ? ModelCatalog.Create(name, new Shape(1, 28, 28, 1), 10)
            : ModelCatalog.Create(name, new Shape(1, 224, 224, 3), 1000);
}
