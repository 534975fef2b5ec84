using NativeCnn.Backends;
using NativeCnn.Backends.Operations;
using NativeCnn.Layers;
using NativeCnn.Networks;
using NativeCnn.Tensors;
using NativeCnn.Tests.Networks;
using static NativeCnn.Tests.Backends.TestBackends;

namespace NativeCnn.Tests.Backends;

/// <summary>Borders of zeros, reflection and replication.</summary>
public sealed class BorderPaddingTests : IOperationRows, INetworkRows
{
    private static readonly (Shape Input, Padding Padding)[] Sizes =
    [
        (new(1, 1, 1, 1), Padding.Valid),
        (new(2, 5, 4, 3), Padding.All(1)),
        (new(1, 3, 4, 17), new(2, 3, 0, 1)),
        (new(2, 4, 2, 8), new(3, 0, 3, 1)),
        (new(4, 28, 28, 20), Padding.All(2)),
    ];

    public static IEnumerable<OperationCase> Rows =>
        from kind in Enum.GetValues<BorderKind>()
        // Replication may be wider than the image.
        from sizes in kind == BorderKind.Reflection ? Sizes : [.. Sizes, (new(1, 2, 1, 3), new(4, 5, 0, 7))]
        let details = $"{kind}, {sizes.Padding} around {sizes.Input}"
        let forward = new OperationCase(new BorderPaddingForward(kind, sizes.Input, sizes.Padding), details)
        let backward = new OperationCase(new BorderPaddingBackward(kind, sizes.Input, sizes.Padding), details)
        {
            DerivativeOf = forward,
        }
        from row in (OperationCase[])[forward, backward]
        select row;

    public static Dictionary<string, Func<Network>> Networks =>
        new()
        {
            ["every border"] = () =>
                NetworkBuilder
                    .Start(5, 6, 2)
                    .Pad(BorderKind.Reflection, Padding.All(2))
                    .Convolution(3, 5)
                    .Tanh()
                    .Pad(BorderKind.Replication, new Padding(1, 0, 3, 2))
                    .Convolution(3, 3)
                    .Pad(BorderKind.Reflection, new Padding(0, 1, 2, 3))
                    .Convolution(3, 3)
                    .Pad(BorderKind.Zeros, new Padding(1, 2, 0, 1))
                    .Tanh()
                    .Dense(5)
                    .Build(87),
        };

    [Theory, EveryBackend]
    public void What_lies_around_a_row(string backend)
    {
        Shape input = new(1, 1, 3, 1);
        Padding padding = new(0, 2, 0, 1);
        double[] Pad(BorderKind kind) => Compute(backend, new BorderPaddingForward(kind, input, padding), [1, 2, 3])[0];
        Assert.Equal([0, 0, 1, 2, 3, 0], Pad(BorderKind.Zeros));
        Assert.Equal([3, 2, 1, 2, 3, 2], Pad(BorderKind.Reflection));
        Assert.Equal([1, 1, 1, 2, 3, 3], Pad(BorderKind.Replication));
        double[] Gradient(BorderKind kind) =>
            Compute(backend, new BorderPaddingBackward(kind, input, padding), [1, 2, 4, 8, 16, 32])[0];
        Assert.Equal([4, 8, 16], Gradient(BorderKind.Zeros));
        Assert.Equal([4, 2 + 8 + 32, 1 + 16], Gradient(BorderKind.Reflection));
        Assert.Equal([1 + 2 + 4, 8, 16 + 32], Gradient(BorderKind.Replication));
    }

    /// <summary>A convolution with padding is a border of zeros and a convolution without.</summary>
    [Theory, EveryBackend]
    public void Zeros_are_what_a_convolution_pads_with(string backend)
    {
        Shape input = new(2, 6, 5, 3);
        Padding padding = new(1, 2, 0, 1);
        ConvolutionGeometry padded = new(input, 4, 3, padding: padding);
        var random = new Random(1);
        double[] image = Fillers.Uniform.Draw(random, input.Count);
        double[] filters = Fillers.Uniform.Draw(random, padded.FilterShape.Count);
        BorderPaddingForward border = new(BorderKind.Zeros, input, padding);
        ConvolutionGeometry valid = new(border.Operands[1].Shape, 4, 3);
        Comparison.Close(
            Compute(backend, new ConvolutionForward(padded, Activation.Identity, hasBias: false), image, filters)[0],
            Compute(
                backend,
                new ConvolutionForward(valid, Activation.Identity, hasBias: false),
                Compute(backend, border, image)[0],
                filters
            )[0],
            // Winograd's algorithm may compute one of them.
            Tolerance.OfSum(27, 32),
            "convolved"
        );
    }

    [Fact]
    public void Borders_that_cannot_be_are_refused_with_the_sizes()
    {
        Node image = NetworkBuilder.Start(4, 3, 2);
        string message = Assert
            .Throws<ShapeException>(() => image.Pad(BorderKind.Reflection, new Padding(0, 3, 0, 0)))
            .Message;
        Assert.Contains("1×4×3×2", message, StringComparison.Ordinal);
        Assert.Contains("reflection-padding", message, StringComparison.Ordinal);
        Assert.Throws<ShapeException>(() => image.Pad(BorderKind.Zeros, Padding.All(-1)));
        Assert.Throws<ShapeException>(() => image.Pad(BorderKind.Replication, Padding.All(int.MaxValue)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new BorderPadding((BorderKind)9, Padding.All(1)));
    }
}
