using NativeCnn.Backends;
using NativeCnn.Tensors;

namespace NativeCnn.Tests.Backends;

public static partial class OperationCases
{
    /// <summary>Inputs and weights of dense layers; weights in both of their shapes.</summary>
    private static readonly (Shape Input, Shape Weights)[] DenseShapes =
    [
        (new(1, 1, 1, 1), new(1, 1, 1, 1)),
        (new(3, 1, 1, 5), new(4, 1, 1, 5)),
        (new(1, 1, 1, 33), new(17, 1, 1, 33)),
        (new(3, 2, 3, 4), new(5, 2, 3, 4)),
        (new(3, 2, 3, 4), new(5, 1, 1, 24)),
        (new(65, 1, 1, 16), new(3, 1, 1, 16)),
        (new(7, 1, 1, 1), new(1, 1, 1, 1)),
        // LeNet.
        (new(3, 4, 4, 50), new(500, 4, 4, 50)),
        (new(3, 1, 1, 500), new(10, 1, 1, 500)),
    ];

    private static IEnumerable<OperationCase> Denses()
    {
        for (int k = 0; k < DenseShapes.Length; k++)
        {
            (Shape input, Shape weights) = DenseShapes[k];
            Shape output = Shape.Vector(input.Batch, weights.Batch);
            Activation activation = Activations[k % Activations.Count];
            string name = $"{input} → {output}, weights {weights}";
            yield return new(
                $"DenseForward {name}, bias, {NameOf(activation)}",
                [
                    Input("input", input),
                    Input("weights", weights),
                    Input("bias", Shape.Vector(1, weights.Batch)),
                    Overwritten("output", output),
                ],
                input.ExampleCount + 1,
                Body((b, t) => b.DenseForward(t[0], t[1], t[2], activation, t[3]))
            );
            yield return new(
                $"DenseForward {name}, no bias",
                [Input("input", input), Input("weights", weights), Overwritten("output", output)],
                input.ExampleCount,
                Body((b, t) => b.DenseForward(t[0], t[1], null, Activation.Identity, t[2]))
            );
            yield return new(
                $"DenseBackwardData {name}",
                [Input("outputGradient", output), Input("weights", weights), Overwritten("inputGradient", input)],
                weights.Batch,
                Body((b, t) => b.DenseBackwardData(t[0], t[1], t[2]))
            );
            yield return new(
                $"DenseBackwardWeights {name}",
                [Input("input", input), Input("outputGradient", output), Accumulated("weightGradient", weights)],
                input.Batch + 1,
                Body((b, t) => b.DenseBackwardWeights(t[0], t[1], t[2]))
            );
            yield return new(
                $"DenseUpdateWeights {name}, velocity",
                [
                    Input("input", input),
                    Input("outputGradient", output),
                    Updated("velocity", weights),
                    Updated("weights", weights),
                ],
                input.Batch + 4,
                Body((b, t) => b.DenseUpdateWeights(t[0], t[1], new SgdStep(0.1f, 0.9f, 0.01f), t[2], t[3]))
            );
            yield return new(
                $"DenseUpdateWeights {name}, no velocity",
                [Input("input", input), Input("outputGradient", output), Updated("weights", weights)],
                input.Batch + 4,
                Body((b, t) => b.DenseUpdateWeights(t[0], t[1], new SgdStep(0.1f, 0, 0.01f), null, t[2]))
            );
        }
    }
}
