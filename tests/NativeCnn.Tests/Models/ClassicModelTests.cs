using NativeCnn.Backends.Native;
using NativeCnn.Data;
using NativeCnn.Formats;
using NativeCnn.Layers;
using NativeCnn.Models;
using NativeCnn.Networks;
using NativeCnn.Parameters;
using NativeCnn.Tensors;
using NativeCnn.Tests.Data;
using NativeCnn.Tests.Networks;
using NativeCnn.Training;

namespace NativeCnn.Tests.Models;

/// <summary>The networks of before 2000 against the sizes of their sources, and what they learn.</summary>
public sealed class ClassicModelTests : INetworkRows
{
    public static Dictionary<string, Func<Network>> Networks { get; } =
        new()
        {
            ["perceptron in small"] = () => Perceptron.Create(new Shape(1, 3, 3, 1), 5, 2),
            ["mlp in small"] = () => MultiLayerPerceptron.Create(new Shape(1, 3, 3, 1), 5, 3),
            ["neocognitron"] = () => Neocognitron.Create(new Shape(1, 28, 28, 1), 5, 5),
            ["zip-simplified in small"] = () => SimplifiedZipNetwork.Create(new Shape(1, 6, 5, 1), 5, 6),
        };

    public static TheoryData<string> Small =>
        ["lecun-1989", "lenet-5", "mlp", "neocognitron", "perceptron", "scanning-mlp", "tdnn", "xor", "zip-simplified"];

    [Theory]
    [InlineData("perceptron", 7_850)]
    [InlineData("mlp", 266_610)]
    [InlineData("xor", 9)]
    [InlineData("scanning-mlp", 58_710)]
    [InlineData("lecun-1989", 9_760)]
    [InlineData("lenet-5", 60_000)]
    public void Parameters_are_those_of_the_sources(string name, long parameters)
    {
        CatalogModel model = ModelCatalog.Find(name);
        using Network network = model.CreateWithoutValues(model.Example, model.Classes);
        Assert.Equal(parameters, network.ParameterCount);
        Assert.Equal(parameters, network.Summarize(2).Parameters);
    }

    [Fact]
    public void LeNet5_has_the_layers_of_its_paper()
    {
        using Network network = LeNet5.Create(new Shape(1, 32, 32, 1), 10);
        Dictionary<string, (Shape Shape, int Trained)> layers = network.Nodes.ToDictionary(
            node => node.Layer.Name,
            node => (node.OutputShape, FreeOf(node.Layer))
        );
        Assert.Equal((new Shape(1, 28, 28, 6), 156), layers["c1"]);
        Assert.Equal((new Shape(1, 14, 14, 6), 12), layers["s2"]);
        Assert.Equal((new Shape(1, 10, 10, 16), 1516), layers["c3"]);
        Assert.Equal((new Shape(1, 5, 5, 16), 32), layers["s4"]);
        Assert.Equal((Shape.Vector(1, 120), 48_120), layers["c5"]);
        Assert.Equal((Shape.Vector(1, 84), 10_164), layers["f6"]);
        Assert.Equal((Shape.Vector(1, 10), 0), layers["output"]);
        Assert.Equal(840, network.StateCount);
    }

    [Fact]
    public void LeNet5_learns_the_codes_of_other_classes()
    {
        using Network network = LeNet5.Create(new Shape(1, 32, 32, 1), 5);
        Assert.Equal((5 * 84, 0), (FreeOf(network.Nodes[^1].Layer), network.StateCount));
    }

    [Theory]
    [InlineData("lenet-5")]
    [InlineData("xor")]
    public void Gradients_agree_with_central_differences(string name)
    {
        CatalogModel model = ModelCatalog.Find(name);
        using Network network = model.Create(model.Example, model.Classes, 3);
        using Tensor input = NetworkCases.Input(network, 2, 1);
        int[] labels = NetworkCases.Labels(network, 2, 1);
        GradientCheckResult result = GradientCheck.Run(network, model.Training.Loss, input, labels, elements: 5);
        Assert.True(result.IsRight, $"{result}");
    }

    [Theory]
    [MemberData(nameof(Small))]
    public void What_a_model_is_given_fits_it(string name)
    {
        CatalogModel model = ModelCatalog.Find(name);
        DataSource data = model.Examples.ApplyTo(DataSource.Open(name == "xor" ? "xor" : "digits:3"));
        Assert.Equal(model.Example, data.Train.ExampleShape);
        Assert.Equal(model.Classes, data.Train.ClassNames.Count);
        Assert.NotSame(model.Training.Optimizer, model.Training.Optimizer);
    }

    [Theory]
    [MemberData(nameof(Small))]
    public void A_model_comes_back_from_a_file(string name)
    {
        CatalogModel model = ModelCatalog.Find(name);
        using Network network = model.Create(model.Example, model.Classes, 7);
        using var folder = new TemporaryFolder();
        string path = folder.File("model.safetensors");
        ModelFile.Save(path, network);
        using Network read = ModelFile.Load(path);
        Assert.Equal(ModelFile.Describe(network), ModelFile.Describe(read));
        Assert.Equal(network.ParameterCount, read.ParameterCount);
        Assert.Equal(NetworkCases.Values(network), NetworkCases.Values(read));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Xor_learns_all_four_points(ulong seed)
    {
        CatalogModel model = ModelCatalog.Find("xor");
        DataSource data = DataSource.Open(model.Data);
        using Network network = model.Create(model.Example, model.Classes, seed);
        using var backend = new NativeBackend(1);
        using var trainer = new Trainer(network, backend, model.Training);
        TrainingResult result = trainer.Train(data.Train, data.Test);
        Assert.Equal(1, result.History[^1].TestAccuracy);
    }

    [Fact]
    public void Xor_is_for_two_classes()
    {
        var e = Assert.Throws<ShapeException>(() => ModelCatalog.Create("xor", Shape.Vector(1, 2), 10));
        Assert.Contains("2 classes, not 10", e.Message, StringComparison.Ordinal);
    }

    private static int FreeOf(Layer layer) =>
        layer.Parameters.Where(p => p.Role == ParameterRole.Trained).Sum(p => p.FreeCount);
}
