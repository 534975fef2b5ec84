// A point-wise operation and its gradient, and the layer that is made of them. The fast kernels are in FastBackend.cs.
using NativeCnn.Backends;
using NativeCnn.Backends.Operations;
using NativeCnn.Layers;
using NativeCnn.Tensors;

namespace Extensions;

/// <summary>
/// y = max(0, x)². So et al., "Primer: searching for efficient transformers for language modeling", 2021.
/// </summary>
public sealed class SquaredReluForward(Shape shape)
    : Operation(
        pass: "forward",
        // Nothing is summed: all backends give the same bits.
        sumLength: 0,
        [Operand.Read("input", shape), Operand.Overwritten("output", shape, mayBe: "input")]
    );

/// <summary>dx = 2 max(0, x) dy.</summary>
public sealed class SquaredReluBackward(Shape shape)
    : Operation(
        pass: "backward-activation",
        sumLength: 0,
        [
            Operand.Read("input", shape),
            Operand.Read("outputGradient", shape),
            Operand.Overwritten("inputGradient", shape, mayBe: "outputGradient"),
        ]
    );

internal sealed class SquaredReluForwardKernel(Backend backend, SquaredReluForward operation)
    : PlainKernel(backend, operation)
{
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        ReadOnlySpan<T> x = Elements<T>(operands[0]);
        Span<T> y = Elements<T>(operands[1]);
        for (int k = 0; k < y.Length; k++)
        {
            T r = T.Max(x[k], T.Zero);
            y[k] = r * r;
        }
    }
}

internal sealed class SquaredReluBackwardKernel(Backend backend, SquaredReluBackward operation)
    : PlainKernel(backend, operation)
{
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        ReadOnlySpan<T> x = Elements<T>(operands[0]);
        ReadOnlySpan<T> dy = Elements<T>(operands[1]);
        Span<T> dx = Elements<T>(operands[2]);
        for (int k = 0; k < dx.Length; k++)
            dx[k] = (T.One + T.One) * T.Max(x[k], T.Zero) * dy[k];
    }
}

/// <summary>The squared ReLU as a layer. Any shape, kept.</summary>
public sealed class SquaredRelu : Layer
{
    public override string Kind => "squared-relu";

    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => inputs[0];

    public override void Forward(LayerContext context) =>
        context.Call(new SquaredReluForward(context.Input.Shape), context.Input, context.Output);

    public override void Backward(LayerContext context)
    {
        if (context.InputGradient() is { } inputGradient)
            context.Call(
                new SquaredReluBackward(context.Input.Shape),
                context.Input,
                context.OutputGradient,
                inputGradient
            );
    }
}
