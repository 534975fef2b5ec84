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
using BorderKind = NativeCnn.Backends.Operations.BorderKind;

namespace NativeCnn.Models;

/// <summary>
/// The network of 1989 for digits of 16×16: H1 of 12 maps of 8×8 units, 5×5 kernels at every second pixel; H2 of 12
/// maps of 4×4, likewise, each of which sees 8 maps of H1; H3 of 30 units; one output per class. Scaled tanh
/// throughout, and a bias for each unit, not for each map. For 16×16 and ten classes 9,760 free parameters.
/// </summary>
/// <remarks>
/// <para>Y. LeCun et al., "Backpropagation applied to handwritten zip code recognition", Neural Computation 1, 1989. It
/// is trained by <see cref="SquaredError"/> against targets of ±1 and, as there, one example at a time by <see
/// cref="DiagonalLevenbergMarquardt"/>.</para>
/// <para>
/// What the paper leaves open: where H1's kernels pass the image they see its edge again, which is background, two
/// pixels on each side; those of H2 see 0. H2's map j sees H1's maps j to j + 7, from 11 on counted from 0 again, so
/// that each feeds as many. Weights start uniform in ±2.4/fanIn, as in the paper, biases at 0.
/// </para>
/// </remarks>
public static class LeCun1989
{
    private const int Maps = 12;
    private const int MapsSeen = 8;

    /// <summary>Builds the network.</summary>
    /// <param name="example">The input, 1×H×W×C of any size; 1×16×16×1 in the paper.</param>
    /// <param name="classes">Outputs.</param>
    /// <param name="seed">The seed of the initial values.</param>
    public static Network Create(Shape example, int classes, ulong seed = 1) =>
        Describe(example, classes).Build(seed, "lecun-1989");

    internal static Node Describe(Shape example, int classes) =>
        NetworkBuilder
            .Start(example)
            .Add(new BorderPadding(BorderKind.Replication, Padding.All(2)))
            .Add(Features())
            .ScaledTanh()
            .Add(Features(Padding.All(2), H2Table))
            .ScaledTanh()
            .Add(new Dense(30) { Initializer = Initializer.LeCun1989 })
            .ScaledTanh()
            .Add(new Dense(classes) { Initializer = Initializer.LeCun1989 })
            .ScaledTanh();

    internal static CatalogModel Entry { get; } =
        new("lecun-1989", Describe, Train)
        {
            Example = new Shape(1, 16, 16, 1),
            Examples = new ExampleTransform
            {
                Side = 16,
                Background = -1,
                Ink = 1,
            },
        };

    private static TrainerOptions Train() =>
        new()
        {
            Epochs = 20,
            BatchSize = 1,
            Loss = new SquaredError(low: -1, high: 1),
            Optimizer = new DiagonalLevenbergMarquardt { LearningRate = 5e-4f },
            Schedule = new CosineSchedule(),
        };

    private static ConnectionTable H2Table { get; } =
        new([
            .. Enumerable.Range(0, Maps).Select(map => Enumerable.Range(map, MapsSeen).Select(i => i % Maps).ToArray()),
        ]);

    private static Convolution Features(Padding padding = default, ConnectionTable? table = null) =>
        new(Maps, 5)
        {
            Stride = 2,
            Padding = padding,
            Table = table,
            HasBiasPerUnit = true,
            Initializer = Initializer.LeCun1989,
        };
}
