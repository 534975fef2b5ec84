using NativeCnn.Backends;
using NativeCnn.Tensors;

namespace NativeCnn.Tests.Backends;

public static partial class OperationCases
{
    /// <summary>Shapes with fewer elements than a vector, with a rest, and with enough for several threads.</summary>
    private static readonly Shape[] PointWiseShapes = [new(1, 1, 1, 1), new(3, 5, 7, 3), new(4, 24, 24, 20)];

    private static IEnumerable<OperationCase> PointWise()
    {
        foreach (Shape shape in PointWiseShapes)
        {
            foreach (Activation activation in Activations)
            {
                yield return new(
                    $"ActivationForward {shape}, {NameOf(activation)}",
                    // Wide enough to reach both ends of tanh and the logistic function.
                    [Input("input", shape, Fillers.Between(-12, 12)), Overwritten("output", shape)],
                    activation.Kind is ActivationKind.Identity or ActivationKind.Relu ? 0 : 4,
                    Body((b, t) => b.ActivationForward(activation, t[0], t[1]))
                );
                yield return new(
                    $"ActivationBackward {shape}, {NameOf(activation)}",
                    [
                        Input("output", shape, Fillers.OutputOf(activation)),
                        Input("outputGradient", shape),
                        Overwritten("inputGradient", shape),
                    ],
                    activation.Kind is ActivationKind.Identity or ActivationKind.Relu ? 0 : 4,
                    Body((b, t) => b.ActivationBackward(activation, t[0], t[1], t[2]))
                );
            }
            foreach (float probability in new[] { 0, 0.1f, 0.5f, 0.9f })
            {
                DropoutMask mask = new(0x1234_5678_9ABC_DEF0, probability);
                yield return new(
                    $"DropoutApply {shape}, p = {probability}",
                    [Input("input", shape), Overwritten("output", shape)],
                    0,
                    Body((b, t) => b.DropoutApply(mask, t[0], t[1]))
                );
            }
            yield return new(
                $"Accumulate {shape}",
                [Input("values", shape), Accumulated("accumulator", shape)],
                0,
                Body((b, t) => b.Accumulate(t[0], t[1]))
            );
        }
    }

    private static IEnumerable<OperationCase> Updates()
    {
        SgdStep[] steps = [new(0.1f, 0, 0), new(0.01f, 0.9f, 0), new(0.01f, 0.9f, 5e-4f), new(0.5f, 0, 0.1f)];
        foreach (Shape shape in PointWiseShapes)
        {
            foreach (SgdStep step in steps)
            {
                string name = $"{shape}, rate {step.LearningRate}, momentum {step.Momentum}, decay {step.WeightDecay}";
                yield return new(
                    $"SgdUpdate {name}",
                    [Input("gradient", shape), Updated("velocity", shape), Updated("values", shape)],
                    4,
                    Body((b, t) => b.SgdUpdate(step, t[0], t[1], t[2]))
                );
                if (step.Momentum == 0)
                {
                    yield return new(
                        $"SgdUpdate {name}, no velocity",
                        [Input("gradient", shape), Updated("values", shape)],
                        4,
                        Body((b, t) => b.SgdUpdate(step, t[0], null, t[1]))
                    );
                }
            }
        }
    }
}
