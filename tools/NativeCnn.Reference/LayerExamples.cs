using System.Runtime.CompilerServices;
using NativeCnn.Backends;
using NativeCnn.Backends.Operations;
using NativeCnn.Layers;
using NativeCnn.Networks;
using NativeCnn.Tensors;

namespace NativeCnn.Reference;

/// <summary>A layer as a user adds it: text of this file, so that it compiles, and the layer that it makes.</summary>
/// <param name="Chapter">Which chapter of the page it is in.</param>
/// <param name="Code">The expression.</param>
/// <param name="Add">What adds it to a node.</param>
internal sealed record LayerExample(string Chapter, string Code, Func<Node, Node> Add)
{
    /// <summary>What the examples read: large enough for every window, small enough to try every value.</summary>
    public static Shape Input { get; } = new(1, 8, 8, 4);

    /// <summary>A network of this layer alone.</summary>
    public Network Build() => Add(NetworkBuilder.Start(Input)).Build(1, "example");
}

/// <summary>The examples of layers, one for each kind. A new layer adds a line.</summary>
internal static class LayerExamples
{
    private const string Weights = "Weighted sums";
    private const string Pointwise = "Point-wise non-linearities";
    private const string Normalisation = "Normalisation";
    private const string Pooling = "Pooling and subsampling";
    private const string Sizes = "Borders, up-sampling, shapes";
    private const string Joints = "Joints and dropout";

    /// <summary>All examples, in the order of the page.</summary>
    public static IReadOnlyList<LayerExample> All { get; } =
    [
        Of(Weights, x => x.Convolution(16, 3, padding: Padding.Same(3))),
        Of(Weights, x => x.TransposedConvolution(3, 4, stride: 2, padding: Padding.All(1))),
        Of(Weights, x => x.MapCombination(6, 3)),
        Of(Weights, x => x.Dense(10)),
        Of(Weights, x => x.RadialBasis(10)),
        Of(Pointwise, x => x.Activate(Activation.Identity)),
        Of(Pointwise, x => x.Logistic(beta: 2)),
        Of(Pointwise, x => x.Tanh()),
        Of(Pointwise, x => x.ScaledTanh()),
        Of(Pointwise, x => x.Relu()),
        Of(Pointwise, x => x.LeakyRelu()),
        Of(Pointwise, x => x.Softplus(k: 10)),
        Of(Pointwise, x => x.Elu()),
        Of(Pointwise, x => x.Absolute()),
        Of(Pointwise, x => x.SmoothAbsolute(k: 10)),
        Of(Pointwise, x => x.Gain(1.5f)),
        Of(Pointwise, x => x.ClippedRelu()),
        Of(Pointwise, x => x.PRelu()),
        Of(Pointwise, x => x.LearnedGain()),
        Of(Pointwise, x => x.Softmax()),
        Of(Normalisation, x => x.SubtractiveNorm(5, sigma: 1.5f)),
        Of(Normalisation, x => x.DivisiveNorm(5, sigma: 1.5f)),
        Of(Normalisation, x => x.BrightnessNorm()),
        Of(Normalisation, x => x.Add(new LocalResponseNorm(3, alpha: 1e-2f))),
        Of(Normalisation, x => x.BatchNorm()),
        Of(Normalisation, x => x.GroupNorm(2)),
        Of(Pooling, x => x.MaxPooling(3, stride: 2)),
        Of(Pooling, x => x.AveragePooling(2)),
        Of(Pooling, x => x.L2Pooling(2)),
        Of(Pooling, x => x.AdaptiveAveragePooling(3)),
        Of(Pooling, x => x.AdaptiveMaxPooling(3)),
        Of(Pooling, x => x.Skipping(2)),
        Of(Pooling, x => x.Subsampling(2)),
        Of(Sizes, x => x.Pad(BorderKind.Zeros, Padding.All(1))),
        Of(Sizes, x => x.Pad(BorderKind.Reflection, Padding.All(1))),
        Of(Sizes, x => x.Pad(BorderKind.Replication, Padding.All(1))),
        Of(Sizes, x => x.NearestUpSampling(2)),
        Of(Sizes, x => x.ZeroInsertion(2)),
        Of(Sizes, x => x.AverageUnpooling(2)),
        Of(Sizes, x => x.Flatten()),
        Of(Joints, x => x.Plus(x)),
        Of(Joints, x => x.Concatenate(x)),
        Of(Joints, x => x.Dropout(0.4f)),
        Of(Joints, x => x.SpatialDropout(0.4f)),
    ];

    private static LayerExample Of(
        string chapter,
        Func<Node, Node> add,
        [CallerArgumentExpression(nameof(add))] string code = ""
    ) => new(chapter, code[(code.IndexOf("=> ", StringComparison.Ordinal) + 3)..], add);
}
