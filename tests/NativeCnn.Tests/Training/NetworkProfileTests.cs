using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Native;
using NativeCnn.Networks;
using NativeCnn.Tests.Networks;
using NativeCnn.Training;

namespace NativeCnn.Tests.Training;

public sealed class NetworkProfileTests
{
    public static TheoryData<string> Networks => NetworkCases.Names;

    [Theory]
    [MemberData(nameof(Networks))]
    public void Every_layer_that_computes_has_its_times(string name)
    {
        using Network network = NetworkCases.Create(name);
        using var backend = new NativeBackend(threads: 2);
        using var benchmark = new NetworkBenchmark(network, backend, 3);
        NetworkProfile profile = benchmark.Profile(TimeSpan.Zero);
        Assert.Equal(5, profile.Step.Runs);
        Assert.All(profile.Operations, operation => Assert.True(operation.Milliseconds >= 0));
        foreach (NetworkNode node in network.Nodes.Where(node => node.Layer.Parameters.Count > 0))
        {
            string[] passes = [.. profile.Operations.Where(o => o.Layer == node.Layer.Name).Select(o => o.Pass)];
            Assert.Contains("forward", passes);
            Assert.Contains(passes, pass => pass.StartsWith("backward", StringComparison.Ordinal));
        }
        // Medians of parts of a step do not add up exactly, but no operation takes longer than the step that it is part
        // of.
        Assert.All(profile.Operations, o => Assert.True(o.Milliseconds <= profile.Step.Median * 1.5 + 0.5));
    }

    [Fact]
    public void Operations_are_those_of_the_definition_whatever_computes_them()
    {
        using Network network = NetworkCases.Create("lenet in small");
        using var native = new NativeBackend(threads: 1);
        using var managed = new ManagedBackend();
        NetworkProfile[] profiles =
        [
            .. ((Backend[])[native, managed]).Select(backend =>
            {
                using var benchmark = new NetworkBenchmark(network, backend, 2);
                return benchmark.Profile(TimeSpan.Zero);
            }),
        ];
        Assert.Equal(
            profiles[0].Operations.Select(o => (o.Layer, o.Pass, o.Operations, o.Bytes)),
            profiles[1].Operations.Select(o => (o.Layer, o.Pass, o.Operations, o.Bytes))
        );
        ProfiledOperation first = profiles[0].Operations.First(o => o.Layer == "convolution1");
        // 2 operations · 2 images · 10² pixels · 4 filters · 9 taps; input, filters, bias and output in float32.
        Assert.Equal(14_400, first.Operations);
        Assert.Equal(4 * (2 * 144 + 36 + 4 + 2 * 400), first.Bytes);
        Assert.NotNull(profiles[0].SynchronisationShare);
        Assert.Null(profiles[1].SynchronisationShare);
    }

    [Fact]
    public void Gradients_that_are_never_stored_count_nowhere()
    {
        const int Batch = 4;
        const int Inputs = 512;
        const int Units = 512;
        const int Classes = 3;
        // So large that the first layer takes the optimiser's step where its gradient is computed.
        using Network network = NetworkBuilder.Start(1, 1, Inputs).Dense(Units).Dense(Classes).Build(1);
        using var backend = new NativeBackend(threads: 1);
        using var benchmark = new NetworkBenchmark(network, backend, Batch);
        NetworkProfile profile = benchmark.Profile(TimeSpan.Zero);
        const double Stored = sizeof(float) * (Units + Units * Classes + Classes);
        Assert.Equal(Stored, profile.Operations.Single(o => o.Pass == "zero gradients").Bytes);
        // Of what is stored the gradient is read, parameter and velocity read and written.
        Assert.Equal(5 * Stored, profile.Operations.Single(o => o.Pass == "optimiser").Bytes);
        ProfiledOperation[] weights = [.. profile.Operations.Where(o => o.Pass == "backward-weights")];
        // From the last layer to the first. A stored gradient is added to; else weights and velocity change.
        Assert.Equal(
            [
                sizeof(float) * (Batch * Units + Batch * Classes + 2.0 * Units * Classes),
                sizeof(float) * (Batch * Inputs + Batch * Units + 4.0 * Inputs * Units),
            ],
            weights.Select(o => o.Bytes)
        );
    }

    [Fact]
    public void Profiling_computes_what_training_computes()
    {
        using Network plain = NetworkCases.Create("lenet in small");
        using Network profiled = NetworkCases.Create("lenet in small");
        using var backend = new NativeBackend(threads: 2);
        using (var benchmark = new NetworkBenchmark(plain, backend, 3))
            Assert.Equal(0, benchmark.Train(TimeSpan.Zero).AllocatedBytesPerStep);
        using (var benchmark = new NetworkBenchmark(profiled, backend, 3))
        {
            // Train takes 1 step for the loss, 3 to warm up and 5 to measure; Profile the last 8 alone.
            benchmark.Profile(TimeSpan.Zero);
            Assert.NotEqual(Values(plain), Values(profiled));
        }
        using Network again = NetworkCases.Create("lenet in small");
        using (var benchmark = new NetworkBenchmark(again, backend, 3))
            benchmark.Profile(TimeSpan.Zero);
        Assert.Equal(Values(profiled), Values(again));
    }

    private static float[] Values(Network network) =>
        [.. network.Parameters.SelectMany(parameter => parameter.Value.Span.ToArray())];
}
