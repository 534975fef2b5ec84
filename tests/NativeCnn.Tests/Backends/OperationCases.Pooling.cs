using NativeCnn.Backends;

namespace NativeCnn.Tests.Backends;

public static partial class OperationCases
{
    /// <summary>The geometries that every pooling is checked on.</summary>
    public static IReadOnlyList<PoolingGeometry> PoolingGeometries { get; } =
    [
        new(new(1, 1, 1, 1), 1),
        new(new(3, 6, 8, 3), 2),
        new(new(1, 7, 7, 17), 2),
        new(new(1, 6, 6, 33), 3),
        // Overlapping, gaps between windows, padding on all or some sides.
        new(new(3, 9, 9, 4), 3, stride: 2),
        new(new(1, 8, 7, 16), 3, stride: 2, padding: Padding.All(1)),
        new(new(1, 5, 5, 3), 3, stride: 1, padding: Padding.All(1)),
        new(new(1, 9, 9, 4), 2, stride: 3),
        new(new(3, 6, 7, 3), new(3, 4), stride: new(2, 1), padding: new(2, 1, 0, 3)),
        new(new(1, 2, 2, 5), 3, stride: 1, padding: new(0, 2, 1, 0)),
        // One dimension; the whole image.
        new(new(3, 1, 12, 4), new(1, 3), stride: new(1, 2)),
        new(new(3, 5, 4, 10), new(5, 4)),
        // Exactly 256 places, and more: a place then needs two bytes.
        new(new(1, 16, 17, 3), 16, stride: 1),
        new(new(1, 20, 19, 3), new(17, 18), stride: 1, padding: new(2, 0, 3, 1)),
        // LeNet.
        new(new(3, 24, 24, 20), 2),
        new(new(3, 8, 8, 50), 2),
    ];

    private static IEnumerable<OperationCase> Poolings()
    {
        foreach (PoolingGeometry g in PoolingGeometries)
        {
            int overlap = Overlap(g.WindowHeight, g.StrideY) * Overlap(g.WindowWidth, g.StrideX);
            Filler[] fillers = [Fillers.Uniform, Fillers.WithTies];
            foreach (Filler filler in fillers)
            {
                string ties = filler == Fillers.WithTies ? ", ties" : "";
                yield return new(
                    $"MaxPoolingForward {g}{ties}",
                    [
                        Input("input", g.Input, filler),
                        Overwritten("output", g.Output),
                        Overwritten("argmax", g.Output, g.IndexType),
                    ],
                    0,
                    Body((b, t) => b.MaxPoolingForward(g, t[0], t[1], t[2]))
                );
            }
            yield return new(
                $"MaxPoolingForward {g}, no argmax",
                [Input("input", g.Input), Overwritten("output", g.Output)],
                0,
                Body((b, t) => b.MaxPoolingForward(g, t[0], t[1], null))
            );
            yield return new(
                $"MaxPoolingBackward {g}",
                [
                    Input("outputGradient", g.Output),
                    Input("argmax", g.Output, Fillers.Places(g), g.IndexType),
                    Overwritten("inputGradient", g.Input),
                ],
                overlap == 1 ? 0 : overlap,
                Body((b, t) => b.MaxPoolingBackward(g, t[0], t[1], t[2]))
            );
            foreach (bool countPadding in new[] { false, true })
            {
                PoolingGeometry average = CountingPadding(g, countPadding);
                string divisor = countPadding ? "padding counted" : "padding not counted";
                yield return new(
                    $"AveragePoolingForward {g}, {divisor}",
                    [Input("input", g.Input), Overwritten("output", g.Output)],
                    g.WindowHeight * g.WindowWidth,
                    Body((b, t) => b.AveragePoolingForward(average, t[0], t[1]))
                );
                yield return new(
                    $"AveragePoolingBackward {g}, {divisor}",
                    [Input("outputGradient", g.Output), Overwritten("inputGradient", g.Input)],
                    overlap,
                    Body((b, t) => b.AveragePoolingBackward(average, t[0], t[1]))
                );
            }
        }
    }

    /// <summary>The same sizes with padding in the divisor, or not.</summary>
    public static PoolingGeometry CountingPadding(in PoolingGeometry g, bool countPadding) =>
        new(
            g.Input,
            new(g.WindowHeight, g.WindowWidth),
            new(g.StrideY, g.StrideX),
            new(g.PadTop, g.PadLeft, g.PadBottom, g.PadRight),
            countPadding
        );

    /// <summary>How many windows one pixel can lie in along an axis.</summary>
    private static int Overlap(int window, int stride) => (window + stride - 1) / stride;
}
