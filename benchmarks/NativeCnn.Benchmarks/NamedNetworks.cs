using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Native;
using NativeCnn.Models;
using NativeCnn.Networks;
using NativeCnn.Tensors;
using NativeCnn.Training;

namespace NativeCnn.Benchmarks;

/// <summary>The networks whose training steps and inference passes are measured, at the batch sizes of docs/performance.md.</summary>
internal static class NamedNetworks
{
    // Of the largest output: Winograd rounds some ten times more than a plain sum, once per layer.
    private const double Tolerance = 5e-3;

    // Up to so many multiply-adds, the managed backend answers in about a second.
    private const long MaxManagedMultiplyAdds = 500_000_000;

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

    /// <summary>Fails unless the outputs are those of the managed backend, or for large networks those of im2col alone.</summary>
    /// <exception cref="InvalidOperationException">An output is wrong.</exception>
    public static void Check(Network network, IBackend backend, int batch)
    {
        bool managed = network.Summarize(batch).MultiplyAdds <= MaxManagedMultiplyAdds;
        using IBackend trusted = managed
            ? new ManagedBackend()
            : new NativeBackend(new NativeBackendOptions { Algorithm = "im2col" });
        using var examples = new NetworkBenchmark(network, backend, batch);
        float[] expected = examples.Outputs(trusted);
        float[] actual = examples.Outputs(backend);
        double tolerance = Tolerance * expected.Max(Math.Abs);
        for (int i = 0; i < expected.Length; i++)
        {
            // Written so that NaN fails.
            if (!(Math.Abs(actual[i] - expected[i]) <= tolerance))
                throw new InvalidOperationException($"Output {i} is wrong: {actual[i]} instead of {expected[i]}.");
        }
    }
}
