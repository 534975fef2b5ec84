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
/// LeNet-5 as it was published, for 32×32: C1 6@5×5, S2 trainable subsampling 2, C3 16@5×5 by a table of connections,
/// S4 subsampling 2, C5 120@5×5, F6 84 units, all with scaled tanh, and the squared distances of F6 to a code of each
/// class. 60,000 trained parameters for 32×32 and ten classes; the codes of the ten digits, 7×12 bitmaps, are fixed.
/// </summary>
/// <remarks>
/// <para>Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to document recognition", 1998,
/// section II.B. <see cref="LeNet"/> is Caffe's.</para>
/// <para>
/// The outputs are minus the distances, so that the nearest code has the largest, and softmax cross-entropy of them is
/// the paper's discriminative loss, equation 9, without its constant j; its equation 8, the mean distance to the right
/// code, draws towards that code alone. The constant keeps distances that are large already from being pushed further;
/// in the catalogue label smoothing does.
/// </para>
/// <para>
/// Weights start uniform in ±2.4/fanIn, as in the paper; a subsampling starts as a mean. Where there are not ten
/// classes the codes are learned.
/// </para>
/// </remarks>
public static class LeNet5
{
    /// <summary>Builds the network.</summary>
    /// <param name="example">The input, 1×H×W×C with H and W of 32 and a multiple of 4 more; 1×32×32×1.</param>
    /// <param name="classes">Outputs.</param>
    /// <param name="seed">The seed of the initial values.</param>
    /// <exception cref="ShapeException">The size does not go; the message names the layer.</exception>
    public static Network Create(Shape example, int classes, ulong seed = 1) =>
        Describe(example, classes).Build(seed, "lenet-5");

    internal static CatalogModel Entry { get; } =
        new("lenet-5", Describe, Train)
        {
            Example = new Shape(1, 32, 32, 1),
            Examples = new ExampleTransform
            {
                BorderRows = 2,
                BorderColumns = 2,
                Background = -0.1f,
                Ink = 1.175f,
            },
        };

    internal static Node Describe(Shape example, int classes) =>
        NetworkBuilder
            .Start(example)
            .Add(Features(6), "c1")
            .ScaledTanh()
            .Add(new Subsampling(2), "s2")
            .ScaledTanh()
            .Add(Features(16, ConnectionTable.LeNet5C3), "c3")
            .ScaledTanh()
            .Add(new Subsampling(2), "s4")
            .ScaledTanh()
            .Add(Features(120), "c5")
            .ScaledTanh()
            .Add(new Dense(84) { Initializer = Initializer.LeCun1989 }, "f6")
            .ScaledTanh()
            .Add(
                new RadialBasis(classes)
                {
                    HasDigitCodes = classes == 10,
                    IsLearned = classes != 10,
                    IsNegated = true,
                },
                "output"
            );

    private static Convolution Features(int maps, ConnectionTable? table = null) =>
        new(maps, 5) { Table = table, Initializer = Initializer.LeCun1989 };

    private static TrainerOptions Train() =>
        new()
        {
            Epochs = 15,
            BatchSize = 16,
            // Without it the units saturate before they generalise: 97.95 % instead of 98.6.
            Loss = new SoftmaxCrossEntropy { Smoothing = 0.1 },
            Optimizer = new Sgd { LearningRate = 4e-3f, Momentum = 0.9f },
            Schedule = new CosineSchedule(),
        };
}
