using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Operations;
using NativeCnn.Initializers;
using NativeCnn.Layers;
using NativeCnn.Losses;
using NativeCnn.Networks;
using NativeCnn.Schedules;
using NativeCnn.Tensors;
using Addition = NativeCnn.Layers.Addition;
using Dropout = NativeCnn.Layers.Dropout;
using HuberLoss = NativeCnn.Losses.HuberLoss;
using SoftmaxCrossEntropy = NativeCnn.Losses.SoftmaxCrossEntropy;
using SpatialDropout = NativeCnn.Layers.SpatialDropout;
using SquaredError = NativeCnn.Losses.SquaredError;
using WeightPenalty = NativeCnn.Losses.WeightPenalty;

namespace NativeCnn.Tests.Layers;

/// <summary>
/// Every rule that a layer, loss, schedule or initialiser has, broken: what cannot be is refused when the network is
/// built or the constant given, with who refuses it, what it reads, and the rule. Numbers of optimisers and of the
/// trainer are in OptionRangeTests, those of clipping in GradientOptionsTests.
/// </summary>
public sealed class RefusalTests
{
    private static readonly Shape s_input = new(1, 6, 5, 4);

    // What a network refuses: the layer, and what its message has besides the layer's name and input.
    private static readonly Dictionary<string, (Func<Layer> Make, string Rule)> Layers = new()
    {
        ["no filters"] = (() => new Convolution(0, 3), "1 or more filters"),
        ["no kernel"] = (() => new Convolution(3, new Size2(3, 0)), "Kernel, stride and dilation are 1 or more"),
        ["no stride"] = (() => new Convolution(3, 3) { Stride = 0 }, "Kernel, stride and dilation are 1 or more"),
        ["no dilation"] = (() => new Convolution(3, 3) { Dilation = 0 }, "Kernel, stride and dilation are 1 or more"),
        ["no groups"] = (() => new Convolution(3, 3) { Groups = 0 }, "1 or more filters and groups"),
        ["groups that do not divide the channels"] = (() => new Convolution(6, 3) { Groups = 3 }, "3 groups"),
        ["groups that do not divide the filters"] = (() => new Convolution(3, 3) { Groups = 2 }, "2 groups"),
        ["a kernel larger than the input"] = (() => new Convolution(3, new Size2(7, 1)), "7 pixels does not fit"),
        ["a kernel larger than the padded input"] = (
            () => new Convolution(3, 8) { Padding = new Padding(1, 1, 0, 1) },
            "8 pixels does not fit"
        ),
        ["a dilated kernel larger than the input"] = (
            () => new Convolution(3, 3) { Dilation = 3 },
            "7 pixels does not fit"
        ),
        ["a padding that crops everything"] = (
            () => new Convolution(3, 1) { Padding = Padding.All(-3) },
            "does not fit"
        ),
        ["a table of other filters"] = (
            () => new Convolution(3, 3) { Table = ConnectionTable.Full(4, 2) },
            "2 rows, one for each output map; there are 3"
        ),
        ["a table of other maps"] = (
            () => new Convolution(2, 3) { Table = ConnectionTable.Full(5, 2) },
            "names input map 4"
        ),
        ["a table beside groups"] = (
            () => new Convolution(2, 3) { Table = ConnectionTable.Full(4, 2), Groups = 2 },
            "1 group"
        ),
        ["a bias per unit without bias"] = (
            () => new Convolution(2, 3) { HasBiasPerUnit = true, Bias = false },
            "bias per unit"
        ),
        ["no transposed filters"] = (() => new TransposedConvolution(0, 3), "1 or more filters"),
        ["no transposed kernel"] = (() => new TransposedConvolution(3, 0), "Kernel, stride and dilation"),
        ["transposed groups that do not divide"] = (() => new TransposedConvolution(3, 3) { Groups = 2 }, "2 groups"),
        ["an output padding of the stride"] = (
            () => new TransposedConvolution(3, 3) { Stride = 2, OutputPadding = 2 },
            "less than the stride 2×2"
        ),
        ["a padding that leaves no transposed output"] = (
            () => new TransposedConvolution(3, 1) { Padding = Padding.All(3) },
            "pixels long"
        ),
        ["no combined maps"] = (() => new MapCombination(0, 3), "1 or more filters"),
        ["a combined kernel larger than the input"] = (() => new MapCombination(3, 7), "does not fit"),
        ["no units"] = (() => new Dense(0), "1 unit or more; got 0"),
        ["fewer units than none"] = (() => new Dense(-3), "1 unit or more; got -3"),
        ["no radial units"] = (() => new RadialBasis(0), "1 radial basis unit or more"),
        ["digits' codes of another size"] = (() => new RadialBasis(10) { HasDigitCodes = true }, "84 values"),
        ["no window"] = (() => new MaxPooling(0), "window and stride are 1 or more"),
        ["no steps of a window"] = (() => new MaxPooling(2, 0), "window and stride are 1 or more"),
        ["a window larger than the input"] = (() => new MaxPooling(7), "window of 7 does not fit"),
        ["a window larger than the padded input"] = (
            () => new AveragePooling(9) { Padding = Padding.All(1) },
            "window of 9 does not fit"
        ),
        ["a window larger than what is rounded up"] = (
            () => new L2Pooling(9, 2) { CeilMode = true },
            "window of 9 does not fit"
        ),
        ["a padding of the window"] = (
            () => new AveragePooling(2) { Padding = Padding.All(2) },
            "less than its window"
        ),
        ["a padding below 0"] = (() => new L2Pooling(2) { Padding = Padding.All(-1) }, "0 or more"),
        ["a window of too many places"] = (() => new MaxPooling(300), "65,536 places"),
        ["an adaptive output of nothing"] = (() => new AdaptiveAveragePooling(0), "1×1 or more"),
        ["an adaptive maximum of nothing"] = (() => new AdaptiveMaxPooling(new Size2(1, 0)), "1×1 or more"),
        ["steps of 0"] = (() => new Skipping(0), "steps of 1 or more"),
        ["a block that does not tile"] = (() => new Subsampling(2), "blocks that tile the image"),
        ["a block of nothing"] = (() => new Subsampling(0), "blocks that tile the image"),
        ["a factor of 0"] = (() => new UpSampling(UpSamplingKind.Nearest, 0), "factors of 1 or more"),
        ["a factor beyond any image"] = (() => new UpSampling(UpSamplingKind.ZeroInsertion, 1 << 30), "at most"),
        ["a border below 0"] = (() => new BorderPadding(BorderKind.Zeros, Padding.All(-1)), "0 or more pixels"),
        ["a mirror of more than the image"] = (
            () => new BorderPadding(BorderKind.Reflection, new Padding(0, 5, 0, 0)),
            "fewer rows and columns than the image"
        ),
        ["groups that do not divide what is normalised"] = (() => new GroupNorm(3), "3 groups do not divide"),
    };

    // What is refused where it is given: what its message has.
    private static readonly Dictionary<string, (Action Make, string Who, string Rule)> Constants = new()
    {
        ["no window's size"] = (() => _ = new SubtractiveNorm(0, 1), "Contrast normalisation", "odd and 1 to 127"),
        ["an even size"] = (() => _ = new SubtractiveNorm(4, 1), "Contrast normalisation", "odd"),
        ["too large a size"] = (() => _ = new DivisiveNorm(129, 1), "Contrast normalisation", "1 to 127"),
        ["σ = 0"] = (() => _ = new SubtractiveNorm(5, 0), "Contrast normalisation", "σ is finite and above 0"),
        ["σ below 0"] = (() => _ = new DivisiveNorm(5, -1), "Contrast normalisation", "σ is finite and above 0"),
        ["σ = NaN"] = (() => _ = new SubtractiveNorm(5, float.NaN), "Contrast normalisation", "σ is finite"),
        ["c below 0"] = (() => _ = new DivisiveNorm(5, 1, -1), "Divisive normalisation", "not below 0"),
        ["κ = 0"] = (() => _ = new BrightnessNorm(0), "Brightness normalisation", "κ is finite and above 0"),
        ["λ below 0"] = (
            () => _ = new BrightnessNorm(1, -1),
            "Brightness normalisation",
            "λ is finite and not below 0"
        ),
        ["μ = ∞"] = (
            () => _ = new BrightnessNorm(mu: float.PositiveInfinity),
            "Brightness normalisation",
            "μ is finite"
        ),
        ["no channels"] = (() => _ = new LocalResponseNorm(0), "Local response normalisation", "1 channel or more"),
        ["too many channels"] = (() => _ = new LocalResponseNorm(1025), "Local response normalisation", "at most 1024"),
        ["α below 0"] = (() => _ = new LocalResponseNorm(5, -1), "Local response normalisation", "α is finite"),
        ["β = NaN"] = (() => _ = new LocalResponseNorm(5, 1, float.NaN), "Local response normalisation", "β is finite"),
        ["k = 0 of responses"] = (
            () => _ = new LocalResponseNorm(5, 1, 1, 0),
            "Local response normalisation",
            "k is finite and above 0"
        ),
        ["a momentum above 1"] = (() => _ = new BatchNorm(1.5f), "Batch normalisation", "0 to 1"),
        ["ε = 0"] = (() => _ = new BatchNorm(epsilon: 0), "ormalisation", "ε is finite and above 0"),
        ["no normalised groups"] = (() => _ = new GroupNorm(0), "Group normalisation", "1 group or more"),
        ["ε = NaN"] = (() => _ = new GroupNorm(1, float.NaN), "ormalisation", "ε is finite and above 0"),
        ["p = 1"] = (() => _ = new Dropout(1), "Dropout", "0 ≤ p < 1"),
        ["p = NaN"] = (() => _ = new SpatialDropout(float.NaN), "SpatialDropout", "0 ≤ p < 1"),
        ["a slope of NaN"] = (() => _ = new PRelu { InitialSlope = float.NaN }, "PReLU", "finite"),
        ["k = 0 of softplus"] = (() => Activate(Activation.Softplus(0)), "softplus", "not 0"),
        ["k = 0 of the smooth |x|"] = (() => Activate(Activation.SmoothAbsolute(0)), "smooth-absolute", "not 0"),
        ["a = 0 of tanh"] = (() => Activate(Activation.ScaledTanh(0)), "scaled-tanh", "not 0"),
        ["β = ∞ of the logistic function"] = (
            () => Activate(Activation.Logistic(float.PositiveInfinity)),
            "logistic",
            "finite"
        ),
        ["a leak of NaN"] = (() => Activate(Activation.LeakyRelu(float.NaN)), "leaky-relu", "finite"),
        ["an α of NaN"] = (() => Activate(Activation.Elu(float.NaN)), "elu", "finite"),
        ["a ceiling of 0"] = (() => Activate(Activation.ClippedRelu(0)), "clipped-relu", "above 0"),
        ["a gain of ∞"] = (() => Activate(Activation.Gain(float.PositiveInfinity)), "gain", "finite"),
        ["no activation"] = (() => Activate(new Activation((ActivationKind)99)), "activation", "no activation 99"),
        ["no border"] = (() => _ = new BorderPadding((BorderKind)9, default), "border", "no such border"),
        ["no up-sampling"] = (() => _ = new UpSampling((UpSamplingKind)9, 2), "up-sampling", "no such up-sampling"),
        ["an empty row"] = (() => Table([0], []), "connection table", "Row 1 of the connection table is empty"),
        ["a table without rows"] = (() => Table(), "connection table", "got none"),
        ["a row with a map twice"] = (() => Table([1, 1]), "connection table", "names input map 1 twice"),
        ["a row with a map below 0"] = (() => Table([-1]), "connection table", "counted from 0"),
        ["δ = 0"] = (() => _ = new HuberLoss(0), "delta", "finite and above 0"),
        ["a target of NaN"] = (() => _ = new HuberLoss(1, double.NaN), "low", "finite"),
        ["a factor of 2"] = (() => _ = new SquaredError(2), "factor", "0.5 or 1"),
        ["an infinite target"] = (() => _ = new SquaredError(high: double.PositiveInfinity), "high", "finite"),
        ["a smoothing above 1"] = (() => _ = new SoftmaxCrossEntropy { Smoothing = 1.1 }, "Smoothing", "0 to 1"),
        ["a class of no weight"] = (
            () => _ = new SoftmaxCrossEntropy { ClassWeights = [1, 0] },
            "ClassWeights",
            "finite and above 0"
        ),
        ["a weight for too few classes"] = (
            () =>
                new SoftmaxCrossEntropy { ClassWeights = [1, 2] }.Declare(
                    Shape.Vector(2, 3),
                    TargetKind.Classes,
                    wantsGradient: true
                ),
            "weights",
            "3"
        ),
        ["a strength below 0"] = (() => _ = new WeightPenalty(WeightPenaltyKind.L2, -1), "strength", "0 or more"),
        ["a sparsity of NaN"] = (
            () => _ = new NativeCnn.Losses.CombinationSparsity(double.NaN),
            "strength",
            "finite and 0 or more"
        ),
        ["no epochs"] = (() => _ = new StepSchedule(0), "epochs", "1 or more"),
        ["a step to 0"] = (() => _ = new StepSchedule(1, 0), "factor", "finite and above 0"),
        ["a factor of NaN"] = (() => _ = new ExponentialSchedule(double.NaN), "factor", "finite and above 0"),
        ["an end above the beginning"] = (() => _ = new CosineSchedule(1.5), "final", "0 to 1"),
        ["no rise"] = (() => _ = new OneCycleSchedule(0), "rising", "above 0 and below 1"),
        ["a beginning above the top"] = (() => _ = new OneCycleSchedule(0.3, 0.5), "startDivisor", "1 or more"),
        ["an end above that"] = (() => _ = new OneCycleSchedule(0.3, 25, 0.5), "finalDivisor", "1 or more"),
        ["a patience below 0"] = (() => _ = new PlateauSchedule(-1), "patience", "0 or more"),
        ["a plateau's factor of 1"] = (() => _ = new PlateauSchedule(1, 1), "factor", "above 0 and below 1"),
        ["a threshold below 0"] = (() => _ = new PlateauSchedule(1, 0.1, -1), "threshold", "0 to 1"),
        ["no warm-up"] = (() => _ = new WarmUpSchedule(0), "steps", "1 or more"),
        ["a constant of NaN"] = (() => Initializer.Constant(float.NaN), "initialiser", "finite"),
        ["a gain of NaN"] = (() => Initializer.Orthogonal(double.NaN), "initialiser", "finite"),
    };

    public static TheoryData<string> LayerNames => [.. Layers.Keys];

    public static TheoryData<string> ConstantNames => [.. Constants.Keys];

    [Theory]
    [MemberData(nameof(LayerNames))]
    public void A_network_refuses_it_with_layer_input_and_rule(string row)
    {
        (Func<Layer> make, string rule) = Layers[row];
        Layer layer = make();
        Node input = NetworkBuilder.Start(s_input);
        var e = Assert.Throws<ShapeException>(() => input.Add(layer, "here"));
        Assert.StartsWith($"Layer 'here' ({layer.Kind}): ", e.Message, StringComparison.Ordinal);
        Assert.Contains($"{s_input}", e.Message, StringComparison.Ordinal);
        Assert.Contains(rule, e.Message, StringComparison.Ordinal);
        // Nothing of it is left.
        Assert.Equal(s_input.WithBatchSize(1), input.Relu().Shape);
    }

    [Theory]
    [MemberData(nameof(ConstantNames))]
    public void A_constant_is_refused_where_it_is_given(string row)
    {
        (Action make, string who, string rule) = Constants[row];
        var e = Assert.ThrowsAny<ArgumentException>(make);
        Assert.Contains(who, e.Message, StringComparison.Ordinal);
        Assert.Contains(rule, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Layers_that_join_name_all_that_they_read()
    {
        Node input = NetworkBuilder.Start(s_input);
        Node smaller = input.MaxPooling(2);
        foreach (Layer layer in (Layer[])[new Addition(), new Concatenation()])
        {
            var e = Assert.Throws<ShapeException>(() => input.Builder.Add(layer, [input, smaller], "here"));
            Assert.StartsWith($"Layer 'here' ({layer.Kind}): ", e.Message, StringComparison.Ordinal);
            Assert.Contains("1×6×5×4", e.Message, StringComparison.Ordinal);
            Assert.Contains("1×3×2×4", e.Message, StringComparison.Ordinal);
        }
        var one = Assert.Throws<ShapeException>(() => input.Add(new Addition(), "here"));
        Assert.Equal("Layer 'here' (addition) reads 2 inputs; got 1.", one.Message);
    }

    [Fact]
    public void One_value_has_no_variance_to_train_on()
    {
        using Network network = NetworkBuilder.Start(1, 1, 4).Add(new BatchNorm(), "here").Build();
        using var backend = new ManagedBackend();
        var e = Assert.Throws<ShapeException>(() => network.Compile(backend, 1, Phase.Training));
        Assert.StartsWith("Layer 'here' (batch-norm): ", e.Message, StringComparison.Ordinal);
        Assert.Contains("1×1×1×4", e.Message, StringComparison.Ordinal);
        Assert.Contains("train with 2 examples or more", e.Message, StringComparison.Ordinal);
        network.Compile(backend, 1, Phase.Inference).Dispose();
        network.Compile(backend, 2, Phase.Training).Dispose();
    }

    [Fact]
    public void Targets_that_mean_nothing_are_refused_by_their_row()
    {
        using var backend = new ManagedBackend();
        using PreparedLoss loss = new SoftmaxCrossEntropy().Prepare(
            backend,
            Shape.Vector(2, 3),
            TargetKind.Probabilities
        );
        using var output = new Tensor(Shape.Vector(2, 3));
        using var gradient = new Tensor(Shape.Vector(2, 3));
        using var rows = new Tensor(Shape.Vector(2, 3));
        void Refused(float[] second, string rule)
        {
            float[] first = [0.25f, 0.25f, 0.5f];
            first.CopyTo(rows.Span);
            second.CopyTo(rows.Span[3..]);
            var e = Assert.Throws<ArgumentOutOfRangeException>(() =>
                loss.Evaluate(output, Targets.Probabilities(rows), 1, gradient)
            );
            Assert.StartsWith("SoftmaxCrossEntropy: row 1 of the targets", e.Message, StringComparison.Ordinal);
            Assert.Contains(rule, e.Message, StringComparison.Ordinal);
        }
        Refused([0.5f, 0.25f, 0], "sums to 0.75; probabilities sum to 1");
        Refused([1.5f, -0.5f, 0], "has -0.5 for class 1");
        Refused([0.5f, float.NaN, 0], "NaN for class 1");
    }

    private static void Activate(Activation activation) => _ = new PointwiseActivation(activation);

    private static void Table(params int[][] rows) => _ = new ConnectionTable(rows);
}
