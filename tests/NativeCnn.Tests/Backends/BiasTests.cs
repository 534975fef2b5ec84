using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;
using static NativeCnn.Tests.Backends.TestBackends;

namespace NativeCnn.Tests.Backends;

/// <summary>The gradient of a bias, alone and in one pass with that of the activation after it.</summary>
public sealed class BiasTests : IOperationRows
{
    public static IEnumerable<OperationCase> Rows =>
        from shape in (Shape[])
            [new(1, 1, 1, 1), new(3, 5, 7, 17), new(2, 24, 24, 20), new(64, 1, 1, 10), new(1, 1, 1, 33)]
        from row in (IEnumerable<OperationCase>)
            [
                new OperationCase(new BiasBackward(shape), $"{shape}")
                {
                    DerivativeOf = Biased(shape, Activation.Identity),
                },
                .. ActivationTests.Kinds.Select(f => new OperationCase(
                    new BiasForward(f, shape),
                    $"{shape}, {f.Kind}"
                )),
                .. ActivationTests
                    .Kinds.Where(f => !f.NeedsInput)
                    .Select(f => new OperationCase(new ActivationBiasBackward(f, shape), $"{shape}, {f.Kind}")
                    {
                        ["output"] = ActivationTests.OutputOf(f),
                        DerivativeOf = Biased(shape, f),
                    }),
            ]
        select row;

    [Theory, EveryBackend]
    public void The_gradients_of_each_map_are_added(string backend)
    {
        double[] dz = [1, 10, 2, 20, 3, 30, 4, 40];
        Assert.Equal([1010, 2100], Compute(backend, new BiasBackward(new(2, 1, 2, 2)), dz, [1000, 2000])[0]);
    }

    /// <summary>Values of one sign, which no random signs keep small: sums in parts, on every level.</summary>
    [Fact]
    public void A_million_pixels_of_one_sign_are_some_units_off()
    {
        Shape shape = new(4, 500, 500, 2);
        double[] dy = [.. Fillers.Between(0, 1).Draw(new Random(1), shape.Count)];
        double[] sums = new double[2];
        for (int k = 0; k < dy.Length; k++)
            sums[k % 2] += dy[k];
        double[] alone = Compute("native", new BiasBackward(shape), dy, [0, 0])[0];
        double[] together = Compute("native", new ActivationBiasBackward(Activation.Relu, shape), dy, dy, [0, 0])[1];
        Comparison.Close(sums, alone, new Tolerance(0, 24 * Tolerance.Rounding), "bias gradient");
        Comparison.Close(sums, together, new Tolerance(0, 24 * Tolerance.Rounding), "with the activation's");
    }

    // f(x + b): a convolution whose every filter is a single 1.
    private static OperationCase Biased(Shape shape, Activation f)
    {
        ConvolutionGeometry g = new(shape, shape.Channels, 1, groups: shape.Channels);
        return new(new ConvolutionForward(g, f, hasBias: true), "")
        {
            ["input"] = Fillers.AwayFromZero,
            ["filters"] = Fillers.Each(_ => 1),
            // So small that no sum comes near ReLU's kink.
            ["bias"] = Fillers.Between(-0.05f, 0.05f),
        };
    }
}
