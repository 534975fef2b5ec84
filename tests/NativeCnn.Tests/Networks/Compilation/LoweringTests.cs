using NativeCnn.Backends.Managed;
using NativeCnn.Layers;
using NativeCnn.Networks;
using NativeCnn.Tensors;
using Addition = NativeCnn.Backends.Operations.Addition;

namespace NativeCnn.Tests.Networks.Compilation;

public sealed class LoweringTests
{
    [Fact]
    public void Layers_record_the_operations_of_a_phase()
    {
        using Network network = NetworkBuilder.Start(4, 4, 1).Convolution(2, 3).Relu().Dropout().MaxPooling(2).Build();
        Assert.Equal(
            [
                "ConvolutionForward(input, convolution1.weight, convolution1.bias → convolution1 output)",
                "MaxPoolingForward(convolution1 output → max-pooling1 output)",
            ],
            Forward(network, Phase.Inference)
        );
        Assert.Equal(
            [
                "ConvolutionForward(input, convolution1.weight, convolution1.bias → convolution1 output)",
                "Dropout(convolution1 output → dropout1 output)",
                "MaxPoolingForward(dropout1 output → max-pooling1 output, max-pooling1 argmax)",
            ],
            Forward(network, Phase.Training)
        );
    }

    [Fact]
    public void Views_are_free_but_those_of_a_networks_input_are_copied()
    {
        using Network network = NetworkBuilder.Start(2, 2, 1).Flatten().Dense(4).Flatten().Dropout().Build();
        Assert.Equal(
            [
                "ActivationForward(input → flatten1 copy)",
                "DenseForward(flatten1 copy, dense1.weight, dense1.bias → dense1 output)",
            ],
            Forward(network, Phase.Inference)
        );
    }

    [Theory]
    [InlineData(Phase.Inference)]
    [InlineData(Phase.Training)]
    public void Every_run_reads_the_input_that_it_is_given(Phase phase)
    {
        Node input = NetworkBuilder.Start(2, 2, 1);
        Node twice = input.Add(new OwnView());
        using Network network = input.Builder.Build([input.Flatten(), input.Dropout(0), twice]);
        using var backend = new ManagedBackend();
        using CompiledNetwork compiled = network.Compile(backend, 1, phase);
        foreach (ulong seed in (ulong[])[1, 2])
        {
            using Tensor given = NetworkCases.Input(network, 1, seed);
            float[] expected = given.Span.ToArray();
            compiled.Forward(given);
            given.Clear();
            Assert.Equal(expected, compiled.Outputs[0].Span.ToArray());
            Assert.Equal(expected, compiled.Outputs[1].Span.ToArray());
            Assert.Equal(expected.Select(x => 2 * x), compiled.Outputs[2].Span.ToArray());
        }
    }

    [Fact]
    public void Operands_that_are_not_those_of_the_declaration_name_layer_and_operand()
    {
        using Network network = NetworkBuilder.Start(2, 2, 1).Add(new OwnView { IsWrong = true }, "doubled").Build();
        var e = Assert.Throws<ShapeException>(() => ProgramText.Plan(network, Phase.Inference));
        Assert.Contains("layer 'doubled' gives input Float32 2×2×2×1 for right", e.Message, StringComparison.Ordinal);
    }

    private static string[] Forward(Network network, Phase phase) =>
        ProgramText.Plan(network, phase).Program.Forward.Lines();

    /// <summary>x + x, computed on views of the input and of the output.</summary>
    private sealed class OwnView : Layer
    {
        public bool IsWrong { get; init; }

        public override string Kind => "test-own-view";

        public override Shape InferShape(ReadOnlySpan<Shape> inputs) => inputs[0];

        public override void Forward(LayerContext context)
        {
            Symbol input = context.Input;
            Shape row = Shape.Vector(1, input.Shape.Count);
            Symbol view = input.View(row);
            context.Call(new Addition(row), view, IsWrong ? input : view, context.Output.View(row));
        }

        public override void Backward(LayerContext context) { }
    }
}
