using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Operations;
using NativeCnn.Layers;
using NativeCnn.Losses;
using NativeCnn.Networks;
using NativeCnn.Optimizers;
using NativeCnn.Tensors;
using NativeCnn.Tests.Networks;
using NativeCnn.Training;

namespace NativeCnn.Tests.Training;

/// <summary>What training and prediction refuse rather than do wrongly.</summary>
public sealed class TrainingUseTests
{
    [Fact]
    public void An_update_follows_a_backward_pass_once()
    {
        using Network network = NetworkBuilder.Start(1, 1, 3).Dense(2).Build(1);
        using var backend = new ManagedBackend();
        using CompiledNetwork compiled = network.Compile(backend, 2, Phase.Training, new Sgd());
        Assert.Throws<InvalidOperationException>(compiled.Update);
        using Tensor input = NetworkCases.Input(network, 2, 1);
        compiled.Forward(input);
        compiled.Backward();
        compiled.Update();
        Assert.Throws<InvalidOperationException>(compiled.Update);
        Assert.Equal(1, compiled.StepCount);
    }

    [Fact]
    public void Training_in_float64_changes_the_networks_own_parameters()
    {
        using Network network = NetworkBuilder.Start(1, 1, 3).Dense(2).Build(1);
        double[][] before = NetworkCases.Values(network);
        using var backend = new ManagedBackend(ElementType.Float64);
        using var step = new TrainingStep(network, backend, 2, new NativeCnn.Losses.SoftmaxCrossEntropy(), new Sgd());
        using var input = new Tensor(new Shape(2, 1, 1, 3), ElementType.Float64);
        input.AsSpan<double>().Fill(1);
        step.Run(input, Targets.Classes([0, 0]));
        double[][] after = NetworkCases.Values(network);
        Assert.All(before.Zip(after), pair => Assert.NotEqual(pair.First, pair.Second));
        Assert.Equal(
            TensorValues.Read(step.Compiled.Parameters[0].Value).Select(value => (float)value),
            after[0].Select(value => (float)value)
        );
    }

    [Fact]
    public void A_penalty_is_on_the_weights_of_a_single_unit_too_and_not_on_its_bias()
    {
        using Network network = NetworkBuilder.Start(1, 1, 3).Dense(1).Build(1);
        var penalty = new NativeCnn.Losses.WeightPenalty(WeightPenaltyKind.L2, 1);
        Assert.Equal([true, false], network.Parameters.Select(penalty.AppliesTo));
    }

    [Fact]
    public void A_network_is_built_once()
    {
        Node end = NetworkBuilder.Start(1, 1, 3).Dense(2);
        using Network network = end.Build(1);
        Assert.Throws<InvalidOperationException>(() => end.Build(2));
    }
}
