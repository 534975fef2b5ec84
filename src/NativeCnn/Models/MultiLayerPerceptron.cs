using NativeCnn.Networks;
using NativeCnn.Optimizers;
using NativeCnn.Schedules;
using NativeCnn.Tensors;
using NativeCnn.Training;

namespace NativeCnn.Models;

/// <summary>
/// A multi-layer perceptron of three layers ([000]): 300 and 100 units with ReLU, dropout ½ before the last layer, one
/// output per class. 266,610 parameters for 28×28 and ten classes.
/// </summary>
/// <remarks>
/// The sizes are those of the network 28×28-300-100-10 of Y. LeCun et al., "Gradient-based learning applied to document
/// recognition", 1998, whose units are tanh and which has no dropout.
/// </remarks>
public static class MultiLayerPerceptron
{
    /// <summary>Builds the network.</summary>
    /// <param name="example">The input, 1×H×W×C.</param>
    /// <param name="classes">Outputs.</param>
    /// <param name="seed">The seed of the initial values (He's normal distribution, biases 0) and of dropout.</param>
    public static Network Create(Shape example, int classes, ulong seed = 1) =>
        Describe(example, classes).Build(seed, "mlp");

    internal static CatalogModel Entry { get; } = new("mlp", Describe, Train);

    internal static Node Describe(Shape example, int classes) =>
        NetworkBuilder.Start(example).Dense(300).Relu().Dense(100).Relu().Dropout().Dense(classes);

    private static TrainerOptions Train() =>
        new()
        {
            Epochs = 20,
            Optimizer = new Sgd
            {
                LearningRate = 0.02f,
                Momentum = 0.9f,
                WeightDecay = 5e-4f,
            },
            Schedule = new CosineSchedule(),
        };
}
