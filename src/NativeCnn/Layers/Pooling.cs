using System.Text.Json;
using NativeCnn.Backends;
using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Layers;

/// <summary>What all pooling by windows shares: a window, its stride and its padding.</summary>
public abstract class Pooling : Layer
{
    /// <summary>A pooling with windows of this size.</summary>
    /// <param name="window">Height and width of the window.</param>
    /// <param name="stride">
    /// Pixels between windows; the window's size by default, so that windows tile the image.
    /// </param>
    protected Pooling(Size2 window, Size2? stride)
    {
        Window = window;
        Stride = stride ?? window;
    }

    /// <summary>Height and width of the window.</summary>
    public Size2 Window { get; }

    /// <summary>Pixels between windows.</summary>
    public Size2 Stride { get; }

    /// <summary>Pixels around the image, fewer than the window is large; none by default.</summary>
    public Padding Padding { get; init; } = Padding.Valid;

    /// <summary>
    /// Whether the output size is rounded up rather than down, no by default: a last window may reach beyond the
    /// padding, as long as it begins on the image or the padding before it, as in PyTorch.
    /// </summary>
    public bool CeilMode { get; init; }

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => Geometry(First(inputs)).Output;

    /// <inheritdoc/>
    public override void WriteOptions(Utf8JsonWriter json)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteSize("window", Window);
        json.WriteSize("stride", Stride);
        json.WritePadding("padding", Padding);
        if (CeilMode)
            json.WriteBoolean("ceil_mode", CeilMode);
    }

    private protected virtual PoolingGeometry Geometry(Shape input) =>
        new(input, Window, Stride, Padding, ceilMode: CeilMode);
}
