using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Native;
using NativeCnn.Layers;
using NativeCnn.Networks;

namespace NativeCnn.Tests.Networks;

public sealed class NetworkMemoryTests
{
    public static TheoryData<int, string?> Backends =>
        new()
        {
            { 1, null },
            { 3, null },
            { 2, "im2col" },
            { 2, "direct" },
        };

    [Theory]
    [MemberData(nameof(Backends))]
    public void The_workspace_that_is_counted_is_what_compiling_takes(int threads, string? algorithm)
    {
        using NativeBackend backend = new(new NativeBackendOptions { Threads = threads, Algorithm = algorithm });
        using Network network = Create();
        var memory = NetworkMemory.Of(network, 8, Phase.Training, backend);
        Assert.Equal(0, backend.HeldWorkspaceBytes);
        using CompiledNetwork compiled = network.Compile(backend, 8, Phase.Training);
        Assert.Equal(memory.Workspace, backend.HeldWorkspaceBytes);
        // COL, or the packed filters, of the second layer.
        Assert.True(memory.Workspace > 25 * 32 * 40);
        Assert.Equal(
            memory.Workspace,
            memory.Total
                - (memory.Parameters + memory.Gradients + memory.OptimizerState + memory.Input + memory.Activations)
        );
    }

    [Fact]
    public void Where_measuring_is_yet_to_choose_the_largest_workspace_counts()
    {
        using NativeBackend measuring = new(
            new NativeBackendOptions
            {
                Threads = 2,
                Tuning = new ConvolutionTuning { Measure = true },
            }
        );
        using Network network = Create();
        double before = NetworkMemory.Of(network, 8, Phase.Training, measuring).Workspace;
        foreach (string algorithm in (string[])["im2col", "direct"])
        {
            using NativeBackend forced = new(new NativeBackendOptions { Threads = 2, Algorithm = algorithm });
            Assert.True(before >= NetworkMemory.Of(network, 8, Phase.Training, forced).Workspace);
        }
        using CompiledNetwork compiled = network.Compile(measuring, 8, Phase.Training);
        Assert.Equal(measuring.HeldWorkspaceBytes, NetworkMemory.Of(network, 8, Phase.Training, measuring).Workspace);
    }

    [Fact]
    public void The_managed_backend_has_no_workspace()
    {
        using ManagedBackend backend = new();
        using Network network = Create();
        Assert.Equal(0, NetworkMemory.Of(network, 8, Phase.Training, backend).Workspace);
    }

    [Fact]
    public void A_workspace_beyond_memory_is_refused_with_the_sum_before_any_is_taken()
    {
        using NativeBackend backend = new(new NativeBackendOptions { Threads = 4, Algorithm = "im2col" });
        // Product and col2im at stride 2: COL of the image is 517 GB, for each thread.
        using Network network = new NetworkBuilder(2048, 2048, 32).Convolution(1, 64, stride: 2).Build(name: "wide");
        var e = Assert.Throws<InsufficientMemoryException>(() => network.Compile(backend, 1, Phase.Inference));
        Assert.StartsWith("Network 'wide' at batch 1 for inference needs 1,9", e.Message, StringComparison.Ordinal);
        Assert.Contains(" + workspace 1,9", e.Message, StringComparison.Ordinal);
        Assert.Equal(0, backend.HeldWorkspaceBytes);
    }

    [Fact]
    public void A_summary_counts_the_workspace_of_the_backend_that_it_is_given()
    {
        using NativeBackend backend = new(threads: 2);
        using Network network = Create();
        NetworkSummary without = network.Summarize(8);
        NetworkSummary with = network.Summarize(8, backend);
        Assert.Equal(0, without.WorkspaceBytes);
        Assert.Equal(NetworkMemory.Of(network, 8, Phase.Training, backend).Workspace, with.WorkspaceBytes);
        Assert.Equal(without.TrainingBytes + with.WorkspaceBytes, with.TrainingBytes);
        Assert.Equal(without.InferenceBytes + with.WorkspaceBytes, with.InferenceBytes);
    }

    private static Network Create() =>
        new NetworkBuilder(20, 20, 1)
            .Convolution(32, 5)
            .Convolution(40, 5)
            .Convolution(4, 3, stride: 2)
            .Dense(3)
            .Build();
}
