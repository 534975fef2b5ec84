using NativeCnn.Initializers;
using NativeCnn.Layers;
using NativeCnn.Networks;
using NativeCnn.Optimizers;
using NativeCnn.Tensors;
using NativeCnn.Training;

namespace NativeCnn.Models;

/// <summary>
/// One layer: an output per class from every pixel ([000]; F. Rosenblatt, "The perceptron", 1958). Its threshold is the
/// largest output's, and softmax cross-entropy trains it in place of the perceptron's rule. 7,850 parameters for
/// 28×28 and ten classes.
/// </summary>
public static class Perceptron
{
    /// <summary>Builds the network.</summary>
    /// <param name="example">The input, 1×H×W×C.</param>
    /// <param name="classes">Outputs.</param>
    /// <param name="seed">The seed of the initial values (uniform in ±√3 / √fanIn).</param>
    public static Network Create(Shape example, int classes, ulong seed = 1) =>
        Describe(example, classes).Build(seed, "perceptron");

    internal static CatalogModel Entry { get; } = new("perceptron", Describe, Train);

    internal static Node Describe(Shape example, int classes) =>
        NetworkBuilder.Start(example).Add(new Dense(classes) { Initializer = Initializer.LeCunUniform });

    private static TrainerOptions Train() =>
        new()
        {
            Epochs = 10,
            Optimizer = new Sgd { LearningRate = 0.01f, WeightDecay = 1e-3f },
        };
}
