using NativeCnn.Data;
using NativeCnn.Networks;
using NativeCnn.Optimizers;
using NativeCnn.Schedules;
using NativeCnn.Tensors;
using NativeCnn.Training;

namespace NativeCnn.Models;

/// <summary>
/// A time-delay network ([003]): the same multi-layer perceptron at every position of a signal, its outputs joined, by
/// the largest of each class unless told otherwise. Its layers look at 5 samples, at 5 outputs of those, and at 12 of
/// these, so that a position sees 20 samples; they are convolutions along the signal, of 32 and 64 units with ReLU and
/// one per class.
/// </summary>
/// <remarks>
/// A. Waibel et al., "Phoneme recognition using time-delay neural networks", 1989, whose sums over time the maximum
/// replaces. In the catalogue: digits as signals whose samples are the rows of an image, of 28 channels each, anywhere
/// in 40 samples.
/// </remarks>
public static class TimeDelayNetwork
{
    /// <summary>How many samples a position sees.</summary>
    internal const int Window = 20;

    /// <summary>Builds the network.</summary>
    /// <param name="example">The input, 1×1×T×C with T of 20 or more.</param>
    /// <param name="classes">Outputs.</param>
    /// <param name="join">How the positions are joined.</param>
    /// <param name="seed">The seed of the initial values (He's normal distribution, biases 0).</param>
    /// <exception cref="ShapeException">The signal is too short, or no signal.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such join.</exception>
    public static Network Create(Shape example, int classes, ScanJoin join = ScanJoin.Max, ulong seed = 1) =>
        Describe(example, classes, join).Build(seed, "tdnn");

    internal static CatalogModel Entry { get; } =
        new("tdnn", (example, classes) => Describe(example, classes, ScanJoin.Max), Train)
        {
            Example = new Shape(1, 1, 40, 28),
            Examples = new ExampleTransform
            {
                BorderRows = 6,
                IsScattered = true,
                IsSignal = true,
                Background = 0,
                Ink = 1,
            },
        };

    private static Node Describe(Shape example, int classes, ScanJoin join)
    {
        if (example.Height != 1)
            throw new ShapeException($"A time-delay network takes signals, of height 1; the examples are {example}.");
        Node positions = NetworkBuilder
            .Start(example)
            .SignalConvolution(32, 5)
            .Relu()
            .SignalConvolution(64, 5)
            .Relu()
            .SignalConvolution(classes, 12);
        return ScanningMlp.Join(positions, join);
    }

    private static TrainerOptions Train() =>
        new()
        {
            Epochs = 15,
            Optimizer = new Adam { LearningRate = 2e-3f },
            Schedule = new CosineSchedule(),
        };
}
