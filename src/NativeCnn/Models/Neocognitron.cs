using NativeCnn.Layers;
using NativeCnn.Networks;
using NativeCnn.Optimizers;
using NativeCnn.Schedules;
using NativeCnn.Tensors;
using NativeCnn.Training;

namespace NativeCnn.Models;

/// <summary>
/// Planes of simple and complex cells in turn, in the manner of the neocognitron ([003], 5.1). Simple cells look for a
/// feature, convolutions of 5×5, 5×5 and 3×3 with ReLU: 12, 32 and 64 planes. Complex cells pool a plane so that the
/// place matters less: the root mean square of 4×4 and 3×3 cells, at every second one, and of all that are left. One
/// output per class.
/// </summary>
/// <remarks>
/// K. Fukushima, "Neocognitron: a self-organizing neural network model for a mechanism of pattern recognition
/// unaffected by shift in position", 1980. His simple cells are inhibited by their surroundings and learn without a teacher; here
/// ReLU's threshold is all the inhibition, and back-propagation the teacher.
/// </remarks>
public static class Neocognitron
{
    /// <summary>Builds the network.</summary>
    /// <param name="example">The input, 1×H×W×C with H and W of 28 or more; 1×28×28×1 for MNIST.</param>
    /// <param name="classes">Outputs.</param>
    /// <param name="seed">The seed of the initial values (He's normal distribution, biases 0).</param>
    /// <exception cref="ShapeException">The examples are too small; the message names the layer.</exception>
    public static Network Create(Shape example, int classes, ulong seed = 1) =>
        Describe(example, classes).Build(seed, "neocognitron");

    internal static CatalogModel Entry { get; } = new("neocognitron", Describe, Train);

    internal static Node Describe(Shape example, int classes)
    {
        Node x = NetworkBuilder.Start(example).Add(new Convolution(12, 5), "s1").Relu().Add(new L2Pooling(4, 2), "c1");
        x = x.Add(new Convolution(32, 5), "s2").Relu().Add(new L2Pooling(3, 2), "c2");
        x = x.Add(new Convolution(64, 3), "s3").Relu();
        return x.Add(new L2Pooling(new Backends.Size2(x.Shape.Height, x.Shape.Width)), "c3").Dense(classes);
    }

    private static TrainerOptions Train() =>
        new()
        {
            Epochs = 10,
            Optimizer = new Adam { LearningRate = 1e-3f },
            Schedule = new CosineSchedule(),
        };
}
