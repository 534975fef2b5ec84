using NativeCnn.Backends;
using NativeCnn.Backends.Native;
using NativeCnn.Backends.Operations;
using NativeCnn.Interop;
using NativeCnn.Tensors;
using Native = NativeCnn.Interop.OneDnn;

namespace NativeCnn.OneDnn;

/// <summary>Average pooling, and the backward pass of max pooling; parts are examples.</summary>
internal static class OneDnnPooling
{
    /// <summary>The kernel, or null where oneDNN has none that divides by the same.</summary>
    public static Kernel? Plan(OneDnnApi library, NativeBackend backend, AveragePoolingForward operation) =>
        PlanAverage(library, backend, operation, operation.Geometry, isBackward: false);

    /// <summary>The kernel, or null where oneDNN has none that divides by the same.</summary>
    public static Kernel? Plan(OneDnnApi library, NativeBackend backend, AveragePoolingBackward operation) =>
        PlanAverage(library, backend, operation, operation.Geometry, isBackward: true);

    /// <summary>The kernel, or null where oneDNN keeps places in another form than a byte each.</summary>
    public static Kernel? Plan(OneDnnApi library, NativeBackend backend, MaxPoolingBackward operation)
    {
        PoolingGeometry g = operation.Geometry;
        return g.IndexType != ElementType.Byte
            ? null
            : PartsKernel.Plan(library, backend, operation, g.BatchSize, examples => [Describe(examples)]);

        PartPrimitive? Describe(int examples)
        {
            MemoryDescription input = library.Images(examples, g.Input);
            MemoryDescription output = library.Images(examples, g.Output);
            MemoryDescription places = library.Images(examples, g.Output, dnnl_constant.dnnl_u8);
            if (
                library.PoolingBackward(dnnl_constant.dnnl_pooling_max, input, output, WindowsOf(g))
                is not { } description
            )
                return null;
            // What forward of oneDNN would have kept: where it is as ours, so is its content.
            if (!description.LayoutOf(dnnl_constant.dnnl_query_workspace_md).IsAs(places))
            {
                description.Dispose();
                return null;
            }
            return new PartPrimitive(
                description,
                new PartOperand(Native.ONEDNN_DESTINATION_GRADIENT, output, 0, BytesOf(g.Output)),
                new PartOperand(Native.ONEDNN_WORKSPACE, places, 1, g.Output.ElementsPerExample),
                new PartOperand(Native.ONEDNN_SOURCE_GRADIENT, input, 2, BytesOf(g.Input))
            );
        }
    }

    private static Kernel? PlanAverage(
        OneDnnApi library,
        NativeBackend backend,
        Operation operation,
        PoolingGeometry g,
        bool isBackward
    )
    {
        return AverageOf(g) is not { } average
            ? null
            : PartsKernel.Plan(library, backend, operation, g.BatchSize, examples => [Describe(examples)]);

        PartPrimitive? Describe(int examples)
        {
            MemoryDescription input = library.Images(examples, g.Input);
            MemoryDescription output = library.Images(examples, g.Output);
            return isBackward
                ? PartPrimitive.Of(
                    library.PoolingBackward(average, input, output, WindowsOf(g)),
                    new PartOperand(Native.ONEDNN_DESTINATION_GRADIENT, output, 0, BytesOf(g.Output)),
                    new PartOperand(Native.ONEDNN_SOURCE_GRADIENT, input, 1, BytesOf(g.Input))
                )
                : PartPrimitive.Of(
                    library.Pooling(average, input, output, WindowsOf(g)),
                    new PartOperand(Native.ONEDNN_SOURCE, input, 0, BytesOf(g.Input)),
                    new PartOperand(Native.ONEDNN_DESTINATION, output, 1, BytesOf(g.Output))
                );
        }
    }

    private static long BytesOf(Shape image) => (long)image.ElementsPerExample * sizeof(float);

    // oneDNN counts what lies beyond the padding as it counts the padding.
    private static dnnl_constant? AverageOf(in PoolingGeometry g) =>
        g.CountPadding == 0 ? dnnl_constant.dnnl_pooling_avg_exclude_padding
        : (g.OverhangBottom | g.OverhangRight) == 0 ? dnnl_constant.dnnl_pooling_avg_include_padding
        : null;

    private static PoolingWindows WindowsOf(in PoolingGeometry g) =>
        new(
            [g.WindowHeight, g.WindowWidth],
            [g.StrideY, g.StrideX],
            [g.PadTop, g.PadLeft],
            [g.PadBottom + g.OverhangBottom, g.PadRight + g.OverhangRight]
        );
}
