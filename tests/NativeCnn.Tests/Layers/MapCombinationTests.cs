using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Native;
using NativeCnn.Layers;
using NativeCnn.Networks;
using NativeCnn.Tensors;
using NativeCnn.Tests.Networks;

namespace NativeCnn.Tests.Layers;

/// <summary>Learned combinations of maps, against the formula in plain loops.</summary>
public sealed class MapCombinationTests : INetworkRows
{
    public static Dictionary<string, Func<Network>> Networks { get; } =
        new()
        {
            ["learned combinations of maps"] = () =>
                NetworkBuilder
                    .Start(7, 6, 3)
                    .MapCombination(4, 3)
                    .ScaledTanh()
                    .Add(
                        new MapCombination(5, new Size2(2, 3))
                        {
                            IsRotated = true,
                            Bias = false,
                            Stride = new Size2(2, 1),
                            Padding = Padding.All(1),
                        }
                    )
                    .Logistic()
                    .Dense(5)
                    .Build(36),
        };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_output_map_is_a_mixture_of_the_filtered_input_maps(bool isRotated)
    {
        using Network network = NetworkBuilder
            .Start(5, 4, 3)
            .Add(new MapCombination(2, new Size2(2, 3)) { IsRotated = isRotated })
            .Build(8);
        Assert.Equal(new Shape(1, 4, 2, 2), network.OutputShape);
        double[] k = TensorValues.Read(network.Parameters[0].Value);
        double[] c = TensorValues.Read(network.Parameters[1].Value);
        TensorValues.Write([0.5, -2], network.Parameters[2].Value);
        using Tensor input = NetworkCases.Input(network, 2, 3);
        double[] x = TensorValues.Read(input);
        var expected = new double[2 * 4 * 2 * 2];
        for (int n = 0; n < 2; n++)
        for (int row = 0; row < 4; row++)
        for (int column = 0; column < 2; column++)
        for (int j = 0; j < 2; j++)
        {
            double sum = j == 0 ? 0.5 : -2;
            double total = Enumerable.Range(0, 3).Sum(i => Math.Exp(c[j * 3 + i]));
            for (int i = 0; i < 3; i++)
            for (int r = 0; r < 2; r++)
            for (int s = 0; s < 3; s++)
            {
                int tap = isRotated ? (1 - r) * 3 + 2 - s : r * 3 + s;
                double share = Math.Exp(c[j * 3 + i]) / total;
                sum += share * k[i * 6 + tap] * x[((n * 5 + row + r) * 4 + column + s) * 3 + i];
            }
            expected[((n * 4 + row) * 2 + column) * 2 + j] = sum;
        }
        foreach (Backend backend in (Backend[])[new ManagedBackend(), new NativeBackend(2)])
        {
            using CompiledNetwork compiled = network.Compile(backend, 2, Phase.Inference);
            compiled.Forward(input);
            Comparison.Close(expected, TensorValues.Read(compiled.Output), new Tolerance(1e-6, 0), backend.Name);
            backend.Dispose();
        }
    }

    [Fact]
    public void Sizes_that_do_not_fit_are_refused_by_name()
    {
        static void Refused(MapCombination layer)
        {
            var e = Assert.Throws<ShapeException>(() => NetworkBuilder.Start(4, 4, 2).Add(layer));
            Assert.Contains("'map-combination1'", e.Message, StringComparison.Ordinal);
        }
        Refused(new MapCombination(0, 3));
        Refused(new MapCombination(2, 5));
        Refused(new MapCombination(2, 3) { Stride = 0 });
    }
}
