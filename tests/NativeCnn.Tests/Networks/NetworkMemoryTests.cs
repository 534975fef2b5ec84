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
    public void The_scratch_memory_that_is_counted_is_what_compiling_takes(int threads, string? algorithm)
    {
        using NativeBackend backend = new(new NativeBackendOptions { Threads = threads, Algorithm = algorithm });
        using Network network = Create();
        var memory = NetworkMemory.Of(network, backend, 8, Phase.Training);
        Assert.Equal(0, backend.HeldScratchBytes);
        using CompiledNetwork compiled = network.Compile(backend, 8, Phase.Training);
        Assert.Equal(memory.Scratch, backend.HeldScratchBytes);
        // COL, or the packed filters, of the second layer.
        Assert.True(memory.Scratch > 25 * 32 * 40);
        Assert.Equal(
            memory.Scratch,
            memory.Total
                - (memory.Parameters + memory.Gradients + memory.OptimizerState + memory.Input + memory.Activations)
        );
    }

    [Fact]
    public void Where_measuring_is_yet_to_choose_the_largest_scratch_memory_counts()
    {
        using NativeBackend measuring = new(
            new NativeBackendOptions
            {
                Threads = 2,
                Tuning = new ConvolutionTuning { Measure = true },
            }
        );
        using Network network = Create();
        double before = NetworkMemory.Of(network, measuring, 8, Phase.Training).Scratch;
        foreach (string algorithm in (string[])["im2col", "direct"])
        {
            using NativeBackend forced = new(new NativeBackendOptions { Threads = 2, Algorithm = algorithm });
            Assert.True(before >= NetworkMemory.Of(network, forced, 8, Phase.Training).Scratch);
        }
        using CompiledNetwork compiled = network.Compile(measuring, 8, Phase.Training);
        Assert.Equal(measuring.HeldScratchBytes, NetworkMemory.Of(network, measuring, 8, Phase.Training).Scratch);
    }

    [Fact]
    public void The_managed_backend_has_no_scratch_memory()
    {
        using ManagedBackend backend = new();
        using Network network = Create();
        Assert.Equal(0, NetworkMemory.Of(network, backend, 8, Phase.Training).Scratch);
    }

    [Fact]
    public void More_scratch_memory_than_there_is_is_refused_with_the_sum_before_any_is_taken()
    {
        using NativeBackend backend = new(new NativeBackendOptions { Threads = 4, Algorithm = "im2col" });
        // Product and col2im at stride 2: COL of the image is 517 GB, for each thread.
        Node image = NetworkBuilder.Start(2048, 2048, 1).Convolution(32, 1);
        using Network network = image.Convolution(1, 64, stride: 2).Build(name: "wide");
        var e = Assert.Throws<InsufficientMemoryException>(() => network.Compile(backend, 1, Phase.Training));
        Assert.StartsWith("Network 'wide' at batch 1 for training needs 1,9", e.Message, StringComparison.Ordinal);
        Assert.Contains(" + scratch 1,9", e.Message, StringComparison.Ordinal);
        Assert.Equal(0, backend.HeldScratchBytes);
    }

    [Fact]
    public void A_summary_counts_the_scratch_memory_of_the_backend_that_it_is_given()
    {
        using NativeBackend backend = new(threads: 2);
        using Network network = Create();
        NetworkSummary without = network.Summarize(8);
        NetworkSummary with = network.Summarize(8, backend);
        Assert.Equal(0, without.Training.Scratch + without.Inference.Scratch);
        Assert.Equal(NetworkMemory.Of(network, backend, 8, Phase.Training).Scratch, with.Training.Scratch);
        Assert.Equal(NetworkMemory.Of(network, backend, 8, Phase.Inference).Scratch, with.Inference.Scratch);
        Assert.Equal(without.Training.Total + with.Training.Scratch, with.Training.Total);
        Assert.Equal(without.Inference.Total + with.Inference.Scratch, with.Inference.Total);
    }

    private static Network Create() =>
        NetworkBuilder
            .Start(20, 20, 1)
            .Convolution(32, 5)
            .Convolution(40, 5)
            .Convolution(4, 3, stride: 2)
            .Dense(3)
            .Build();
}
