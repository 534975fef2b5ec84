using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Native;
using NativeCnn.Backends.Operations;
using NativeCnn.Data;
using NativeCnn.Networks;
using NativeCnn.OneDnn;
using NativeCnn.Optimizers;
using NativeCnn.Tensors;
using NativeCnn.Tests.Networks;
using NativeCnn.Tests.OneDnn;
using NativeCnn.Tests.Training;
using NativeCnn.Training;
using NativeCnn.Verification;
using SquaredError = NativeCnn.Losses.SquaredError;
using WeightPenalty = NativeCnn.Losses.WeightPenalty;

namespace NativeCnn.Tests.Verification;

/// <summary>That backends which agree pass, and that one wrong operation is found and named.</summary>
public sealed class BackendComparisonTests
{
    private static readonly ComparisonOptions Options = new()
    {
        Steps = 3,
        Training = new() { BatchSize = 5 },
    };

    [Fact]
    public void Native_and_managed_agree_in_every_operation_and_in_their_losses()
    {
        using var managed = new ManagedBackend();
        using var native = new NativeBackend(2);
        using Network network = NewNetwork();
        float[][] before = Values(network);
        ComparisonResult result = BackendComparison.Run(network, [managed, native], null, Options);
        Assert.True(result.Passed, $"{result.FirstDifference}");
        Assert.Equal(["managed", "native"], result.Curves.Select(curve => curve.Backend));
        Assert.All(result.Curves, curve => Assert.Equal(3, curve.Losses.Count));
        Assert.NotEqual(result.Curves[0].Losses[0], result.Curves[0].Losses[2]);
        Assert.Contains(result.Tensors, tensor => tensor.Differences[0].Worst.Error > 0);
        Assert.Equal(before, Values(network));
        HashSet<string> compared = [.. result.Tensors.Select(t => $"{t.Layer} {t.Operation} {t.Tensor}")];
        string[] expected =
        [
            "convolution1 ConvolutionForward output",
            "max-pooling1 MaxPoolingForward argmax",
            "dense2 DenseBackwardWeights weight gradient",
            "dense2 DenseBackwardData input gradient",
            "convolution1 ConvolutionBackwardFilter weight gradient",
            " SgdUpdate convolution1.weight",
        ];
        Assert.Subset(compared, expected.ToHashSet());
    }

    [OneDnnTheory]
    [InlineData(2)]
    public void All_three_agree_whichever_is_the_reference(int threads)
    {
        using var managed = new ManagedBackend();
        using var native = new NativeBackend(threads);
        using var oneDnn = new OneDnnBackend(threads);
        using Network network = NewNetwork();
        foreach (
            Backend[] order in (Backend[][])
                [
                    [managed, native, oneDnn],
                    [oneDnn, managed, native],
                ]
        )
        {
            ComparisonResult result = BackendComparison.Run(network, order, null, Options);
            Assert.True(result.Passed, $"{result.FirstDifference}");
            Assert.All(result.Tensors, tensor => Assert.Equal(2, tensor.Differences.Count));
        }
    }

    [Fact]
    public void The_references_losses_are_those_of_training_with_it()
    {
        using var managed = new ManagedBackend();
        using var native = new NativeBackend(1);
        using Network network = NewNetwork();
        var data = new BarsDataset(20, 1);
        ComparisonResult result = BackendComparison.Run(network, [native, managed], data, Options);
        using var trainer = new Trainer(network, native, Options.Training);
        using var loader = new BatchLoader(data, 5, Options.Training.Seed);
        loader.StartEpoch(1);
        double[] losses = [.. Enumerable.Range(0, 3).Select(_ => trainer.Step(loader.Next()!).Loss / 5)];
        Assert.Equal(losses, result.Curves[0].Losses);
    }

    [Theory]
    [InlineData("ConvolutionForward", "output", "convolution1", "output")]
    [InlineData("MaxPoolingForward", "output", "max-pooling1", "output")]
    [InlineData("DenseBackwardData", "inputGradient", "dense2", "input gradient")]
    [InlineData("ConvolutionBackwardFilter", "filterGradient", "convolution1", "weight gradient")]
    [InlineData("BiasBackward", "biasGradient", "dense2", "bias gradient")]
    [InlineData("SoftmaxCrossEntropy", "outputGradient", "", "outputGradient")]
    [InlineData("SgdUpdate", "values", "", "convolution1.weight")]
    public void A_wrong_operation_is_found_and_named(string operation, string operand, string layer, string tensor)
    {
        using var managed = new ManagedBackend();
        using var spoiled = new SpoilingBackend(new NativeBackend(1), operation, operand, (x, _) => x * 1.01f + 1e-3f);
        using Network network = NewNetwork();
        ComparisonResult result = BackendComparison.Run(network, [managed, spoiled], null, Options);
        Assert.False(result.Passed);
        (ComparedTensor found, TensorDifference difference) = result.FirstDifference!.Value;
        Assert.Equal((layer, operation, tensor), (found.Layer, found.Operation, found.Tensor));
        Assert.Equal(("spoiled", 1), (difference.Backend, difference.FirstBeyond));
        Assert.Equal(difference.Worst.Actual, difference.Worst.Expected * 1.01 + 1e-3, 1e-5);
        // Each operation reads what the reference computed: those after a wrong one are right.
        Assert.All(
            result.Tensors.Where(other => other.Operation != operation),
            other => Assert.Null(other.Differences[0].FirstBeyond)
        );
    }

    [Fact]
    public void What_goes_wrong_later_is_found_at_its_step()
    {
        using var managed = new ManagedBackend();
        using var spoiled = new SpoilingBackend(
            new NativeBackend(1),
            "ConvolutionForward",
            "output",
            (x, run) => run == 3 ? float.NaN : x
        );
        using Network network = NewNetwork();
        TensorDifference difference = BackendComparison
            .Run(network, [managed, spoiled], null, Options)
            .FirstDifference!.Value.Difference;
        Assert.Equal((3, 3), (difference.Step, difference.FirstBeyond));
        Assert.True(double.IsPositiveInfinity(difference.Worst.Units));
    }

    [Fact]
    public void Losses_that_part_are_found_where_every_operation_by_itself_is_right()
    {
        using var managed = new ManagedBackend();
        using var native = new NativeBackend(1);
        // Two layers, so six runs beside the reference, then two in each step by itself.
        using var spoiled = new SpoilingBackend(
            new NativeBackend(1),
            "DenseForward",
            "output",
            (x, run) => run > 8 ? x + 0.1f : x
        );
        using Network network = NewNetwork();
        ComparisonResult result = BackendComparison.Run(network, [managed, native, spoiled], null, Options);
        Assert.Null(result.FirstDifference);
        Assert.False(result.Passed);
        Assert.Equal(("spoiled", 2), (result.FirstLossDifference!.Backend, result.FirstLossDifference.FirstBeyond));
    }

    [Fact]
    public void The_unit_grows_with_cancellation_and_with_the_length_of_sums()
    {
        using var managed = new ManagedBackend();
        using var native = new NativeBackend(1);
        using Network large = NetworkBuilder.Start(1, 1, 4096).Dense(10).Build();
        ComparedTensor output = BackendComparison
            .Run(large, [managed, native], null, Options)
            .Tensors.First(tensor => tensor.Operation == nameof(DenseForward));
        double largest = Math.Abs(output.Differences[0].Worst.Expected);
        // √4096 / 8 times one rounding at least.
        Assert.True(output.Differences[0].Worst.Unit >= 8 * Tolerance.Rounding * largest);
    }

    public static TheoryData<string> Networks => NetworkCases.Names;

    [Theory]
    [MemberData(nameof(Networks))]
    public void Every_operation_of_every_network_is_within_the_default_tolerance(string name)
    {
        using var managed = new ManagedBackend();
        using var native = new NativeBackend(2);
        using Network network = NetworkCases.Create(name);
        var options = new ComparisonOptions
        {
            Steps = 2,
            Training = new TrainerOptions
            {
                BatchSize = 3,
                Loss = new SquaredError(0.5, -1, 1),
                Optimizer = new Adam(),
                Penalties = [new WeightPenalty(WeightPenaltyKind.L2, 1e-3)],
                Clipping = GradientClipping.ByNorm(0.1),
            },
        };
        ComparisonResult result = BackendComparison.Run(network, [managed, native], null, options);
        Assert.True(result.FirstDifference is null, $"{result.FirstDifference}");
        Assert.Contains(result.Tensors, tensor => tensor.Operation == nameof(AdamUpdate));
    }

    [Fact]
    public void What_cannot_be_compared_is_refused()
    {
        using var managed = new ManagedBackend();
        using var native = new NativeBackend(1);
        using var exact = new ManagedBackend(ElementType.Float64);
        using Network network = NewNetwork();
        Assert.Throws<ArgumentException>(() => BackendComparison.Run(network, [managed]));
        string message = Assert
            .Throws<ArgumentException>(() => BackendComparison.Run(network, [native, exact]))
            .Message;
        Assert.Contains("'managed' computes in Float64", message, StringComparison.Ordinal);
        using Network other = NetworkBuilder.Start(3, 3, 1).Dense(2).Build();
        Assert.Throws<ShapeException>(() => BackendComparison.Run(other, [native, managed], new BarsDataset(4, 1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ComparisonOptions { Steps = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ComparisonOptions { AllowedUnits = double.NaN });
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() =>
            BackendComparison.Run(network, [managed, native], cancellation: cancelled.Token)
        );
    }

    private static Network NewNetwork()
    {
        Network network = NetworkBuilder
            .Start(8, 8, 1)
            .Convolution(4, 3)
            .Relu()
            .MaxPooling(2)
            .Dense(6)
            .Relu()
            .Dense(2)
            .Build();
        network.Initialize(7);
        return network;
    }

    private static float[][] Values(Network network) =>
        [.. network.Parameters.Select(parameter => parameter.Value.Span.ToArray())];
}
