using NativeCnn.Backends.Operations;
using NativeCnn.Networks;
using NativeCnn.Tensors;
using NativeCnn.Tests.Networks;
using static NativeCnn.Tests.Backends.TestBackends;

namespace NativeCnn.Tests.Backends;

public sealed class SpatialDropoutTests : IOperationRows, INetworkRows
{
    public static IEnumerable<OperationCase> Rows =>
        from shape in (Shape[])[.. OperationCases.PointWiseShapes, new(3, 2, 2, 2500), new(40, 1, 1, 17)]
        from probability in (float[])[0, 0.1f, 0.5f, 0.9f]
        from isBackward in (bool[])[false, true]
        let dropout = new SpatialDropout(new(0x1234_5678_9ABC_DEF0, probability), shape, isBackward)
        select new OperationCase(dropout, $"{shape}, p = {probability}, {dropout.Pass}", 12);

    public static Dictionary<string, Func<Network>> Networks =>
        new()
        {
            ["dropout of whole maps"] = () =>
                NetworkBuilder
                    .Start(6, 6, 3)
                    .SpatialDropout(0.3f)
                    .Convolution(5, 3)
                    .Tanh()
                    .SpatialDropout()
                    .Dense(6)
                    .SpatialDropout(0.2f)
                    .Dense(5)
                    .Build(22),
        };

    [Theory, EveryBackend]
    public void A_map_is_dropped_or_kept_as_a_whole_by_the_mask_of_dropout(string backend)
    {
        Shape shape = new(7, 5, 3, 11);
        Shape maps = Shape.Vector(7, 11);
        DropoutOptions options = new(9, 0.4f);
        double[] mask = Compute(backend, [3], new Dropout(options, maps), [.. Enumerable.Repeat(1.0, maps.Count)])[0];
        Assert.Contains(0, mask);
        double[] ones = [.. Enumerable.Repeat(1.0, shape.Count)];
        double[] y = Compute(backend, [3], new SpatialDropout(options, shape), ones)[0];
        for (int k = 0; k < y.Length; k++)
            Assert.Equal(mask[k / shape.ElementsPerExample * 11 + k % 11], y[k]);
    }

    [Theory, EveryBackend]
    public void Of_vectors_it_is_dropout(string backend)
    {
        Shape shape = Shape.Vector(6, 50);
        double[] x = Fillers.Uniform.Draw(new Random(1), shape.Count);
        DropoutOptions options = new(5, 0.5f);
        Assert.Equal(
            Compute(backend, [2], new Dropout(options, shape), x)[0],
            Compute(backend, [2], new SpatialDropout(options, shape), x)[0]
        );
    }

    [Theory, EveryBackend]
    public void What_is_dropped_is_zero_even_if_it_was_not_finite(string backend)
    {
        Shape shape = new(4, 3, 3, 20);
        double[] ones = [.. Enumerable.Repeat(1.0, shape.Count)];
        SpatialDropout dropout = new(new(5, 0.5f), shape);
        double[] kept = Compute(backend, [0], dropout, ones)[0];
        foreach (double value in (double[])[double.PositiveInfinity, double.NegativeInfinity, double.NaN])
        {
            double[] y = Compute(backend, [0], dropout, [.. Enumerable.Repeat(value, shape.Count)])[0];
            Assert.Equal(kept.Select(k => k == 0 ? 0 : value), y);
        }
    }

    [Fact]
    public void What_is_no_probability_and_no_step_is_refused()
    {
        foreach (float probability in (float[])[-0.1f, 1, float.NaN])
            Assert.Throws<ArgumentOutOfRangeException>(() => new NativeCnn.Layers.SpatialDropout(probability));
        SpatialDropout dropout = new(new(1, 0.5f), Shape.Vector(1, 1));
        foreach (double step in (double[])[-1, 0.5, 1e17, double.NaN])
        {
            var e = Assert.Throws<ArgumentOutOfRangeException>(() => Compute("native", [step], dropout, [1]));
            Assert.StartsWith("SpatialDropout: the step is ", e.Message, StringComparison.Ordinal);
        }
    }
}
