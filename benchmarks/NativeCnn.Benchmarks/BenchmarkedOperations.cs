using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Native.Convolutions;
using NativeCnn.Backends.Operations;
using NativeCnn.Layers;
using NativeCnn.Models;
using NativeCnn.Networks;
using NativeCnn.Networks.Compilation;
using NativeCnn.Tensors;

namespace NativeCnn.Benchmarks;

/// <summary>
/// What <see cref="OperationBenchmarks"/> measures: every operation of the engine, at the sizes of layers of published
/// networks. A new operation is a line in <see cref="All"/>.
/// </summary>
public static class BenchmarkedOperations
{
    private static readonly double[] SgdScalars = [1e-3, 0.9, 5e-4];
    private static readonly double[] AdamScalars = [1e-3, 0.9, 0.999, 1e-8, 5e-4, 10];

    private static readonly Shape AlexNetMaps = new(32, 55, 55, 64);
    private static readonly Shape AlexNetVectors = Shape.Vector(32, 4096);
    private static readonly Shape AlexNetWeights = Shape.Vector(4096, 4096);
    private static readonly Shape AlexNetFilters = new(384, 3, 3, 192);
    private static readonly Shape LeNet5C3Filters = new(16, 5, 5, 6);
    private static readonly Shape LeNet5Codes = Shape.Vector(64, 84);
    private static readonly Shape AlexNetLogits = Shape.Vector(32, 1000);
    private static readonly Shape ResNetMaps = new(8, 56, 56, 256);
    private static readonly Shape ContrastMaps = new(32, 64, 64, 32);
    private static readonly Shape MnistImages = new(64, 28, 28, 1);

    // The four branches of GoogLeNet's inception 3a.
    private static readonly Shape[] Branches = [.. new[] { 64, 128, 32, 32 }.Select(c => new Shape(32, 28, 28, c))];

    /// <summary>All of them, always in the same order. It holds no tensors and needs no native library.</summary>
    public static IReadOnlyList<BenchmarkedOperation> All =>
        [.. Listed, .. UnlistedOf("alexnet-2012", new Shape(1, 227, 227, 3), 32)];

    private static readonly BenchmarkedOperation[] Listed =
    [
        .. NamedLayers.All.SelectMany(layer => Convolutions(layer.Name, layer.Geometry)),
        .. DenseLayers("lenet-dense1", new Shape(64, 4, 4, 50), 500),
        .. DenseLayers("alexnet-dense1", new Shape(32, 6, 6, 256), 4096),
        .. DenseLayers("alexnet-dense2", AlexNetVectors, 4096),
        .. DenseLayers("vgg16-dense1", new Shape(4, 7, 7, 512), 4096),
        .. Poolings("lenet-pool1", new(new(64, 24, 24, 20), 2)),
        .. Poolings("lenet-pool2", new(new(64, 8, 8, 50), 2)),
        .. Poolings("alexnet-pool1", new(AlexNetMaps, 3, new Size2(2, 2))),
        .. Poolings("alexnet-pool5", new(new(32, 13, 13, 256), 3, new Size2(2, 2))),
        .. Poolings("vgg16-pool1", new(new(4, 224, 224, 64), 2)),
        .. Poolings("resnet50-pool1", new(new(8, 112, 112, 64), 3, new Size2(2, 2), Padding.All(1))),
        .. Poolings("resnet50-global", new(new(8, 7, 7, 2048), 7)),
        .. AdaptivePoolings("resnet50-global", new(8, 7, 7, 2048), 1),
        .. AdaptivePoolings("alexnet-adaptive", new(32, 13, 13, 256), 6),
        .. Samplings("resnet50-conv2", ResNetMaps, 2),
        .. Subsamplings("lenet5-s2", new(64, 28, 28, 6), 2),
        .. Borders("resnet50-conv2", ResNetMaps, Padding.All(1)),
        .. Enum.GetValues<ActivationKind>().SelectMany(kind => Activations("alexnet-conv1", kind, AlexNetMaps)),
        new("alexnet-conv1", new BiasForward(Activation.Identity, AlexNetMaps)),
        new("alexnet-conv1", new BiasBackward(AlexNetMaps)),
        new("alexnet-dense2", new BiasBackward(AlexNetVectors)),
        new("lenet5-output", new RadialBasisForward(LeNet5Codes, 10)),
        new("lenet5-output", new RadialBasisBackwardData(LeNet5Codes, 10)),
        new("lenet5-output", new RadialBasisBackwardCentres(LeNet5Codes, 10)),
        new("alexnet-conv3", new Clear(AlexNetFilters)),
        new("alexnet-conv3 rotated", new FilterArrangementForward(AlexNetFilters, isRotated: true, null)),
        new("alexnet-conv3 rotated", new FilterArrangementBackward(AlexNetFilters, isRotated: true, null)),
        new("lenet5-c3", new FilterArrangementForward(LeNet5C3Filters, false, ConnectionTable.LeNet5C3)),
        new("lenet5-c3", new FilterArrangementBackward(LeNet5C3Filters, false, ConnectionTable.LeNet5C3)),
        new("alexnet-dropout2", new Backends.Operations.Dropout(new DropoutOptions(1, 0.5f), AlexNetVectors), 1),
        new("resnet50-conv2", new Backends.Operations.SpatialDropout(new DropoutOptions(1, 0.5f), ResNetMaps), 1),
        new("resnet50-conv2 PReLU", new ChannelScaleForward(ResNetMaps, isShared: false, keepsPositive: true)),
        new("resnet50-conv2 PReLU", new ChannelScaleBackward(ResNetMaps, false, true, wantsInputGradient: true)),
        new("resnet50-conv2 gain", new ChannelScaleForward(ResNetMaps, isShared: false, keepsPositive: false)),
        new("resnet50-conv2 gain", new ChannelScaleBackward(ResNetMaps, false, false, wantsInputGradient: true)),
        new("resnet50-conv2", new Backends.Operations.Addition(ResNetMaps)),
        .. BatchNorms("resnet50-conv2", ResNetMaps),
        .. BatchNorms("resnet50-conv1", new(8, 112, 112, 64)),
        .. ContrastNorms("lcn-9x9", new GaussianWindow(9, 2.25f), ContrastMaps),
        .. BrightnessNorms("lcn-9x9", new BrightnessNormOptions(1, 1, 0.5f), ContrastMaps),
        .. GroupNorms("resnet50-conv2", ResNetMaps, 32),
        .. GroupNorms("transformer-layer", Shape.Vector(4096, 512), 1),
        new("googlenet-3a", new ConcatenationForward(Branches)),
        new("googlenet-3a", new ConcatenationBackward(Branches, [true, true, true, true])),
        new("alexnet", new SoftmaxForward(AlexNetLogits)),
        new("alexnet", new SoftmaxBackward(AlexNetLogits)) { After = new SoftmaxForward(AlexNetLogits) },
        // Gradients are not scaled down, so that they stand out from what rounding may differ by.
        new("alexnet", new SoftmaxCrossEntropy(AlexNetLogits, hasProbabilities: false, wantsGradient: true), 1, 32)
        {
            Filled = { ["targets"] = Fillings.Labels(AlexNetLogits.Channels) },
        },
        new(
            "alexnet probabilities",
            new SoftmaxCrossEntropy(AlexNetLogits, hasProbabilities: true, wantsGradient: true),
            1,
            32
        )
        {
            Filled = { ["targets"] = Fillings.Probabilities },
        },
        new("mnist-autoencoder", new SquaredError(MnistImages, 0.5, wantsGradient: true), 1, 64),
        new("lenet5-c3", new CombinationSparsity(Shape.Vector(16, 6)), 0.1),
        .. LearningOperations.All,
        new("alexnet-conv3 L1", new WeightPenalty(WeightPenaltyKind.L1, AlexNetFilters), 1),
        new("alexnet-conv3 L2", new WeightPenalty(WeightPenaltyKind.L2, AlexNetFilters), 1),
        new("alexnet-dense2 plain", new SgdUpdate(AlexNetWeights, hasMomentum: false), 1e-3, 0, 5e-4),
        new("alexnet-dense2 momentum", new SgdUpdate(AlexNetWeights, hasMomentum: true), SgdScalars),
        new("alexnet-dense2 Nesterov", new SgdUpdate(AlexNetWeights, hasMomentum: true, isNesterov: true), SgdScalars),
        new("alexnet-dense2", new AdamUpdate(AlexNetWeights), AdamScalars)
        {
            Filled = { ["secondMoment"] = Fillings.NotNegative },
        },
        new("alexnet-dense2 decoupled", new AdamUpdate(AlexNetWeights, isDecoupled: true), AdamScalars)
        {
            Filled = { ["secondMoment"] = Fillings.NotNegative },
        },
    ];

    // Every pass by every algorithm that can compute it.
    private static IEnumerable<BenchmarkedOperation> Convolutions(string layer, ConvolutionGeometry g)
    {
        foreach (ConvolutionPass pass in Enum.GetValues<ConvolutionPass>())
        {
            ConvolutionOperation operation = pass switch
            {
                ConvolutionPass.Forward => new ConvolutionForward(g, Activation.Identity, false),
                ConvolutionPass.BackwardData => new ConvolutionBackwardData(g),
                _ => new ConvolutionBackwardFilter(g),
            };
            // The planner's choice is the first.
            bool isPlanned = true;
            foreach (ConvolutionCandidate candidate in ConvolutionPlanner.Candidates(g, pass, exact: false))
            {
                yield return new(layer, operation) { Algorithm = candidate.Algorithm, IsPlanned = isPlanned };
                isPlanned = false;
            }
        }
    }

    private static IEnumerable<BenchmarkedOperation> DenseLayers(string layer, Shape input, int units)
    {
        Shape weights = Shape.Vector(units, input.ElementsPerExample);
        yield return new(layer, new DenseForward(input, weights, Activation.Identity, false));
        yield return new(layer, new DenseBackwardData(input, weights));
        yield return new(layer, new DenseBackwardWeights(input, weights));
        yield return new(layer, new DenseUpdate(new SgdUpdate(weights, hasMomentum: true), input), SgdScalars);
    }

    private static IEnumerable<BenchmarkedOperation> Poolings(string layer, PoolingGeometry g)
    {
        MaxPoolingForward max = new(g, wantsArgmax: true);
        yield return new(layer, max);
        yield return new(layer, new MaxPoolingBackward(g)) { After = max };
        yield return new(layer, new AveragePoolingForward(g));
        yield return new(layer, new AveragePoolingBackward(g));
        L2PoolingForward l2 = new(g);
        yield return new(layer, l2);
        yield return new(layer, new L2PoolingBackward(g)) { After = l2 };
    }

    private static IEnumerable<BenchmarkedOperation> Samplings(string layer, Shape input, Size2 step)
    {
        yield return new(layer, new SkippingForward(input, step));
        yield return new(layer, new SkippingBackward(input, step));
        foreach (UpSamplingKind kind in Enum.GetValues<UpSamplingKind>())
        {
            yield return new($"{layer} {kind}", new UpSamplingForward(kind, input, step));
            yield return new($"{layer} {kind}", new UpSamplingBackward(kind, input, step));
        }
    }

    private static IEnumerable<BenchmarkedOperation> Subsamplings(string layer, Shape input, Size2 block)
    {
        SubsamplingForward forward = new(input, block, wantsSums: true);
        yield return new(layer, forward);
        yield return new(layer, new SubsamplingBackwardData(input, block));
        yield return new(layer, new SubsamplingBackwardCoefficients(forward.Operands[3].Shape)) { After = forward };
    }

    private static IEnumerable<BenchmarkedOperation> Borders(string layer, Shape input, Padding padding)
    {
        foreach (BorderKind kind in Enum.GetValues<BorderKind>())
        {
            yield return new($"{layer} {kind}", new BorderPaddingForward(kind, input, padding));
            yield return new($"{layer} {kind}", new BorderPaddingBackward(kind, input, padding));
        }
    }

    private static IEnumerable<BenchmarkedOperation> AdaptivePoolings(string layer, Shape input, Size2 output)
    {
        AdaptiveMaxPoolingForward max = new(input, output, wantsArgmax: true);
        yield return new(layer, max);
        yield return new(layer, new AdaptiveMaxPoolingBackward(input, output)) { After = max };
        yield return new(layer, new AdaptiveAveragePoolingForward(input, output));
        yield return new(layer, new AdaptiveAveragePoolingBackward(input, output));
    }

    private static IEnumerable<BenchmarkedOperation> BatchNorms(string layer, Shape shape)
    {
        BatchNormForward forward = new(1e-5f, 0.1f, shape);
        yield return new(layer, forward) { Filled = { ["runningVariance"] = Fillings.NotNegative } };
        yield return new(layer, new BatchNormBackward(shape)) { After = forward };
        yield return new(layer, new BatchNormInference(1e-5f, shape))
        {
            Filled = { ["runningVariance"] = Fillings.NotNegative },
        };
        Shape filters = new(shape.Channels, 3, 3, shape.Channels);
        yield return new(layer, new BatchNormFolding(1e-5f, filters, hasBias: false))
        {
            Filled = { ["runningVariance"] = Fillings.NotNegative },
        };
    }

    private static IEnumerable<BenchmarkedOperation> GroupNorms(string layer, Shape shape, int groups)
    {
        GroupNormForward forward = new(groups, 1e-5f, shape, isTraining: true);
        yield return new(layer, forward);
        yield return new(layer, new GroupNormBackward(groups, shape)) { After = forward };
    }

    private static IEnumerable<BenchmarkedOperation> ContrastNorms(string layer, GaussianWindow window, Shape shape)
    {
        DivisiveNormForward forward = new(window, 0, shape, isTraining: true);
        yield return new(layer, new SubtractiveNormForward(window, shape));
        yield return new(layer, new SubtractiveNormBackward(window, shape));
        yield return new(layer, forward);
        yield return new(layer, new DivisiveNormBackward(window, 0, shape)) { After = forward };
    }

    private static IEnumerable<BenchmarkedOperation> BrightnessNorms(
        string layer,
        BrightnessNormOptions options,
        Shape shape
    )
    {
        BrightnessNormForward forward = new(options, shape, isTraining: true);
        yield return new(layer, forward);
        yield return new(layer, new BrightnessNormBackward(options, shape)) { After = forward };
    }

    // What a model's layers consist of and the list does not have, such as its normalisation.
    private static IEnumerable<BenchmarkedOperation> UnlistedOf(string model, Shape example, int batchSize)
    {
        using Network network = ModelCatalog.CreateWithoutValues(model, example, 1000);
        using var backend = new ManagedBackend();
        var options = new CompilationOptions(backend, batchSize, Phase.Training);
        HashSet<Type> listed = [.. Listed.Select(row => row.Operation.GetType())];
        var calls = NetworkCompiler
            .Plan(network, options)
            .Program.Calls.Where(c => !listed.Contains(c.Operation.GetType()));
        foreach (IGrouping<Layer?, OperationCall> layer in calls.GroupBy(call => call.Layer))
        foreach (OperationCall call in layer)
            yield return new($"{model}-{layer.Key!.Name}", call.Operation)
            {
                After = call == layer.First() ? null : layer.First().Operation,
            };
    }

    private static IEnumerable<BenchmarkedOperation> Activations(string layer, ActivationKind kind, Shape shape)
    {
        Activation f = new(kind);
        ActivationForward forward = new(f, shape);
        yield return new($"{layer} {kind}", forward);
        yield return new($"{layer} {kind}", new ActivationBackward(f, shape)) { After = forward };
        if (!f.NeedsInput)
            yield return new($"{layer} {kind}", new ActivationBiasBackward(f, shape)) { After = forward };
    }
}
