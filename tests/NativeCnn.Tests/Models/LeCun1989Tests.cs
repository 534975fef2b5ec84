using NativeCnn.Layers;
using NativeCnn.Models;
using NativeCnn.Networks;
using NativeCnn.Tensors;
using NativeCnn.Tests.Networks;

namespace NativeCnn.Tests.Models;

/// <summary>The network of 1989 against the numbers of its paper.</summary>
public sealed class LeCun1989Tests : INetworkRows
{
    private static readonly Shape Paper = new(1, 16, 16, 1);

    public static Dictionary<string, Func<Network>> Networks { get; } =
        new() { ["LeCun 1989 in small"] = () => LeCun1989.Create(new Shape(1, 6, 6, 1), 5, 19) };

    [Fact]
    public void Units_connections_and_free_parameters_are_the_papers()
    {
        using Network network = LeCun1989.Create(Paper, 10);
        Assert.Equal(9760, network.ParameterCount);
        Layer[] layers = [.. network.Nodes.Select(node => node.Layer).Where(layer => layer.Parameters.Count > 0)];
        // H1 300 weights and 768 biases, H2 2,400 and 192, H3 5,760 and 30, the output 300 and 10.
        Assert.Equal([1068, 2592, 5790, 310], layers.Select(layer => layer.Parameters.Sum(p => p.FreeCount)));
        Shape[] units = [.. network.Nodes.Where(n => n.Layer.Parameters.Count > 0).Select(n => n.OutputShape)];
        Assert.Equal([new Shape(1, 8, 8, 12), new Shape(1, 4, 4, 12), Shape.Vector(1, 30), Shape.Vector(1, 10)], units);
        Assert.Equal(1256, Paper.Count + units.Sum(unit => unit.Count));
        // Each unit has its weights and a bias.
        int[] weights = [5 * 5, 8 * 5 * 5, 4 * 4 * 12, 30];
        Assert.Equal(64_660, units.Zip(weights, (unit, fan) => unit.Count * (fan + 1)).Sum());
    }

    [Fact]
    public void Each_map_of_H2_sees_eight_of_H1_and_each_of_those_feeds_eight()
    {
        using Network network = LeCun1989.Create(Paper, 10);
        var table = network.Nodes.Select(node => node.Layer).OfType<Convolution>().Last().Table!;
        int[][] rows = [.. Enumerable.Range(0, 12).Select(map => table.InputsOf(map).ToArray())];
        Assert.All(rows, row => Assert.Equal(8, row.Length));
        Assert.All(Enumerable.Range(0, 12), map => Assert.Equal(8, rows.Count(row => row.Contains(map))));
        Assert.Equal(12, rows.Select(row => string.Join(',', row)).Distinct().Count());
    }
}
