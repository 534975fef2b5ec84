using NativeCnn.Layers;
using NativeCnn.Networks;
using NativeCnn.Networks.Compilation;
using NativeCnn.Tensors;

namespace NativeCnn.Tests.Networks.Compilation;

public sealed class DifferentiationTests
{
    [Fact]
    public void Gradients_of_several_readers_are_joined_and_the_last_reader_comes_first()
    {
        Node dense = NetworkBuilder.Start(1, 1, 2).Dense(3);
        using Network network = dense.Builder.Build([dense.Tanh(), dense.Softmax(), dense]);
        Assert.Equal(
            [
                "SoftmaxBackward(softmax1 output, softmax1 output gradient → softmax1 input gradient)",
                "Addition(dense1 output gradient, softmax1 input gradient → dense1 gradient)",
                "ActivationBackward(tanh1 output, tanh1 output gradient → tanh1 input gradient)",
                "Addition(dense1 gradient, tanh1 input gradient → dense1 gradient)",
                "BiasBackward(dense1 gradient → dense1.bias gradient)",
                "DenseBackwardWeights(input, dense1 gradient → dense1.weight gradient)",
            ],
            Backward(network)
        );
    }

    [Fact]
    public void Gradients_that_are_there_already_are_passed_on_and_cost_nothing()
    {
        Node dense = NetworkBuilder.Start(1, 1, 2).Dense(3);
        using Network network = dense.Flatten().Plus(dense).Build();
        Assert.Equal(
            [
                "Addition(addition1 output gradient, addition1 output gradient → dense1 gradient)",
                "BiasBackward(dense1 gradient → dense1.bias gradient)",
                "DenseBackwardWeights(input, dense1 gradient → dense1.weight gradient)",
            ],
            Backward(network)
        );
    }

    [Fact]
    public void Gradients_that_nobody_wants_are_not_computed()
    {
        // Before the first parameter there is nothing to differentiate, on a branch neither.
        Node input = NetworkBuilder.Start(4, 4, 2);
        Node pooled = input.MaxPooling(2);
        using Network network = pooled.Convolution(3, 1).Concatenate(pooled.Tanh(), pooled).Build();
        Assert.Equal(
            [
                "ConcatenationBackward(concatenation1 output gradient → concatenation1 input gradient)",
                "BiasBackward(concatenation1 input gradient → convolution1.bias gradient)",
                "ConvolutionBackwardFilter(max-pooling1 output, concatenation1 input gradient"
                    + " → convolution1.weight gradient)",
            ],
            Backward(network)
        );
    }

    [Fact]
    public void At_inference_there_is_nothing_to_differentiate()
    {
        using Network network = NetworkCases.Create("residual");
        NetworkProgram program = ProgramText.Plan(network, Phase.Inference).Program;
        Assert.Empty(program.Backward);
        Assert.Empty(program.OutputGradients);
        Assert.All(network.Parameters, parameter => Assert.Null(program.Parameters.StoredGradient(parameter)));
    }

    [Fact]
    public void A_layer_that_forgets_a_gradient_is_named()
    {
        using Network network = NetworkBuilder.Start(1, 1, 2).Dense(3).Add(new Forgetful()).Build();
        var e = Assert.Throws<InvalidOperationException>(() => ProgramText.Plan(network, Phase.Training));
        Assert.Equal(
            "Layer 'test-forgetful1' (test-forgetful): its backward pass has no gradient for input 0.",
            e.Message
        );
    }

    private static string[] Backward(Network network) =>
        ProgramText.Plan(network, Phase.Training).Program.Backward.Lines();

    private sealed class Forgetful : Layer
    {
        public override string Kind => "test-forgetful";

        public override Shape InferShape(ReadOnlySpan<Shape> inputs) => inputs[0];

        public override void Forward(LayerContext context) => context.Output = context.Input;

        public override void Backward(LayerContext context) { }
    }
}
