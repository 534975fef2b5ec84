using NativeCnn.Backends;
using NativeCnn.Tensors;

namespace NativeCnn.Tests.Backends;

/// <summary>Geometries from sizes that need not fit each other.</summary>
internal static class TestGeometry
{
    /// <summary>The geometry, or null where the sizes contradict each other.</summary>
    public static ConvolutionGeometry? TryMake(
        Shape input,
        int filters,
        Size2 kernel,
        Size2 stride,
        Size2 dilation,
        Padding padding,
        int groups
    )
    {
        try
        {
            return new ConvolutionGeometry(input, filters, kernel, stride, dilation, padding, groups);
        }
        catch (ShapeException)
        {
            return null;
        }
    }
}
