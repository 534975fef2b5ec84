using NativeCnn.Interop;
using NativeCnn.Tensors;

namespace NativeCnn.OneDnn;

/// <summary>How the engine's tensors are described to oneDNN.</summary>
internal static class Layouts
{
    /// <summary>So many elements, one beside the other.</summary>
    public static MemoryDescription Elements(this OneDnnApi library, long count) => library.Describe([count], [1]);

    /// <summary>Rows of so many elements, each so many after the last.</summary>
    public static MemoryDescription Rows(this OneDnnApi library, long rows, long length, long stride) =>
        library.Describe([rows, length], [stride, 1]);

    /// <summary>So many examples of images.</summary>
    public static MemoryDescription Images(
        this OneDnnApi library,
        long examples,
        Shape image,
        dnnl_constant type = dnnl_constant.dnnl_f32
    )
    {
        // oneDNN names the axes N×C×H×W; the distances say that channels are neighbours.
        long across = image.Channels,
            down = image.Width * across;
        return library.Describe(
            [examples, image.Channels, image.Height, image.Width],
            [image.Height * down, 1, down, across],
            type
        );
    }

    /// <summary>Rows of pixels of images, each an image of its own, where pixels do not depend on each other.</summary>
    public static MemoryDescription PixelRows(this OneDnnApi library, long rows, Shape image) =>
        library.Images(rows, new Shape(1, 1, image.Width, image.Channels));
}
