using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Native;
using NativeCnn.Data;
using NativeCnn.Layers;
using NativeCnn.Networks;
using NativeCnn.Tensors;
using NativeCnn.Tests.Backends;
using NativeCnn.Training;

namespace NativeCnn.Tests.Training;

public sealed class EvaluatorTests
{
    private static readonly int[] BatchSizes = [1, 7, 64];

    [Fact]
    public void The_specifications_loss_is_the_same_to_the_bit_for_every_batch_size()
    {
        using var backend = new ManagedBackend();
        EvaluationResult[] results = Evaluate(backend);
        Assert.All(results, result => Assert.Equal(results[0].Loss, result.Loss));
    }

    [Fact]
    public void The_native_backends_loss_differs_between_batch_sizes_by_its_rounding_at_most()
    {
        using var backend = new NativeBackend(2);
        EvaluationResult[] results = Evaluate(backend);
        // The mean of losses that are off by a few float32 roundings each.
        Assert.All(results, result => Assert.Equal(results[0].Loss, result.Loss, 1e-6 * results[0].Loss));
    }

    [Theory]
    [InlineData("managed")]
    [InlineData("native")]
    public void Losses_are_added_in_the_datas_order_whatever_the_batch_size(string name)
    {
        using Backend backend = TestBackends.Create(name);
        // Logits x and −x, exact on every backend.
        using Network network = NetworkBuilder.Start(1, 1, 1).Add(new Dense(2) { Bias = false }).Build();
        TensorValues.Write([1, -1], network.Parameters[0].Value);
        var data = new Steep();
        // As one batch has it: one sum.
        double expected = Evaluator.Evaluate(network, backend, data, data.Count).Loss;
        foreach (int size in BatchSizes)
            Assert.Equal(expected, Evaluator.Evaluate(network, backend, data, size).Loss);
    }

    [Fact]
    public void A_backend_that_computes_in_float64_is_refused()
    {
        using var backend = new ManagedBackend(ElementType.Float64);
        using Network network = BarsDataset.CreateNetwork();
        var e = Assert.Throws<ArgumentException>(() => new Evaluator(network, backend));
        Assert.Equal("Evaluation runs in Float32; this backend computes in Float64.", e.Message);
    }

    private static EvaluationResult[] Evaluate(Backend backend)
    {
        using Network network = BarsDataset.CreateNetwork();
        var data = new BarsDataset(150, 3);
        EvaluationResult[] results = [.. BatchSizes.Select(size => Evaluator.Evaluate(network, backend, data, size))];
        foreach (EvaluationResult result in results)
        {
            Assert.Equal(results[0].Accuracy, result.Accuracy);
            int[] counts = [.. from i in (int[])[0, 1] from j in (int[])[0, 1] select result.Confusion.Count(i, j)];
            Assert.Equal(150, counts.Sum());
            Assert.Equal(result.Accuracy, (counts[0] + counts[3]) / 150.0, 1e-12);
        }
        return results;
    }

    /// <summary>Values whose losses go from 1e-15 to 100, so that their sum in float64 depends on its order.</summary>
    private sealed class Steep : IDataset
    {
        public string Name => "steep";

        public int Count => 150;

        public Shape ExampleShape => new(1, 1, 1, 1);

        public IReadOnlyList<string> ClassNames { get; } = ["up", "down"];

        public int Label(int index) => 0;

        public void Read(int index, Span<float> values) => values[0] = index % 5 == 0 ? -50 : 2 + 0.1f * index;
    }
}
