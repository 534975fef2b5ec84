using NativeCnn.Backends;
using NativeCnn.Data;
using NativeCnn.Layers;
using NativeCnn.Networks;
using NativeCnn.Optimizers;
using NativeCnn.Schedules;
using NativeCnn.Tensors;
using NativeCnn.Training;

namespace NativeCnn.Models;

/// <summary>How a scan joins the outputs of its positions.</summary>
public enum ScanJoin
{
    /// <summary>
    /// The largest of each class: whether it is anywhere. Does not change where a pattern is shifted.
    /// </summary>
    Max,

    /// <summary>
    /// Softmax over all positions and classes, then each class's sum over the positions: probabilities, for which the
    /// loss is no softmax cross-entropy. Does not change where a pattern is shifted.
    /// </summary>
    Softmax,

    /// <summary>A perceptron over all positions' outputs, after ReLU: it learns where to look.</summary>
    Perceptron,
}

/// <summary>
/// A scanning multi-layer perceptron ([003], parts 1 to 3): the same network, one hidden layer of ReLU and an output
/// per class, at every position of an image, and the positions' outputs joined. Written as convolutions: the hidden
/// layer is one of the window's size, the output layer one of 1×1.
/// </summary>
/// <remarks>
/// In the catalogue: windows of 24×24 at every second pixel, 100 hidden units, joined by max, for digits anywhere in a
/// field of 40×40. 58,710 parameters.
/// </remarks>
public static class ScanningMlp
{
    private const int Window = 24;
    private const int Stride = 2;
    private const int Hidden = 100;

    /// <summary>Builds the network.</summary>
    /// <param name="example">The input, 1×H×W×C, no smaller than the window.</param>
    /// <param name="classes">Outputs.</param>
    /// <param name="window">Rows and columns that the perceptron sees; 24×24 if null.</param>
    /// <param name="stride">Rows and columns from one position to the next; 2 if null.</param>
    /// <param name="hidden">Hidden units.</param>
    /// <param name="join">How the positions are joined.</param>
    /// <param name="seed">The seed of the initial values (He's normal distribution, biases 0).</param>
    /// <exception cref="ShapeException">The examples are smaller than the window.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such join.</exception>
    public static Network Create(
        Shape example,
        int classes,
        Size2? window = null,
        Size2? stride = null,
        int hidden = Hidden,
        ScanJoin join = ScanJoin.Max,
        ulong seed = 1
    ) => Describe(example, classes, window ?? Window, stride ?? Stride, hidden, join).Build(seed, "scanning-mlp");

    internal static CatalogModel Entry { get; } =
        new(
            "scanning-mlp",
            (example, classes) => Describe(example, classes, Window, Stride, Hidden, ScanJoin.Max),
            Train
        )
        {
            Example = new Shape(1, 40, 40, 1),
            Examples = new ExampleTransform
            {
                BorderRows = 6,
                BorderColumns = 6,
                IsScattered = true,
                Background = 0,
                Ink = 1,
            },
        };

    /// <summary>The outputs of all positions as one, per class.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such join.</exception>
    internal static Node Join(Node positions, ScanJoin join) =>
        join switch
        {
            ScanJoin.Max => positions.Add(new AdaptiveMaxPooling(1)),
            ScanJoin.Softmax => positions
                .Softmax()
                .Add(new AdaptiveAveragePooling(1))
                .Gain(positions.Shape.Height * positions.Shape.Width),
            ScanJoin.Perceptron => positions.Relu().Dense(positions.Shape.Channels),
            _ => throw new ArgumentOutOfRangeException(nameof(join), join, "There is no such join."),
        };

    private static Node Describe(Shape example, int classes, Size2 window, Size2 stride, int hidden, ScanJoin join) =>
        Join(NetworkBuilder.Start(example).Convolution(hidden, window, stride).Relu().Convolution(classes, 1), join);

    private static TrainerOptions Train() =>
        new()
        {
            Epochs = 15,
            Optimizer = new Adam { LearningRate = 2e-3f },
            Schedule = new CosineSchedule(),
        };
}
