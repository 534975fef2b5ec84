using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Operations;
using NativeCnn.Initializers;
using NativeCnn.Layers;
using NativeCnn.Networks;
using NativeCnn.Parameters;
using NativeCnn.Tensors;

namespace NativeCnn.Tests.Networks.Compilation;

/// <summary>The optional pass that propagates second derivatives: recorded as backward is, refused by name.</summary>
public sealed class SecondDerivativeTests
{
    [Fact]
    public void A_layer_without_the_pass_is_named()
    {
        using Network network = NetworkBuilder.Start(1, 1, 3).Dense(2).Softmax().Build(1);
        using var backend = new ManagedBackend();
        NotSupportedException refused = Assert.Throws<NotSupportedException>(() =>
            network.Compile(backend, 2, Phase.Training, order: BackwardOrder.SecondDerivatives)
        );
        Assert.Contains("'softmax1' (softmax) has no second derivatives", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_pass_runs_in_the_place_of_backward_and_adds_up_what_several_layers_read()
    {
        Node shifted = NetworkBuilder.Start(2, 2, 3).Add(new Shift());
        using Network network = shifted.Plus(shifted).MaxPooling(2).Flatten().Build(1);
        using var backend = new ManagedBackend();
        using CompiledNetwork compiled = network.Compile(
            backend,
            4,
            Phase.Training,
            order: BackwardOrder.SecondDerivatives
        );
        using Tensor input = NetworkCases.Input(network, 4, 1);
        compiled.ZeroGradients();
        compiled.Forward(input);
        compiled.OutputGradient.Span.Fill(0.5f);
        compiled.Backward();
        // Four examples, each output once at its maximum, through both readers: 4 · 2 · 0.5.
        Assert.Equal([4, 4, 4], compiled.Parameters[0].Gradient!.Span.ToArray());
    }

    // y = x, with a parameter of which the second derivative of the loss is that of the output, summed over all positions.
    private sealed class Shift : Layer
    {
        public override string Kind => "shift";

        public override Shape InferShape(ReadOnlySpan<Shape> inputs) => inputs[0];

        public override void Build(ReadOnlySpan<Shape> inputs) =>
            Parameters = [new Parameter("bias", Shape.Vector(1, inputs[0].Channels), Initializer.Zero)];

        public override void Forward(LayerContext context) =>
            context.Call(
                new ActivationForward(Activation.Identity, context.Input.Shape),
                context.Input,
                context.Output
            );

        public override void Backward(LayerContext context) =>
            throw new InvalidOperationException("The gradient was not asked for.");

        public override void BackwardSecondDerivatives(LayerContext context)
        {
            context.PassGradient(0, context.OutputGradient);
            context.Call(new BiasBackward(context.Input.Shape), context.OutputGradient, context.ParameterGradient(0));
        }
    }
}
