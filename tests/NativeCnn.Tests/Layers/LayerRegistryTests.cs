using System.Text.Json;
using NativeCnn.Backends;
using NativeCnn.Backends.Operations;
using NativeCnn.Layers;
using NativeCnn.Tensors;
using Addition = NativeCnn.Layers.Addition;
using Dropout = NativeCnn.Layers.Dropout;

namespace NativeCnn.Tests.Layers;

/// <summary>How layers stand in files: every kind is written, read again and the same, options included.</summary>
public sealed class LayerRegistryTests
{
    // The registry: a new layer adds a row, with every option other than by default, and what stands in the file.
    internal static readonly Dictionary<string, Layer> Rows = new()
    {
        [
            """convolution {"filters":6,"kernel":[3,2],"stride":[2,1],"dilation":[1,2],"padding":[1,2,3,4]"""
                + ""","groups":2,"bias":false}"""
        ] = new Convolution(6, new Size2(3, 2))
        {
            Stride = new Size2(2, 1),
            Dilation = new Size2(1, 2),
            Padding = new Padding(1, 2, 3, 4),
            Groups = 2,
            Bias = false,
        },
        [
            """transposed-convolution {"filters":6,"kernel":[3,2],"stride":[2,3],"dilation":[1,2],"padding":[1,2,3,4]"""
                + ""","output_padding":[1,2],"groups":2,"bias":false}"""
        ] = new TransposedConvolution(6, new Size2(3, 2))
        {
            Stride = new Size2(2, 3),
            Dilation = new Size2(1, 2),
            Padding = new Padding(1, 2, 3, 4),
            OutputPadding = new Size2(1, 2),
            Groups = 2,
            Bias = false,
        },
        ["""radial-basis {"units":10,"digit_codes":true,"learned":false,"negated":true}"""] = new RadialBasis(10)
        {
            HasDigitCodes = true,
            IsLearned = false,
            IsNegated = true,
        },
        [
            """map-combination {"maps":6,"kernel":[3,2],"stride":[2,1],"dilation":[1,2],"padding":[1,2,3,4]"""
                + ""","rotated":true,"bias":false}"""
        ] = new MapCombination(6, new Size2(3, 2))
        {
            Stride = new Size2(2, 1),
            Dilation = new Size2(1, 2),
            Padding = new Padding(1, 2, 3, 4),
            IsRotated = true,
            Bias = false,
        },
        ["""dense {"units":7,"bias":false}"""] = new Dense(7) { Bias = false },
        ["""l2-pooling {"window":[3,2],"stride":[2,1],"padding":[1,0,2,1],"count_padding":true}"""] = new L2Pooling(
            new Size2(3, 2),
            new Size2(2, 1)
        )
        {
            Padding = new Padding(1, 0, 2, 1),
            CountPadding = true,
        },
        ["""adaptive-average-pooling {"output":[3,2]}"""] = new AdaptiveAveragePooling(new Size2(3, 2)),
        ["""adaptive-max-pooling {"output":[3,2]}"""] = new AdaptiveMaxPooling(new Size2(3, 2)),
        ["""skipping {"step":[3,2]}"""] = new Skipping(new Size2(3, 2)),
        ["""subsampling {"block":[3,2]}"""] = new Subsampling(new Size2(3, 2)),
        ["""nearest-up-sampling {"factor":[3,2]}"""] = new UpSampling(UpSamplingKind.Nearest, new Size2(3, 2)),
        ["""zero-insertion {"factor":[3,2]}"""] = new UpSampling(UpSamplingKind.ZeroInsertion, new Size2(3, 2)),
        ["""average-unpooling {"factor":[3,2]}"""] = new UpSampling(UpSamplingKind.AverageUnpooling, new Size2(3, 2)),
        ["""zero-padding {"padding":[1,2,3,4]}"""] = new BorderPadding(BorderKind.Zeros, new Padding(1, 2, 3, 4)),
        ["""reflection-padding {"padding":[1,2,3,4]}"""] = new BorderPadding(
            BorderKind.Reflection,
            new Padding(1, 2, 3, 4)
        ),
        ["""replication-padding {"padding":[1,2,3,4]}"""] = new BorderPadding(
            BorderKind.Replication,
            new Padding(1, 2, 3, 4)
        ),
        ["""max-pooling {"window":[3,2],"stride":[2,1],"padding":[1,0,2,1]}"""] = new MaxPooling(
            new Size2(3, 2),
            new Size2(2, 1)
        )
        {
            Padding = new Padding(1, 0, 2, 1),
        },
        ["""average-pooling {"window":[3,3],"stride":[3,3],"padding":[1,1,1,1],"count_padding":true}"""] =
            new AveragePooling(3) { Padding = Padding.All(1), CountPadding = true },
        ["""relu {}"""] = new PointwiseActivation(Activation.Relu),
        ["""tanh {}"""] = new PointwiseActivation(Activation.Tanh),
        ["""scaled-tanh {"alpha":1.5,"beta":0.75}"""] = new PointwiseActivation(Activation.ScaledTanh(1.5f, 0.75f)),
        ["""logistic {"beta":2.5}"""] = new PointwiseActivation(Activation.Logistic(2.5f)),
        ["""leaky-relu {"alpha":-0.25}"""] = new PointwiseActivation(Activation.LeakyRelu(-0.25f)),
        ["""softplus {"beta":4.5}"""] = new PointwiseActivation(Activation.Softplus(4.5f)),
        ["""elu {"alpha":0.5}"""] = new PointwiseActivation(Activation.Elu(0.5f)),
        ["""absolute {}"""] = new PointwiseActivation(Activation.Absolute),
        ["""smooth-absolute {"beta":-2}"""] = new PointwiseActivation(Activation.SmoothAbsolute(-2)),
        ["""gain {"alpha":1.5}"""] = new PointwiseActivation(Activation.Gain(1.5f)),
        ["""clipped-relu {"alpha":2.5}"""] = new PointwiseActivation(Activation.ClippedRelu(2.5f)),
        ["""identity {}"""] = new PointwiseActivation(Activation.Identity),
        ["""local-response-norm {"size":4,"alpha":0.5,"beta":0.25,"k":2}"""] = new LocalResponseNorm(4, 0.5f, 0.25f, 2),
        ["""batch-norm {"momentum":0.25,"epsilon":0.5}"""] = new BatchNorm(0.25f, 0.5f),
        ["""group-norm {"groups":3,"epsilon":0.5}"""] = new GroupNorm(3, 0.5f),
        ["""subtractive-norm {"size":5,"sigma":1.5}"""] = new SubtractiveNorm(5, 1.5f),
        ["""divisive-norm {"size":5,"sigma":1.5,"constant":0.25}"""] = new DivisiveNorm(5, 1.5f, 0.25f),
        ["""brightness-norm {"kappa":2,"lambda":0.5,"mu":0.25}"""] = new BrightnessNorm(2, 0.5f, 0.25f),
        ["""prelu {"shared":true,"initial_slope":-0.5}"""] = new PRelu { IsShared = true, InitialSlope = -0.5f },
        ["""learned-gain {}"""] = new LearnedGain(),
        ["""spatial-dropout {"probability":0.75}"""] = new NativeCnn.Layers.SpatialDropout(0.75f),
        ["""dropout {"probability":0.25}"""] = new Dropout(0.25f),
        ["""softmax {}"""] = new Softmax(),
        ["""flatten {}"""] = new Flatten(),
        ["""addition {}"""] = new Addition(),
        ["""concatenation {}"""] = new Concatenation(),
    };

    public static TheoryData<string> Texts => [.. Rows.Keys];

    [Fact]
    public void Every_layer_and_every_activation_has_a_row()
    {
        IEnumerable<string> kinds = Rows.Values.Select(layer => layer.Kind);
        Assert.Empty(EngineTypes.Of<Layer>().Except(Rows.Values.Select(layer => layer.GetType())));
        Assert.Empty(ActivationTraits.All.Select(traits => traits.Name).Except(kinds));
        Assert.Empty(kinds.Except(LayerRegistry.Kinds));
    }

    [Theory]
    [MemberData(nameof(Texts))]
    public void A_layer_comes_back_with_every_option(string text)
    {
        Layer layer = Rows[text];
        Assert.Equal(text, Write(layer));
        Layer read = Read(text);
        Assert.IsType(layer.GetType(), read);
        Assert.Equal(text, Write(read));
        Assert.NotSame(read, Read(text));
    }

    [Theory]
    [MemberData(nameof(Texts))]
    public void An_option_that_is_missing_or_of_another_type_is_named(string text)
    {
        (string kind, string options) = Split(text);
        foreach (JsonProperty option in Parse(options).EnumerateObject())
        {
            foreach (string value in (string[])["null", "\"x\"", "{}", "[1]"])
            {
                var other = Parse(options).EnumerateObject().ToDictionary(o => o.Name, o => o.Value.GetRawText());
                other[option.Name] = value;
                AssertNamed(kind, other, option.Name);
            }
            var rest = Parse(options)
                .EnumerateObject()
                .Where(o => o.Name != option.Name)
                .ToDictionary(o => o.Name, o => o.Value.GetRawText());
            // What has a default may be missing.
            if (LayerRegistry.Find(kind)!.Description.Options.Single(o => o.Name == option.Name).IsRequired)
                AssertNamed(kind, rest, option.Name);
            else
                Assert.NotNull(Read($"{kind} {Text(rest)}"));
        }
    }

    /// <summary>Files of before have no such option.</summary>
    [Theory]
    [InlineData("""max-pooling {"window":[3,3],"stride":[2,2],"padding":[0,0,0,0],"ceil_mode":true}""")]
    [InlineData(
        """average-pooling {"window":[3,3],"stride":[2,2],"padding":[0,0,0,0],"ceil_mode":true,"count_padding":true}"""
    )]
    [InlineData(
        """l2-pooling {"window":[3,3],"stride":[2,2],"padding":[0,0,0,0],"ceil_mode":true,"count_padding":true}"""
    )]
    public void Rounding_up_stands_in_the_file_where_it_is_asked_for(string text)
    {
        Assert.Equal(text, Write(Read(text)));
        string down = text.Replace("\"ceil_mode\":true", "\"ceil_mode\":false", StringComparison.Ordinal);
        string none = text.Replace(",\"ceil_mode\":true", "", StringComparison.Ordinal);
        Assert.Equal(none, Write(Read(down)));
        Assert.Equal(none, Write(Read(none)));
        string wrong = text.Replace("\"ceil_mode\":true", "\"ceil_mode\":1", StringComparison.Ordinal);
        Assert.Contains(
            "'ceil_mode'",
            Assert.ThrowsAny<FormatException>(() => Read(wrong)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void An_unknown_kind_is_named_with_what_to_do()
    {
        var e = Assert.Throws<FormatException>(() => Read("convulsion {}"));
        Assert.StartsWith(
            "'convulsion' is no kind of layer that this program knows",
            e.Message,
            StringComparison.Ordinal
        );
        Assert.Contains("LayerRegistry.Register", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_kind_of_ones_own_is_registered_once()
    {
        Assert.Throws<FormatException>(() => Read("""test-shift {"by":3}"""));
        LayerRegistry.Register("test-shift", json => new Shift(json.ReadInt("by")));
        Assert.Contains("test-shift", LayerRegistry.Kinds);
        Assert.Equal(3, Assert.IsType<Shift>(Read("""test-shift {"by":3}""")).By);
        foreach (string taken in (string[])["test-shift", "convolution"])
        {
            var e = Assert.Throws<ArgumentException>(() => LayerRegistry.Register(taken, _ => new Shift(1)));
            Assert.StartsWith($"There is a kind of layer '{taken}' already.", e.Message, StringComparison.Ordinal);
        }
        Assert.Throws<ArgumentException>(() => LayerRegistry.Register("", _ => new Shift(1)));
        LayerRegistry.Register("test-shifted", _ => new Shift(1));
        var wrong = Assert.Throws<FormatException>(() => Read("test-shifted {}"));
        Assert.Equal("the kind 'test-shifted' was read as a layer of kind 'test-shift'", wrong.Message);
    }

    private static void AssertNamed(string kind, Dictionary<string, string> options, string name)
    {
        var e = Assert.ThrowsAny<FormatException>(() => Read($"{kind} {Text(options)}"));
        Assert.Contains($"'{name}'", e.Message, StringComparison.Ordinal);
    }

    private static string Text(Dictionary<string, string> options) =>
        $"{{{string.Join(',', options.Select(option => $"\"{option.Key}\":{option.Value}"))}}}";

    private static string Write(Layer layer) => $"{layer.Kind} {OptionsText.Of(layer)}";

    private static Layer Read(string text)
    {
        (string kind, string options) = Split(text);
        return LayerRegistry.Read(kind, Parse(options));
    }

    private static (string Kind, string Options) Split(string text) =>
        text.Split(' ') is [var kind, var options] ? (kind, options) : default;

    private static JsonElement Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }

    private sealed class Shift(int by) : Layer
    {
        public int By => by;

        public override string Kind => "test-shift";

        public override Shape InferShape(ReadOnlySpan<Shape> inputs) => inputs[0];

        public override void Forward(LayerContext context) { }

        public override void Backward(LayerContext context) { }

        public override void WriteOptions(Utf8JsonWriter json) => json.WriteNumber("by", By);
    }
}
