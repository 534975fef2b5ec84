using NativeCnn.Backends.Operations;
using NativeCnn.Networks;
using NativeCnn.Tensors;
using NativeCnn.Tests.Networks;
using static NativeCnn.Tests.Backends.TestBackends;

namespace NativeCnn.Tests.Backends;

/// <summary>Brightness normalisation: its rows, that it is local response normalisation, and what it refuses.</summary>
public sealed class BrightnessNormTests : IOperationRows, INetworkRows
{
    // A map alone, a rest of a vector, many maps, and enough pixels for several threads.
    public static IEnumerable<OperationCase> Rows =>
        from shape in (Shape[])
            [new(1, 1, 1, 1), new(2, 3, 2, 3), new(2, 1, 3, 37), new(3, 40, 40, 5), new(2, 3, 3, 300)]
        from o in (BrightnessNormOptions[])[new(1, 1, 0.5f), new(0.5f, 0.25f, 0.75f), new(2, 3, -0.5f), new(1, 0, 2)]
        let details = $"{shape}, kappa {o.Kappa:g}, lambda {o.Lambda:g}, mu {o.Mu:g}"
        let forward = new BrightnessNormForward(o, shape, isTraining: true)
        from row in (OperationCase[])
            [
                new(forward, details),
                new(new BrightnessNormForward(o, shape, isTraining: false), $"{details}, inference"),
                new(new BrightnessNormBackward(o, shape), details)
                {
                    ["base"] = Fillers.Between(1, 3),
                    DerivativeOf = new(forward, ""),
                },
            ]
        select row;

    public static Dictionary<string, Func<Network>> Networks { get; } =
        new()
        {
            ["brightness normalisation"] = () =>
                NetworkBuilder
                    .Start(6, 6, 2)
                    .BrightnessNorm(0.5f, 2, 0.75f)
                    .Convolution(5, 3)
                    .Tanh()
                    .BrightnessNorm()
                    .Dense(5)
                    .Build(16),
        };

    /// <summary>With a window of all maps, and α/size for λ, which is not divided.</summary>
    [Theory, EveryBackend]
    public void It_is_local_response_normalisation_over_all_maps(string backend)
    {
        Shape shape = new(2, 3, 3, 4);
        var random = new Random(5);
        double[] x = Fillers.Uniform.Draw(random, shape.Count);
        double[] dy = Fillers.Uniform.Draw(random, shape.Count);
        BrightnessNormOptions brightness = new(2, 0.5f, 0.75f);
        // 9 maps around each of 4 are all of them.
        LocalResponseNormOptions local = new(9, 4.5f, 0.75f, 2);
        double[][] b = Compute(backend, new BrightnessNormForward(brightness, shape, true), x);
        double[][] l = Compute(backend, new LocalResponseNormForward(local, shape, true), x);
        Comparison.Close(l[0], b[0], Tolerance.OfSum(8), "output");
        double[] fromBrightness = Compute(backend, new BrightnessNormBackward(brightness, shape), x, b[1], dy)[0];
        double[] fromLocal = Compute(backend, new LocalResponseNormBackward(local, shape), x, l[1], dy)[0];
        Comparison.Close(fromLocal, fromBrightness, Tolerance.OfSum(8), "input gradient");
    }

    [Theory]
    [InlineData(0, 1, 1)]
    [InlineData(float.NaN, 1, 1)]
    [InlineData(1, -1, 1)]
    [InlineData(1, float.PositiveInfinity, 1)]
    [InlineData(1, 1, float.NaN)]
    public void Impossible_constants_are_refused(float kappa, float lambda, float mu)
    {
        var e = Assert.Throws<ArgumentOutOfRangeException>(() => new BrightnessNormOptions(kappa, lambda, mu));
        Assert.Contains("got ", e.Message, StringComparison.Ordinal);
    }
}
