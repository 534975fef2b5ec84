using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Layers;

/// <summary>
/// What <see cref="BrightnessNorm"/>, <see cref="DivisiveNorm"/> and <see cref="LocalResponseNorm"/> share: each divides
/// its input by something, which training keeps for the backward pass.
/// </summary>
public abstract class DividingNorm : Layer
{
    // The operand of the forward operation that is kept.
    private const int Divisor = 2;

    private protected DividingNorm() { }

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => First(inputs);

    /// <inheritdoc/>
    public override void Forward(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        bool isTraining = context.Phase == Phase.Training;
        Operation forward = DeclareForward(context.Input.Shape, isTraining);
        Operand divisor = forward.Operands[Divisor];
        context.SavedForBackward = isTraining ? [context.NewSymbol(divisor.Name, divisor.Shape)] : [];
        context.Call(forward, context.Input, context.Output, isTraining ? context.SavedForBackward[0] : null);
    }

    /// <inheritdoc/>
    public override void Backward(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.InputGradient() is { } inputGradient)
            context.Call(
                DeclareBackward(context.Input.Shape),
                context.Input,
                context.SavedForBackward[0],
                context.OutputGradient,
                inputGradient
            );
    }

    // Operands: input, output and what it is divided by, which is wanted in training.
    private protected abstract Operation DeclareForward(Shape shape, bool isTraining);

    // Operands: input, what it was divided by, output gradient and input gradient.
    private protected abstract Operation DeclareBackward(Shape shape);
}
