using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Operations;
using NativeCnn.Layers;
using NativeCnn.Networks;
using NativeCnn.Tensors;
using NativeCnn.Tests.Networks;
using static NativeCnn.Tests.Backends.TestBackends;

namespace NativeCnn.Tests.Backends;

/// <summary>Trainable subsampling.</summary>
public sealed class SubsamplingTests : IOperationRows, INetworkRows
{
    private static readonly (Shape Input, Size2 Block)[] Sizes =
    [
        (new(1, 1, 1, 1), 1),
        (new(2, 6, 8, 3), 2),
        (new(2, 6, 5, 17), new(3, 1)),
        (new(1, 4, 10, 8), new(4, 5)),
        (new(8, 28, 28, 6), 2),
    ];

    public static IEnumerable<OperationCase> Rows =>
        from sizes in Sizes
        let details = $"{sizes.Input} by {sizes.Block}"
        let forward = new SubsamplingForward(sizes.Input, sizes.Block, wantsSums: true)
        from row in (OperationCase[])
            [
                new(forward, details),
                new(new SubsamplingForward(sizes.Input, sizes.Block, wantsSums: false), $"{details}, no sums"),
                new(new SubsamplingBackwardData(sizes.Input, sizes.Block), details) { DerivativeOf = new(forward, "") },
                new(new SubsamplingBackwardData(sizes.Input, sizes.Block, isSquared: true), $"{details}, squared"),
                new(new SubsamplingBackwardCoefficients(forward.Operands[3].Shape), details)
                {
                    DerivativeOf = new(forward, ""),
                },
                new(
                    new SubsamplingBackwardCoefficients(forward.Operands[3].Shape, isSquared: true),
                    $"{details}, squared"
                ),
            ]
        select row;

    public static Dictionary<string, Func<Network>> Networks =>
        new()
        {
            ["trainable subsampling"] = () =>
                NetworkBuilder
                    .Start(8, 10, 1)
                    .Convolution(3, 3)
                    .ScaledTanh()
                    .Subsampling(2)
                    .ScaledTanh()
                    .Convolution(4, 2)
                    .Subsampling(new Size2(2, 3))
                    .Logistic()
                    .Dense(5)
                    .Build(86),
        };

    [Theory, EveryBackend]
    public void The_sum_of_each_block_times_its_maps_coefficient_plus_its_bias(string backend)
    {
        SubsamplingForward forward = new(new(1, 2, 2, 2), 2, wantsSums: true);
        double[][] written = Compute(backend, forward, [1, 10, 2, 20, 3, 30, 4, 40], [0.5, 2], [100, 1]);
        Assert.Equal([105, 201], written[0]);
        Assert.Equal([10, 100], written[1]);
    }

    /// <summary>With coefficients 1/(nm) and biases 0 it is average pooling.</summary>
    [Theory]
    [InlineData("managed")]
    [InlineData("native")]
    public void It_begins_as_average_pooling(string backend)
    {
        using Network trainable = NetworkBuilder.Start(6, 9, 3).Subsampling(new Size2(2, 3)).Build();
        using Network pooling = NetworkBuilder.Start(6, 9, 3).AveragePooling(new Size2(2, 3)).Build();
        using Backend own = Create(backend);
        using Tensor input = NetworkCases.Input(trainable, 2, 1);
        double[] Output(Network network)
        {
            CompiledNetwork compiled = network.Compile(own, 2, Phase.Inference);
            compiled.Forward(input);
            return TensorValues.Read(compiled.Output);
        }
        Comparison.Close(Output(pooling), Output(trainable), Tolerance.OfSum(8), "means");
    }

    /// <summary>Σ (∂y/∂x)² h: β² h for the input, Σ s² h for β, Σ h for b.</summary>
    [Fact]
    public void Second_derivatives_have_squared_coefficients_and_sums()
    {
        using Network network = NetworkBuilder.Start(2, 2, 1).Subsampling(2).Subsampling(1).Flatten().Build();
        using var backend = new ManagedBackend();
        using CompiledNetwork compiled = network.Compile(
            backend,
            1,
            Phase.Training,
            order: BackwardOrder.SecondDerivatives
        );
        network.Parameters[0].Value.Span[0] = 3;
        network.Parameters[2].Value.Span[0] = 5;
        using Tensor input = new(new Shape(1, 2, 2, 1));
        input.Span.Fill(0.5f);
        compiled.ZeroGradients();
        compiled.Forward(input);
        compiled.OutputGradient.Span.Fill(7);
        compiled.Backward();
        // s is 2 and 6; behind the second layer h is 5² · 7 = 175.
        double[] found = [.. compiled.Parameters.Select(p => (double)p.Gradient!.Span[0])];
        Assert.Equal([2 * 2 * 175, 175, 6 * 6 * 7, 7], found);
    }

    [Fact]
    public void Blocks_that_do_not_tile_the_image_are_refused_with_the_sizes()
    {
        string message = Assert.Throws<ShapeException>(() => NetworkBuilder.Start(5, 4, 2).Subsampling(2)).Message;
        Assert.Contains("2×2 for 1×5×4×2", message, StringComparison.Ordinal);
        Assert.Contains("subsampling", message, StringComparison.Ordinal);
    }
}
