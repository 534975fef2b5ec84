using System.Text;
using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Operations;
using NativeCnn.Formats;
using NativeCnn.Layers;
using NativeCnn.Networks;
using NativeCnn.Storage;
using NativeCnn.Tensors;
using NativeCnn.Tests.Networks;

namespace NativeCnn.Tests.Formats;

public sealed class ModelFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    public static TheoryData<string> Networks => NetworkCases.Names;

    private string Path => System.IO.Path.Combine(_folder, "model.safetensors");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Networks))]
    public void Every_network_comes_back_as_it_was(string name)
    {
        using Network network = NetworkCases.Create(name);
        network.ClassNames = ["a", "b", "c", "d", "e"];
        AssertComesBack(network);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void So_does_one_with_several_inputs_and_outputs(int seed)
    {
        using Network network = RandomNetworks.Create((ulong)seed);
        AssertComesBack(network);
    }

    private const string Normalisation = """{ "size": 3, "alpha": 0.5, "beta": 0.75, "k": 1 }""";

    [Fact]
    public void A_file_of_version_1_predicts_what_it_did()
    {
        Node image = NetworkBuilder.Start(6, 6, 2).Convolution(4, 3, padding: Padding.All(1)).Relu();
        var grouped = new Convolution(4, new Size2(3, 1))
        {
            Padding = new Padding(1, 0, 1, 0),
            Groups = 2,
            Bias = false,
        };
        using Network network = image
            .Add(grouped)
            .Plus(image)
            .Add(
                LayerRegistry.Read(
                    "local-response-norm",
                    System.Text.Json.JsonDocument.Parse(Normalisation).RootElement
                )
            )
            .MaxPooling(2)
            .ScaledTanh(1.5f, 0.75f)
            .Add(new AveragePooling(2, 1) { CountPadding = true })
            .Dropout(0.25f)
            .Flatten()
            .Dense(6)
            .Logistic(2)
            .Dense(4)
            .Tanh()
            .Activate(Activation.Identity)
            .Add(new Dense(3), "head")
            .Softmax()
            .Build(4, "old");
        network.ClassNames = ["a", "b", "c"];
        Safetensors.Write(
            Path,
            Tensors(network),
            new Dictionary<string, string> { ["format"] = "nativecnn", ["nativecnn"] = Version1.ReplaceLineEndings("") }
        );
        using Network loaded = ModelFile.Load(Path);
        using Tensor input = NetworkCases.Input(network, 2, 1);
        using var backend = new ManagedBackend();
        Assert.Equal(NetworkCases.OneByOne(network, backend, input), NetworkCases.OneByOne(loaded, backend, input));
        // Saved, it is of version 2, and the same network.
        ModelFile.Save(Path, loaded);
        byte[] saved = File.ReadAllBytes(Path);
        ModelFile.Save(Path, network);
        Assert.Equal(File.ReadAllBytes(Path), saved);
    }

    // As NativeCnn 0.1 wrote it.
    private const string Version1 = """
        {"version":1,"name":"old","input":[6,6,2],"classes":["a","b","c"],"layers":[
        {"name":"convolution1","kind":"convolution","inputs":[-1],"filters":4,
        "kernel":[3,3],"stride":[1,1],"dilation":[1,1],"padding":[1,1,1,1],"groups":1,"bias":true},
        {"name":"relu1","kind":"relu","inputs":[0]},
        {"name":"convolution2","kind":"convolution","inputs":[1],"filters":4,
        "kernel":[3,1],"stride":[1,1],"dilation":[1,1],"padding":[1,0,1,0],"groups":2,"bias":false},
        {"name":"addition1","kind":"addition","inputs":[2,1]},
        {"name":"local-response-norm1","kind":"local-response-norm","inputs":[3],"size":3,
        "alpha":0.5,"beta":0.75,"k":1},
        {"name":"max-pooling1","kind":"max-pooling","inputs":[4],"window":[2,2],"stride":[2,2],"padding":[0,0,0,0]},
        {"name":"scaled-tanh1","kind":"scaled-tanh","inputs":[5],"alpha":1.5,"beta":0.75},
        {"name":"average-pooling1","kind":"average-pooling","inputs":[6],"window":[2,2],"stride":[1,1],
        "padding":[0,0,0,0],"count_padding":true},
        {"name":"dropout1","kind":"dropout","inputs":[7],"probability":0.25},
        {"name":"flatten1","kind":"flatten","inputs":[8]},
        {"name":"dense1","kind":"dense","inputs":[9],"units":6,"bias":true},
        {"name":"logistic1","kind":"logistic","inputs":[10],"beta":2},
        {"name":"dense2","kind":"dense","inputs":[11],"units":4,"bias":true},
        {"name":"tanh1","kind":"tanh","inputs":[12]},
        {"name":"identity1","kind":"identity","inputs":[13]},
        {"name":"head","kind":"dense","inputs":[14],"units":3,"bias":true},
        {"name":"softmax1","kind":"softmax","inputs":[15]}]}
        """;

    [Fact]
    public void Nothing_but_the_file_is_left_in_the_folder()
    {
        using Network network = NetworkCases.Create("residual");
        ModelFile.Save(Path, network);
        ModelFile.Save(Path, network);
        Assert.Equal([Path], Directory.GetFiles(_folder));
    }

    [Theory]
    [InlineData("\\\"kind\\\":\\\"convolution\\\"", "\\\"kind\\\":\\\"convulsion!\\\"", "layer 'convolution1'")]
    [InlineData(
        "\\\"filters\\\":4",
        "\\\"filters\\\":9",
        "'convolution1.weight' is 4×3×3×1; its layer asks for 9×3×3×1"
    )]
    [InlineData("\\\"units\\\":7", "\\\"units\\\":0", "layer 'dense1'")]
    [InlineData("\\\"version\\\":2", "\\\"version\\\":9", "version 9")]
    [InlineData("\\\"inputs\\\":[[12,12,1]]", "\\\"inputs\\\":[[12,12,0]]", "cannot be read")]
    [InlineData("\\\"outputs\\\":[6]", "\\\"outputs\\\":[7]", "architecture cannot be read")]
    [InlineData("\\\"outputs\\\":[6]", "\\\"outputs\\\":[-1]", "not an input")]
    [InlineData("\\\"outputs\\\":[6]", "\\\"outputs\\\":[5]", "reads the output of 'dense2'")]
    [InlineData("\\\"inputs\\\":[-1]", "\\\"inputs\\\":[-2]", "layer 'convolution1'")]
    [InlineData("\\\"stride\\\":[1,1]", "\\\"stride\\\":[1,x]", "cannot be read")]
    [InlineData("\\\"inputs\\\":[0]", "\\\"inputs\\\":[7]", "layer 'max-pooling1'")]
    [InlineData("\\\"name\\\":\\\"dense1\\\"", "\\\"name\\\":\\\"dense9\\\"", "'dense9.weight'")]
    public void An_architecture_that_is_wrong_is_refused_with_the_place(string good, string bad, string expected)
    {
        using (Network network = NetworkCases.Create("lenet in small"))
            ModelFile.Save(Path, network);
        byte[] bytes = File.ReadAllBytes(Path);
        int at = bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(good));
        // System.Text.Json writes quotes in a string as \u0022.
        byte[] from = Encoding.UTF8.GetBytes(
            at >= 0 ? good : good.Replace("\\\"", "\\u0022", StringComparison.Ordinal)
        );
        byte[] to = Encoding.UTF8.GetBytes(at >= 0 ? bad : bad.Replace("\\\"", "\\u0022", StringComparison.Ordinal));
        Replace(bytes, from, to);
        var e = Assert.Throws<DataFormatException>(() => ModelFile.Load(Path));
        Assert.Contains(Path, e.Message, StringComparison.Ordinal);
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_without_an_architecture_are_named_as_that()
    {
        using var values = new Tensor(Shape.Vector(1, 4));
        Safetensors.Write(Path, [new SafetensorsTensor("w", [4], values)], new Dictionary<string, string>());
        var e = Assert.Throws<DataFormatException>(() => ModelFile.Load(Path));
        Assert.Contains("no architecture", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tensor_too_many_is_named()
    {
        using Network network = NetworkCases.Create("lenet in small");
        ModelFile.Save(Path, network);
        using var more = new Tensor(Shape.Vector(1, 4));
        Dictionary<string, string> metadata;
        using (SafetensorsFile file = SafetensorsFile.Open(Path))
            metadata = new Dictionary<string, string>(file.Metadata);
        Safetensors.Write(Path, [.. Tensors(network), new SafetensorsTensor("extra", [4], more)], metadata);
        var e = Assert.Throws<DataFormatException>(() => ModelFile.Load(Path));
        Assert.Contains("'extra'", e.Message, StringComparison.Ordinal);
    }

    private void AssertComesBack(Network network)
    {
        ModelFile.Save(Path, network);
        using Network loaded = ModelFile.Load(Path);
        Assert.Equal(network.Name, loaded.Name);
        Assert.Equal(network.InputShapes, loaded.InputShapes);
        Assert.Equal(network.Outputs, loaded.Outputs);
        Assert.Equal(network.ClassNames, loaded.ClassNames);
        Assert.Equal(network.Nodes.Select(Describe), loaded.Nodes.Select(Describe));
        for (int i = 0; i < network.Parameters.Count; i++)
        {
            Assert.Equal(network.Parameters[i].Name, loaded.Parameters[i].Name);
            Assert.Equal(network.Parameters[i].Value.Span.ToArray(), loaded.Parameters[i].Value.Span.ToArray());
        }
        // Saving what was loaded gives the same bytes, so no option was lost on the way.
        byte[] first = File.ReadAllBytes(Path);
        ModelFile.Save(Path, loaded);
        Assert.Equal(first, File.ReadAllBytes(Path));
    }

    // As the format has them: filters with four sizes, biases with one.
    private static SafetensorsTensor[] Tensors(Network network) =>
        [
            .. network.Parameters.Select(p => new SafetensorsTensor(
                p.Name,
                p.Shape is { BatchSize: 1, Height: 1, Width: 1 }
                    ? [p.Shape.Channels]
                    : [p.Shape.BatchSize, p.Shape.Height, p.Shape.Width, p.Shape.Channels],
                p.Value
            )),
        ];

    // Keeps the header's length: the bytes that are missing become spaces at its end.
    private void Replace(byte[] bytes, byte[] from, byte[] to)
    {
        int at = bytes.AsSpan().IndexOf(from);
        Assert.True(at > 0, "the text to replace is not in the file");
        int header = 8 + (int)BitConverter.ToInt64(bytes);
        List<byte> changed = [.. bytes[..at], .. to, .. bytes[(at + from.Length)..header]];
        while (changed.Count % 8 != 0)
            changed.Add((byte)' ');
        byte[] result = [.. changed, .. bytes[header..]];
        BitConverter.GetBytes((long)changed.Count - 8).CopyTo(result, 0);
        File.WriteAllBytes(Path, result);
    }

    private static string Describe(NetworkNode node) =>
        $"{node.Layer.Name} {node.Layer.Kind} {string.Join(',', node.Inputs)} {node.OutputShape}";
}
