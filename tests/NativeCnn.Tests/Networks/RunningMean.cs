using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Operations;
using NativeCnn.Initializers;
using NativeCnn.Layers;
using NativeCnn.Parameters;
using NativeCnn.Tensors;

namespace NativeCnn.Tests.Networks;

/// <summary>
/// A layer with state: in training it leaves its input as it is and keeps m ← ½m + ½·mean(x); at inference it takes m
/// away.
/// </summary>
internal class RunningMean : Layer
{
    public const string KindName = "test-running-mean";

    static RunningMean() => LayerRegistry.Register(KindName, _ => new RunningMean());

    public override string Kind => KindName;

    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => inputs[0];

    public override void Build(ReadOnlySpan<Shape> inputs) =>
        Parameters = [new Parameter("mean", Shape.Vector(1, 1), Initializer.Zero, 1, 1) { Role = ParameterRole.State }];

    public override void Forward(LayerContext context)
    {
        Shape shape = context.Input.Shape;
        if (context.Phase == Phase.Inference)
        {
            context.Call(new Subtract(shape), context.Input, context.Parameter(0), context.Output);
            return;
        }
        context.Call(new Update(shape), context.Input, context.Parameter(0));
        context.Output = context.Input;
    }

    public override void Backward(LayerContext context) => context.PassGradient(0, context.OutputGradient);

    /// <summary>A backend that computes everything, this layer's operations too.</summary>
    public static Backend CreateBackend(ElementType type = ElementType.Float32) =>
        new CompositeBackend(
            new OwnBackend(type)
                .With<Update>(operands =>
                {
                    double mean = TensorValues.Read(operands[0]!).Average();
                    TensorValues.Write([(TensorValues.Read(operands[1]!)[0] + mean) / 2], operands[1]!);
                })
                .With<Subtract>(operands =>
                {
                    double mean = TensorValues.Read(operands[1]!)[0];
                    TensorValues.Write([.. TensorValues.Read(operands[0]!).Select(x => x - mean)], operands[2]!);
                }),
            new ManagedBackend(type)
        );

    private sealed class Update(Shape shape)
        : Operation("forward", 1, [Operand.Read("input", shape), Operand.Updated("mean", Shape.Vector(1, 1))]);

    private sealed class Subtract(Shape shape)
        : Operation(
            "forward",
            1,
            [
                Operand.Read("input", shape),
                Operand.Read("mean", Shape.Vector(1, 1)),
                Operand.Overwritten("output", shape, mayBe: "input"),
            ]
        );
}
