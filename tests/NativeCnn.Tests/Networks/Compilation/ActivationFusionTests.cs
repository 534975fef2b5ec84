using NativeCnn.Layers;
using NativeCnn.Networks;
using NativeCnn.Networks.Compilation;

namespace NativeCnn.Tests.Networks.Compilation;

public sealed class ActivationFusionTests
{
    [Fact]
    public void The_only_reader_of_a_convolution_or_dense_layer_becomes_part_of_it() =>
        AssertRewritten(
            NetworkBuilder.Start(4, 4, 1).Convolution(2, 3).Relu().Dense(3).Tanh().Build(),
            ["convolution1(input1)", "relu1(convolution1)", "dense1(relu1)", "tanh1(dense1)", "→ tanh1"],
            ["convolution1 + Relu(input1)", "dense1 + Tanh(convolution1)", "→ dense1"]
        );

    [Fact]
    public void Where_an_activation_is_there_already_the_next_stays() =>
        AssertRewritten(
            NetworkBuilder.Start(4, 4, 1).Dense(3).Relu().Tanh().Build(),
            ["dense1(input1)", "relu1(dense1)", "tanh1(relu1)", "→ tanh1"],
            ["dense1 + Relu(input1)", "tanh1(dense1)", "→ tanh1"]
        );

    [Fact]
    public void A_sum_is_finished_too()
    {
        Node dense = NetworkBuilder.Start(4, 4, 1).Dense(3);
        AssertRewritten(
            dense.Tanh().Plus(dense).Relu().Build(),
            ["dense1(input1)", "tanh1(dense1)", "addition1(tanh1, dense1)", "relu1(addition1)", "→ relu1"],
            ["dense1(input1)", "tanh1(dense1)", "addition1 + Relu(tanh1, dense1)", "→ addition1"]
        );
    }

    [Fact]
    public void A_batch_normalisation_is_finished_too() =>
        AssertRewritten(
            NetworkBuilder.Start(4, 4, 1).Convolution(2, 3).BatchNorm().Relu().Build(),
            ["convolution1(input1)", "batch-norm1(convolution1)", "relu1(batch-norm1)", "→ relu1"],
            ["convolution1(input1)", "batch-norm1 + Relu(convolution1)", "→ batch-norm1"]
        );

    [Fact]
    public void Two_readers_need_what_is_before_the_activation()
    {
        Node dense = NetworkBuilder.Start(4, 4, 1).Dense(3);
        AssertKept(dense.Relu().Plus(dense).Build());
    }

    [Fact]
    public void A_layer_that_reads_it_twice_counts_as_two_readers()
    {
        Node dense = NetworkBuilder.Start(4, 4, 1).Dense(3);
        AssertKept(dense.Builder.Build([dense.Relu(), dense.Plus(dense)]));
    }

    [Fact]
    public void What_leaves_the_network_leaves_without_the_activation()
    {
        Node dense = NetworkBuilder.Start(4, 4, 1).Dense(3);
        AssertKept(dense.Builder.Build([dense.Relu(), dense]));
    }

    [Fact]
    public void What_needs_its_input_for_the_derivative_stays()
    {
        AssertKept(NetworkBuilder.Start(4, 4, 1).Convolution(2, 3).Absolute().Build());
        AssertKept(NetworkBuilder.Start(4, 4, 1).Dense(3).SmoothAbsolute().Build());
        AssertKept(NetworkBuilder.Start(4, 4, 1).Dense(3).LeakyRelu(-0.5f).Build());
        AssertKept(NetworkBuilder.Start(4, 4, 1).Dense(3).Elu(-0.5f).Build());
        AssertRewritten(
            NetworkBuilder.Start(4, 4, 1).Dense(3).LeakyRelu(0.5f).Build(),
            ["dense1(input1)", "leaky-relu1(dense1)", "→ leaky-relu1"],
            ["dense1 + LeakyRelu(input1)", "→ dense1"]
        );
    }

    [Fact]
    public void Layers_that_cannot_finish_with_an_activation_do_not() =>
        AssertKept(NetworkBuilder.Start(4, 4, 1).Relu().MaxPooling(2).Tanh().Flatten().Tanh().Build());

    private static void AssertKept(Network network)
    {
        string[] before = ShapeInference.Run(network, 2).Lines();
        AssertRewritten(network, before, before);
    }

    private static void AssertRewritten(Network network, string[] before, string[] after)
    {
        Assert.Equal(before, ShapeInference.Run(network, 2).Lines());
        Assert.Equal(after, ProgramText.Rewritten(network, Phase.Training).Lines());
    }
}
