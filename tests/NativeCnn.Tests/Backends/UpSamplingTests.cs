using NativeCnn.Backends;
using NativeCnn.Backends.Operations;
using NativeCnn.Layers;
using NativeCnn.Networks;
using NativeCnn.Tensors;
using NativeCnn.Tests.Networks;
using static NativeCnn.Tests.Backends.TestBackends;

namespace NativeCnn.Tests.Backends;

public sealed class UpSamplingTests : IOperationRows, INetworkRows
{
    private static readonly (Shape Input, Size2 Factor)[] Sizes =
    [
        (new(1, 1, 1, 1), 1),
        (new(2, 3, 4, 3), 2),
        (new(2, 3, 2, 17), new(3, 1)),
        (new(1, 2, 3, 8), new(1, 5)),
        (new(4, 15, 14, 20), 2),
    ];

    public static IEnumerable<OperationCase> Rows =>
        from kind in Enum.GetValues<UpSamplingKind>()
        from sizes in Sizes
        let details = $"{kind}, {sizes.Input} by {sizes.Factor}"
        let forward = new OperationCase(new UpSamplingForward(kind, sizes.Input, sizes.Factor), details)
        let backward = new OperationCase(new UpSamplingBackward(kind, sizes.Input, sizes.Factor), details)
        {
            DerivativeOf = forward,
        }
        from row in (OperationCase[])[forward, backward]
        select row;

    public static Dictionary<string, Func<Network>> Networks =>
        new()
        {
            ["every up-sampling"] = () =>
                NetworkBuilder
                    .Start(4, 5, 2)
                    .Convolution(3, 2)
                    .NearestUpSampling(2)
                    .Tanh()
                    .MaxPooling(3, 2)
                    .ZeroInsertion(new Size2(2, 1))
                    .Convolution(3, 2)
                    .AverageUnpooling(new Size2(1, 3))
                    .Tanh()
                    .Dense(5)
                    .Build(85),
        };

    [Theory, EveryBackend]
    public void A_pixel_becomes_a_block(string backend)
    {
        double[] Up(UpSamplingKind kind) =>
            Compute(backend, new UpSamplingForward(kind, new(1, 1, 2, 1), new(2, 2)), [4, 8])[0];
        Assert.Equal([4, 4, 8, 8, 4, 4, 8, 8], Up(UpSamplingKind.Nearest));
        Assert.Equal([4, 0, 8, 0, 0, 0, 0, 0], Up(UpSamplingKind.ZeroInsertion));
        Assert.Equal([1, 1, 2, 2, 1, 1, 2, 2], Up(UpSamplingKind.AverageUnpooling));
    }

    /// <summary>
    /// Average un-pooling is what average pooling's gradient does; the sum of an image stays what it is.
    /// </summary>
    [Theory, EveryBackend]
    public void Unpooling_is_the_gradient_of_average_pooling(string backend)
    {
        Shape small = new(2, 3, 4, 5);
        double[] image = Fillers.Uniform.Draw(new Random(1), small.Count);
        double[] unpooled = Compute(
            backend,
            new UpSamplingForward(UpSamplingKind.AverageUnpooling, small, new(2, 3)),
            image
        )[0];
        PoolingGeometry pooling = new(new(2, 6, 12, 5), new(2, 3));
        double[] gradient = Compute(backend, new AveragePoolingBackward(pooling), image)[0];
        Comparison.Close(gradient, unpooled, Tolerance.OfSum(1), "un-pooled");
        Assert.Equal(image.Sum(), unpooled.Sum(), 1e-4);
    }

    [Theory, EveryBackend]
    public void What_was_up_sampled_and_is_skipped_is_the_image(string backend)
    {
        Shape small = new(2, 3, 4, 5);
        double[] image = Fillers.Uniform.Draw(new Random(1), small.Count);
        foreach (UpSamplingKind kind in (UpSamplingKind[])[UpSamplingKind.Nearest, UpSamplingKind.ZeroInsertion])
        {
            double[] large = Compute(backend, new UpSamplingForward(kind, small, new(3, 2)), image)[0];
            Assert.Equal(image, Compute(backend, new SkippingForward(new(2, 9, 8, 5), new(3, 2)), large)[0]);
        }
    }

    [Fact]
    public void Factors_below_one_and_too_large_ones_are_refused_with_the_sizes()
    {
        Node image = NetworkBuilder.Start(4, 4, 2);
        string message = Assert.Throws<ShapeException>(() => image.NearestUpSampling(0)).Message;
        Assert.Contains("0×0", message, StringComparison.Ordinal);
        Assert.Throws<ShapeException>(() => image.ZeroInsertion(int.MaxValue));
        Assert.Throws<ArgumentOutOfRangeException>(() => new UpSampling((UpSamplingKind)9, 2));
    }
}
