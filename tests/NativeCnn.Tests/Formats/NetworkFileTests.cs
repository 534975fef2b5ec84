using System.Text;
using System.Text.RegularExpressions;
using NativeCnn.Formats;
using NativeCnn.Layers;
using NativeCnn.Networks;
using NativeCnn.Storage;
using NativeCnn.Tests.Networks;

namespace NativeCnn.Tests.Formats;

/// <summary>Networks that a JSON file describes, and what is said of those that are wrong.</summary>
public sealed partial class NetworkFileTests : IDisposable
{
    private const string Head = """{"version":2,"inputs":[[8,8,1]],"layers":[""";
    private const string Dense = """{"kind":"dense","units":3}""";

    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    public static TheoryData<string> Networks => NetworkCases.Names;

    private string File => Path.Combine(_folder, "net.json");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Networks))]
    public void Every_network_comes_back_with_the_same_initial_values(string name)
    {
        using Network network = NetworkCases.Create(name);
        network.ClassNames = ["a", "b", "c", "d", "e"];
        NetworkFile.Save(File, network);
        using Network read = NetworkFile.Load(File, network.Seed);
        Assert.Equal(ModelFile.Describe(network), ModelFile.Describe(read));
        Assert.Equal(network.Seed, read.Seed);
        foreach ((var first, var second) in network.Parameters.Zip(read.Parameters))
            Assert.Equal(first.Value.Span.ToArray(), second.Value.Span.ToArray());
    }

    [Fact]
    public void What_can_be_left_out_is_what_one_would_expect()
    {
        using Network network = Read(
            """
            // Comments, and commas at the end.
            {"version": 2, "inputs": [[8, 8, 1]], "layers": [
              {"kind": "convolution", "filters": 2, "kernel": 3},
              {"kind": "relu", "name": "first"},
              {"kind": "convolution", "filters": 2, "kernel": [3, 1], "padding": [1, 0, 1, 0]},
              {"kind": "addition", "inputs": ["first", 2]},
              {"kind": "max-pooling", "window": 2,},
              {"kind": "dense", "units": 3, "initializer": {"constant": 0.5}},
            ]}
            """
        );
        Assert.Equal("network", network.Name);
        Assert.Equal(
            ["convolution1 -1", "first 0", "convolution2 1", "addition1 1,2", "max-pooling1 3", "dense1 4"],
            network.Nodes.Select(node => $"{node.Layer.Name} {string.Join(',', node.Inputs)}")
        );
        Assert.Equal([5], network.Outputs);
        Assert.Equal(0.5f, network.Parameters.Single(p => p.Name == "dense1.weight").Value.Span[0]);
        var pooling = Assert.IsType<MaxPooling>(network.Nodes[4].Layer);
        Assert.Equal(pooling.Window, pooling.Stride);
    }

    [Fact]
    public void A_network_may_stand_in_a_member_and_behind_a_byte_order_mark()
    {
        using Network network = Read("\uFEFF{\"model\":\"x\",\"layers\":[1],\"network\":" + Head + Dense + "]}}");
        Assert.Single(network.Nodes);
        AssertRefused(
            "{\"network\":" + Head + """{"kind":"dense"}]}}""",
            "(1,54): network.layers[0].units is missing."
        );
        AssertRefused("""{"network":7}""", "(1,12): network must be an object, but is 7.");
    }

    [Fact]
    public void Factors_are_read_and_written_where_they_are_not_1()
    {
        using Network network = Read(
            Head
                + """{"kind":"dense","units":4,"rate_factor":0.5,"decay_factor":{"bias":0}},"""
                + """{"kind":"dense","units":3,"decay_factor":{"bias":1,"weight":1}}]}"""
        );
        Assert.Equal([0.5f, 0.5f, 1, 1], network.Parameters.Select(p => p.LearningRateFactor));
        Assert.Equal([1, 0, 1, 1], network.Parameters.Select(p => p.WeightDecayFactor));
        string text = ModelFile.Describe(network);
        Assert.Contains("\"bias\":true,\"rate_factor\":0.5,\"decay_factor\":{\"bias\":0}}", text);
        Assert.EndsWith("\"units\":3,\"bias\":true}]}", text);
        foreach (float wrong in (float[])[-1, float.NaN, float.PositiveInfinity])
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => network.Parameters[0].LearningRateFactor = wrong);
            Assert.Throws<ArgumentOutOfRangeException>(() => network.Parameters[0].WeightDecayFactor = wrong);
        }
    }

    /// <summary>A line per mistake: what stands for the layers, and what is said.</summary>
    [Theory]
    [InlineData("""{"kind":"dense"}""", "(1,43): layers[0].units is missing.")]
    [InlineData("""{"kind":"dense","units":0}""", "(1,67): layers[0].units must be at least 1, but is 0.")]
    [InlineData("""{"kind":"dense","units":2.5}""", "layers[0].units must be a whole number, but is 2.5.")]
    [InlineData("""{"kind":"dense","units":"3"}""", "layers[0].units must be a whole number, but is the text \"3\".")]
    [InlineData(
        """{"kind":"dense","units":9999999999}""",
        "layers[0].units must be a whole number, but is 9999999999."
    )]
    [InlineData(
        """{"kind":"dense","unit":3}""",
        "(1,59): layers[0].unit is no member that is known here (did you mean 'units'?)"
    )]
    [InlineData(
        """{"kind":"dense","units":3,"colour":1}""",
        "layers[0].colour is no member that is known here; there are units, bias,"
    )]
    [InlineData("""{"kind":"dense","units":3,"units":4}""", "(1,69): layers[0].units stands there a second time.")]
    [InlineData("""{"kind":"dense","units":3,"bias":1}""", "layers[0].bias must be true or false, but is 1.")]
    [InlineData(
        """{"kind":"dens","units":3}""",
        "(1,51): layers[0].kind: 'dens' is no kind of layer that this program knows (did you mean 'dense'?)"
    )]
    [InlineData("""{"kind":"zzz"}""", "adaptive-average-pooling, adaptive-max-pooling, addition,")]
    [InlineData("""{"units":3}""", "layers[0].kind is missing.")]
    [InlineData("""{"kind":7}""", "layers[0].kind must be a text, but is 7.")]
    [InlineData("7", "layers[0] must be an object, but is 7.")]
    [InlineData("", "layers is empty, and a network has at least one layer.")]
    [InlineData(
        """{"kind":"convolution","filters":2,"kernel":[3]}""",
        "layers[0].kernel must be a whole number or an array of 2: height, width, but is [3]."
    )]
    [InlineData(
        """{"kind":"convolution","filters":2,"kernel":[3,0]}""",
        "(1,89): layers[0].kernel[1] must be at least 1, but is 0."
    )]
    [InlineData(
        """{"kind":"convolution","filters":2,"kernel":3,"padding":-1}""",
        "layers[0].padding must be at least 0, but is -1."
    )]
    [InlineData("""{"kind":"convolution","filters":2,"kernel":9}""", "layers[0]: Layer 'convolution1' (convolution): ")]
    [InlineData(
        """{"kind":"convolution","filters":2,"kernel":3,"table":[[0],[4]]}""",
        "layers[0]: Layer 'convolution1' (convolution): "
    )]
    [InlineData(
        """{"kind":"convolution","filters":2,"kernel":3,"initializer":"he"}""",
        "layers[0].initializer must be he-normal, he-uniform,"
    )]
    [InlineData(
        """{"kind":"dropout","probability":1}""",
        "layers[0].probability must be at least 0 and below 1, but is 1."
    )]
    [InlineData("""{"kind":"batch-norm","epsilon":0}""", "layers[0].epsilon must be above 0, but is 0.")]
    [InlineData("""{"kind":"softplus","beta":0}""", "layers[0].beta must be other than 0, but is 0.")]
    [InlineData("""{"kind":"gain","alpha":1e60}""", "layers[0].alpha must be a number that float32 has, but is 1e60.")]
    [InlineData(
        """{"kind":"subtractive-norm","size":4,"sigma":1}""",
        "layers[0].size must be odd and at least 1 and at most 127, but is 4."
    )]
    [InlineData(
        """{"kind":"group-norm","groups":3}""",
        "Group normalisation: 3 groups do not divide the 1 channels of 1×8×8×1."
    )]
    [InlineData("""{"kind":"addition"}""", "Layer 'addition1' (addition) reads 2 inputs; got 1; it reads 1×8×8×1.")]
    [InlineData(
        """{"kind":"relu","inputs":[0]}""",
        "(1,68): layers[0].inputs[0] is 0: there is no layer before it, and the network's input is -1."
    )]
    [InlineData("""{"kind":"relu","inputs":[-2147483648]}""", "layers[0].inputs[0] is -2147483648: there is no layer")]
    [InlineData(
        """{"kind":"relu","inputs":["a"]}""",
        "layers[0].inputs[0] is 'a', and no layer before it is called that."
    )]
    [InlineData(
        """{"kind":"relu","inputs":[null]}""",
        "layers[0].inputs[0] must be a layer's name, or a number, but is null."
    )]
    [InlineData("""{"kind":"relu","inputs":-1}""", "layers[0].inputs must be an array, but is -1.")]
    [InlineData("""{"kind":"relu","inputs":[]}""", "Layer 'relu1' (relu) reads 1 inputs; got 0.")]
    [InlineData(
        """{"kind":"relu","name":"a"},{"kind":"relu","name":"a"}""",
        "layers[1].name is 'a', and a layer before it is called that too."
    )]
    [InlineData(
        """{"kind":"relu","name":"bat"},{"kind":"relu","inputs":["bad"]}""",
        "layers[1].inputs[0] is 'bad', and no layer before it is called that (did you mean 'bat'?)"
    )]
    [InlineData("""{"kind":"relu","name":"\u001b"}""", "layers[0].name has control characters.")]
    [InlineData(
        """{"kind":"relu","name":""}""",
        "layers[0]: A layer's name has one character or more, and no control characters."
    )]
    [InlineData("""{"kind":"relu","name":"\ud800"}""", "layers[0].name: ")]
    [InlineData(
        """{"kind":"relu"},{"kind":"relu","inputs":[-1]}""",
        "layers[0]: no layer reads the output of 'relu1', and it does not leave the network."
    )]
    [InlineData("""{"kind":"relu","rate_factor":-1}""", "layers[0].rate_factor must be at least 0, but is -1.")]
    [InlineData(
        """{"kind":"relu","rate_factor":2}""",
        "layers[0].rate_factor is for parameters, and layer 'relu1' (relu) has none to train."
    )]
    [InlineData(
        """{"kind":"dense","units":3,"decay_factor":{"wieght":0}}""",
        "layers[0].decay_factor.wieght is no parameter (did you mean 'weight'?)"
    )]
    [InlineData(
        """{"kind":"dense","units":3,"decay_factor":true}""",
        "layers[0].decay_factor must be a number, or an object with a number for each parameter, but is true."
    )]
    [InlineData("""{"kind":"dense","units":3""", "(1,68): ']' is invalid without a matching open.")]
    [InlineData("""{"kind":"dense" "units":3}""", "(1,59): '\"' is invalid after a value.")]
    [InlineData("""{"kind":"dense","units":03}""", "Invalid leading zero before '3'.")]
    [InlineData("""{"kind":"dense","units":2147483647}""", "layers[0]: Layer 'dense1' (dense): ")]
    public void A_mistake_is_told_with_its_place_and_member(string layers, string expected) =>
        AssertRefused($"{Head}{layers}]}}", expected);

    [Theory]
    [InlineData("", "(1,1): ")]
    [InlineData("null", "(1,1): the network must be an object, but is null.")]
    [InlineData("[]", "(1,1): the network must be an object, but is [].")]
    [InlineData("""{"inputs":[[8,8,1]],"layers":[]}""", "(1,1): version is missing.")]
    [InlineData(
        """{"version":3}""",
        "(1,12): version is 3: there is no version 3; this program reads versions 1 and 2."
    )]
    [InlineData("""{"version":2,"layers":[]}""", "inputs is missing.")]
    [InlineData("""{"version":2,"inputs":[]}""", "inputs is empty, and a network has at least one input.")]
    [InlineData(
        """{"version":2,"inputs":[28,28,1]}""",
        "inputs[0] must be an array of 3 whole numbers: height, width, channels, but is 28."
    )]
    [InlineData("""{"version":2,"inputs":[[28,0,1]]}""", "inputs[0][1] must be at least 1, but is 0.")]
    [InlineData("""{"version":2,"inputs":[[99999,99999,9]]}""", "inputs[0]: ")]
    [InlineData("""{"version":2,"inputs":[[8,8,1]]}""", "layers is missing.")]
    [InlineData("""{"version":2,"inputs":[[8,8,1]],"layers":{}}""", "layers must be an array, but is an object.")]
    [InlineData(
        """{"version":2,"imputs":[[8,8,1]]}""",
        "(1,14): imputs is no member that is known here (did you mean 'inputs'?)"
    )]
    [InlineData(
        """{"version":2,"inputs":[[8,8,1]],"layers":[{"kind":"relu"}],"outputs":[-1]}""",
        "outputs[0] is an input: what leaves a network is the output of a layer, not an input."
    )]
    [InlineData(
        """{"version":2,"inputs":[[8,8,1]],"layers":[{"kind":"relu"}],"outputs":[]}""",
        "outputs is empty, and a network has at least one output."
    )]
    [InlineData(
        """{"version":2,"inputs":[[1,1,2]],"layers":[{"kind":"relu"}],"classes":["a"]}""",
        "classes names 1 classes, and the network has 2 outputs."
    )]
    public void So_is_one_of_the_network_itself(string text, string expected) => AssertRefused(text, expected);

    [Fact]
    public void Lines_and_columns_count_characters()
    {
        AssertRefused("{\r\n  \"version\": 2, \"größe\": 1\r\n}", "(2,17): größe is no member that is known here;");
        AssertRefused("{\n  \"name\": \"größer ∞\", x\n}", "(2,23): 'x' is an invalid start of a property name.");
        byte[] bytes = [.. Encoding.UTF8.GetBytes("{\n \"ü\": \""), 0xFF, .. "\"}"u8];
        System.IO.File.WriteAllBytes(File, bytes);
        Assert.EndsWith(
            "net.json(2,8): here begins what is no UTF-8 text.",
            Assert.Throws<DataFormatException>(() => NetworkFile.Load(File)).Message
        );
    }

    [Fact]
    public void Limits_hold()
    {
        string layers = string.Join(',', Enumerable.Repeat("""{"kind":"relu"}""", 5));
        System.IO.File.WriteAllText(File, $"{Head}{layers}]}}");
        string Message(ReadingLimits limits) =>
            Assert.Throws<DataFormatException>(() => NetworkFile.Load(File, 1, limits)).Message;
        Assert.Contains("layers: 5 layers are more than the 4 that are read", Message(new() { Layers = 4 }));
        Assert.Contains("50 are read at most", Message(new() { HeaderBytes = 50 }));
        Assert.Contains("inputs: 1 inputs or outputs are more than the 0", Message(new() { Inputs = 0 }));
        string deep = new('[', 100);
        AssertRefused("{\"a\":" + deep, "The maximum configured depth of 64 has been exceeded.");
    }

    [Fact]
    public void A_kind_of_ones_own_need_not_take_the_examples()
    {
        LayerRegistry.Register(
            "test-picky",
            options =>
            {
                int size = options.ReadInt("size", range: OptionRange.AtLeast(1));
                if (size < 10)
                    throw new ArgumentException("The size is 10 or more.");
                return new Dense(size) { Bias = options.ReadBool("bias", true) };
            }
        );
        Assert.False(LayerRegistry.Find("test-picky")!.Description.IsComplete);
        AssertRefused($$"""{{Head}}{"kind":"test-picky","size":9}]}""", "layers[0]: The size is 10 or more.");
        AssertRefused($$"""{{Head}}{"kind":"test-picky","size":10,"bais":1}]}""", "layers[0].bais is no member");
        AssertRefused(
            $$"""{{Head}}{"kind":"test-picky","size":10}]}""",
            "layers[0]: the kind 'test-picky' was read as a layer of kind 'dense'."
        );
    }

    private Network Read(string text)
    {
        System.IO.File.WriteAllText(File, text);
        return NetworkFile.Load(File);
    }

    private void AssertRefused(string text, string expected)
    {
        System.IO.File.WriteAllText(File, text);
        string message = Assert.Throws<DataFormatException>(() => NetworkFile.Load(File)).Message;
        Assert.Matches(Place(), message);
        Assert.StartsWith(File, message, StringComparison.Ordinal);
        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
        Assert.EndsWith(".", message, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"net\.json\(\d+,\d+\): \S")]
    private static partial Regex Place();
}
