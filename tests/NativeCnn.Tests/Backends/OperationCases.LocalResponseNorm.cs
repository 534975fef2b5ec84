using NativeCnn.Backends;
using NativeCnn.Tensors;

namespace NativeCnn.Tests.Backends;

public static partial class OperationCases
{
    /// <summary>AlexNet's window, strong ones, even ones, one channel alone, more channels than there are, other powers.</summary>
    internal static readonly LocalResponseWindow[] LocalResponseWindows =
    [
        new(5, 5e-4f, 0.75f, 2),
        new(5, 2, 0.75f, 1),
        new(4, 1, 0.75f, 1),
        new(2, 3, 0.5f, 0.5f),
        new(1, 0.5f, 1.25f, 1),
        new(int.MaxValue, 1e9f, 0.75f, 1),
        new(3, 1, -0.5f, 1),
    ];

    private static IEnumerable<OperationCase> LocalResponseNorms()
    {
        // Fewer channels than a window or a vector, a rest, and enough pixels for several threads.
        Shape[] shapes = [new(1, 1, 1, 1), new(2, 3, 2, 3), new(2, 5, 7, 17), new(3, 14, 14, 96)];
        foreach (Shape shape in shapes)
        foreach (LocalResponseWindow window in LocalResponseWindows)
        {
            string name = $"{shape}, size {window.Size}, alpha {window.Alpha:g}, beta {window.Beta:g}, k {window.K:g}";
            int length = Math.Min(window.Size, shape.Channels) + 4;
            Filler values = Fillers.Between(-2, 2);
            yield return new(
                $"LocalResponseNormForward {name}",
                [Input("input", shape, values), Overwritten("output", shape), Overwritten("scale", shape)],
                length,
                Body((b, t) => b.LocalResponseNormForward(window, t[0], t[1], t[2]))
            );
            yield return new(
                $"LocalResponseNormForward {name}, no scale",
                [Input("input", shape, values), Overwritten("output", shape)],
                length,
                Body((b, t) => b.LocalResponseNormForward(window, t[0], t[1], null))
            );
            yield return new(
                $"LocalResponseNormBackward {name}",
                [
                    Input("input", shape),
                    Input("scale", shape, Fillers.Between(1, 3)),
                    Input("outputGradient", shape),
                    Overwritten("inputGradient", shape),
                ],
                length,
                Body((b, t) => b.LocalResponseNormBackward(window, t[0], t[1], t[2], t[3]))
            );
        }
    }
}
