using NativeCnn.Layers;
using NativeCnn.Tensors;

namespace NativeCnn.Networks.Compilation;

/// <summary>
/// What a layer throws of sizes and constants that do not fit, with the layer's name before it: whatever calls a
/// layer's methods goes this way.
/// </summary>
internal static class LayerFault
{
    /// <summary>Whether a layer's arguments are at fault.</summary>
    public static bool Is(Exception e) => e is ArgumentException or OverflowException;

    /// <summary>The exception with the layer's name and kind, and with what it reads.</summary>
    public static ShapeException Named(Layer layer, Exception e, params ReadOnlySpan<Shape> inputs)
    {
        string message = e.Message;
        // .NET appends the parameter's name, which says nothing here.
        if (e is ArgumentException { ParamName: { } parameter })
            message = message.Replace($" (Parameter '{parameter}')", "", StringComparison.Ordinal);
        foreach (Shape input in inputs)
        {
            // Most messages have it.
            if (!message.Contains($"{input}", StringComparison.Ordinal))
                message += $" It reads {input}.";
        }
        return new ShapeException($"Layer '{layer.Name}' ({layer.Kind}): {message}", e);
    }
}
