using NativeCnn.Backends;
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
}
