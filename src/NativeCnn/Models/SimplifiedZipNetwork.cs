using NativeCnn.Backends;
using NativeCnn.Data;
using NativeCnn.Initializers;
using NativeCnn.Layers;
using NativeCnn.Losses;
using NativeCnn.Networks;
using NativeCnn.Optimizers;
using NativeCnn.Schedules;
using NativeCnn.Tensors;
using NativeCnn.Training;

namespace NativeCnn.Models;

/// <summary>
/// [001]'s simplified form of the network of 1989: a convolution with a bias per unit, softplus, every second row and
/// column, all that a second time, and one output layer with softplus and without bias; ½ squared error against
/// one-of-c targets. Here 12 and 24 maps of 5×5 kernels where [001] draws one, and softplus with k = 5.
/// </summary>
/// <remarks>
/// [001], "An example of CNN", after Y. LeCun et al., "Backpropagation applied to handwritten zip code recognition",
/// 1989. The maps keep the image's size, as [001]'s sums from −h to h do; outside it all is 0, which is background.
/// </remarks>
public static class SimplifiedZipNetwork
{
    private const float K = 5;

    /// <summary>Builds the network.</summary>
    /// <param name="example">The input, 1×H×W×C of any size; 1×28×28×1 for MNIST.</param>
    /// <param name="classes">Outputs.</param>
    /// <param name="seed">The seed of the initial values (Glorot's uniform distribution, biases 0).</param>
    public static Network Create(Shape example, int classes, ulong seed = 1) =>
        Describe(example, classes).Build(seed, "zip-simplified");

    internal static CatalogModel Entry { get; } =
        new("zip-simplified", Describe, Train)
        {
            Examples = new ExampleTransform { Background = 0, Ink = 1 },
        };

    internal static Node Describe(Shape example, int classes) =>
        NetworkBuilder
            .Start(example)
            .Add(Features(12))
            .Softplus(K)
            .Add(new Skipping(2))
            .Add(Features(24))
            .Softplus(K)
            .Add(new Skipping(2))
            .Add(new Dense(classes) { Bias = false, Initializer = Initializer.GlorotUniform })
            .Softplus(K);

    private static Convolution Features(int maps) =>
        new(maps, 5)
        {
            Padding = Padding.Same(5),
            HasBiasPerUnit = true,
            Initializer = Initializer.GlorotUniform,
        };

    private static TrainerOptions Train() =>
        new()
        {
            Epochs = 10,
            BatchSize = 32,
            Loss = new SquaredError(),
            // SGD's first steps drive outputs so far below 0 that softplus lets no gradient back.
            Optimizer = new Adam { LearningRate = 1e-3f },
            Schedule = new CosineSchedule(),
        };
}
