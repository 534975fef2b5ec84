using NativeCnn.Backends;
using NativeCnn.Backends.Operations;
using NativeCnn.Layers;

namespace NativeCnn.Networks;

/// <content>Pooling and what else changes the size of an image.</content>
public sealed partial class Node
{
    /// <summary>Adds an <see cref="Layers.L2Pooling"/>; windows tile the image unless a stride is given.</summary>
    public Node L2Pooling(Size2 window, Size2? stride = null) => Add(new L2Pooling(window, stride));

    /// <summary>Adds an <see cref="Layers.AdaptiveAveragePooling"/> with outputs of this size.</summary>
    public Node AdaptiveAveragePooling(Size2 output) => Add(new AdaptiveAveragePooling(output));

    /// <summary>Adds an <see cref="Layers.AdaptiveMaxPooling"/> with outputs of this size.</summary>
    public Node AdaptiveMaxPooling(Size2 output) => Add(new AdaptiveMaxPooling(output));

    /// <summary>Adds the mean of each map: an <see cref="Layers.AdaptiveAveragePooling"/> to 1×1.</summary>
    public Node GlobalAveragePooling() => AdaptiveAveragePooling(1);

    /// <summary>Adds the maximum of each map: an <see cref="Layers.AdaptiveMaxPooling"/> to 1×1.</summary>
    public Node GlobalMaxPooling() => AdaptiveMaxPooling(1);

    /// <summary>Adds <see cref="Layers.Skipping"/>: every step-th row and column.</summary>
    public Node Skipping(Size2 step) => Add(new Skipping(step));

    /// <summary>Adds trainable <see cref="Layers.Subsampling"/>, without its non-linearity.</summary>
    public Node Subsampling(Size2 block) => Add(new Subsampling(block));

    /// <summary>Adds <see cref="UpSampling"/> that repeats each pixel.</summary>
    public Node NearestUpSampling(Size2 factor) => Add(new UpSampling(UpSamplingKind.Nearest, factor));

    /// <summary>Adds <see cref="UpSampling"/> that puts zeros between pixels.</summary>
    public Node ZeroInsertion(Size2 factor) => Add(new UpSampling(UpSamplingKind.ZeroInsertion, factor));

    /// <summary>Adds <see cref="UpSampling"/> that spreads each value evenly over a block.</summary>
    public Node AverageUnpooling(Size2 factor) => Add(new UpSampling(UpSamplingKind.AverageUnpooling, factor));

    /// <summary>Adds a <see cref="BorderPadding"/>: zeros, reflection or replication around the image.</summary>
    public Node Pad(BorderKind border, Padding padding) => Add(new BorderPadding(border, padding));
}
