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
                    new ActivationBiasBackward(f, shape),
                    $"{shape}, {f.Kind}"
                )
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
