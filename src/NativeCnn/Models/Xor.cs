using NativeCnn.Initializers;
using NativeCnn.Layers;
using NativeCnn.Losses;
using NativeCnn.Networks;
using NativeCnn.Optimizers;
using NativeCnn.Tensors;
using NativeCnn.Training;

namespace NativeCnn.Models;

/// <summary>
/// The network that learns the exclusive or ([000]): two inputs, two hidden units, one output unit y, all tanh. Nine
/// parameters. The outputs of the two classes are −y and y, so that the sign of y decides.
/// </summary>
/// <remarks>
/// D. Rumelhart, G. Hinton, R. Williams, "Learning internal representations by error propagation", in "Parallel
/// Distributed Processing", 1986. Its error has local minima, from which 8 of the seeds 1 to 20 do not come out; seed 1 does.
/// </remarks>
public static class Xor
{
    /// <summary>Builds the network.</summary>
    /// <param name="seed">The seed of the initial values (Glorot's normal distribution, biases 0).</param>
    public static Network Create(ulong seed = 1) => Describe(Shape.Vector(1, 2), 2).Build(seed, "xor");

    internal static CatalogModel Entry { get; } =
        new("xor", Describe, Train)
        {
            Example = Shape.Vector(1, 2),
            Classes = 2,
            Data = "xor",
        };

    /// <exception cref="ShapeException">There are not two classes.</exception>
    internal static Node Describe(Shape example, int classes)
    {
        if (classes != 2)
            throw new ShapeException($"The exclusive or has 2 classes, not {classes}.");
        Node output = NetworkBuilder.Start(example).Add(Units(2)).Tanh().Add(Units(1)).Tanh();
        return output.Gain(-1).Concatenate(output);
    }

    private static Dense Units(int count) => new(count) { Initializer = Initializer.GlorotNormal };

    private static TrainerOptions Train() =>
        new()
        {
            Epochs = 5,
            BatchSize = 4,
            Loss = new SquaredError(low: -1, high: 1),
            Optimizer = new Sgd { LearningRate = 0.05f, Momentum = 0.9f },
        };
}
