using System.Text.Json;
using NativeCnn.Backends;
using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Layers;

/// <summary>What average and L2 pooling share: they divide by the size of a window.</summary>
public abstract class AveragingPooling : Pooling
{
    private protected AveragingPooling(Size2 window, Size2? stride)
        : base(window, stride) { }

    /// <summary>
    /// Whether the divisor is the window's area on image and padding (true) or what lies inside the image (false, the
    /// default).
    /// </summary>
    public bool CountPadding { get; init; }

    /// <inheritdoc/>
    public override void WriteOptions(Utf8JsonWriter json)
    {
        ArgumentNullException.ThrowIfNull(json);
        base.WriteOptions(json);
        json.WriteBoolean("count_padding", CountPadding);
    }

    private protected override PoolingGeometry Geometry(Shape input) =>
        new(input, Window, Stride, Padding, CountPadding, CeilMode);
}
