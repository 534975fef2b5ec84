using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Native;
using NativeCnn.Networks;
using NativeCnn.Training;

namespace NativeCnn.Cli.Diagnostics;

/// <summary>Compares what is about to be timed with a computation that is trusted, before it is timed.</summary>
internal static class OutputCheck
{
    // Up to so many multiply-adds, the managed backend answers in about a second.
    private const long MaxManagedMultiplyAdds = 500_000_000;

    // Of the largest output. Winograd rounds some ten times more than a plain sum, once per layer.
    private const double Tolerance = 5e-3;

    /// <summary>
    /// Runs the benchmark's batch through the backend and through the managed backend, or for large networks through im2col alone.
    /// </summary>
    /// <returns>What the outputs were compared with.</returns>
    /// <exception cref="CommandException">They differ.</exception>
    public static string Run(Network network, NetworkBenchmark benchmark, IBackend backend, int batch)
    {
        bool managed = network.Summarize(1).MultiplyAdds <= MaxManagedMultiplyAdds / batch;
        using IBackend trusted = managed
            ? new ManagedBackend()
            : new NativeBackend(new NativeBackendOptions { Threads = backend.Threads, Algorithm = "im2col" });
        string name = managed ? "managed" : "im2col";
        float[] expected = benchmark.Outputs(trusted);
        float[] actual = benchmark.Outputs(backend);
        double tolerance = Tolerance * expected.Max(Math.Abs);
        for (int i = 0; i < expected.Length; i++)
        {
            // Written so that NaN fails.
            if (!(Math.Abs(actual[i] - expected[i]) <= tolerance))
            {
                throw new CommandException(
                    $"output {i} of {network.Name} is {actual[i]} where {name} computes {expected[i]}: the times would mean nothing. Please report this with the output of nativecnn doctor."
                );
            }
        }
        return name;
    }
}
