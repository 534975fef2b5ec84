using NativeCnn.Backends.Native.Convolutions;
using NativeCnn.Interop;
using Native = NativeCnn.Interop.OneDnn;

namespace NativeCnn.OneDnn;

/// <summary>oneDNN 3: descriptions are the library's, and a primitive's is made in one call.</summary>
internal sealed unsafe partial class OneDnnApi3 : OneDnnApi
{
    /// <inheritdoc/>
    public override MemoryDescription Describe(
        ReadOnlySpan<long> sizes,
        ReadOnlySpan<long> strides,
        dnnl_constant type = dnnl_constant.dnnl_f32
    )
    {
        void* address;
        fixed (
            long* size = sizes,
                stride = strides
        )
            OneDnnException.Check(
                Native.dnnl_memory_desc_create_with_strides(&address, sizes.Length, size, (int)type, stride),
                nameof(Native.dnnl_memory_desc_create_with_strides)
            );
        return Owned(address);
    }

    /// <inheritdoc/>
    public override MemoryDescription DescribeAny(ReadOnlySpan<long> sizes)
    {
        void* address;
        fixed (long* size = sizes)
            OneDnnException.Check(
                Native.dnnl_memory_desc_create_with_tag(
                    &address,
                    sizes.Length,
                    size,
                    (int)dnnl_constant.dnnl_f32,
                    (int)dnnl_constant.dnnl_format_tag_any
                ),
                nameof(Native.dnnl_memory_desc_create_with_tag)
            );
        return Owned(address);
    }

    /// <inheritdoc/>
    protected override PrimitiveDescription? Create(
        ConvolutionPass pass,
        in ConvolutionTensors tensors,
        in ConvolutionWindows windows,
        PrimitiveDescription? forward
    )
    {
        const int Direct = (int)dnnl_constant.dnnl_convolution_direct;
        const int Kind = (int)dnnl_constant.dnnl_forward_inference;
        void* address;
        int status;
        void* hint = forward is null ? null : forward.Pointer;
        fixed (
            long* stride = windows.Strides,
                dilation = windows.Dilations,
                before = windows.Before,
                after = windows.After
        )
        {
            void* input = tensors.Input.Pointer;
            void* filters = tensors.Filters.Pointer;
            void* output = tensors.Output.Pointer;
            status = pass switch
            {
                ConvolutionPass.Forward => Native.dnnl_convolution_forward_primitive_desc_create(
                    &address,
                    Engine,
                    Kind,
                    Direct,
                    input,
                    filters,
                    Of(tensors.Bias),
                    output,
                    stride,
                    dilation,
                    before,
                    after,
                    Attributes
                ),
                ConvolutionPass.BackwardData => Native.dnnl_convolution_backward_data_primitive_desc_create(
                    &address,
                    Engine,
                    Direct,
                    input,
                    filters,
                    output,
                    stride,
                    dilation,
                    before,
                    after,
                    hint,
                    Attributes
                ),
                _ => Native.dnnl_convolution_backward_weights_primitive_desc_create(
                    &address,
                    Engine,
                    Direct,
                    input,
                    filters,
                    Of(tensors.Bias),
                    output,
                    stride,
                    dilation,
                    before,
                    after,
                    hint,
                    Attributes
                ),
            };
        }
        return Made(status, address, "a convolution's description");
    }

    /// <inheritdoc/>
    protected override PrimitiveDescription? Create(in ProductMatrices matrices)
    {
        void* address;
        int status = Native.dnnl_matmul_primitive_desc_create(
            &address,
            Engine,
            matrices.Left.Pointer,
            matrices.Right.Pointer,
            Of(matrices.Bias),
            matrices.Result.Pointer,
            Attributes
        );
        return Made(status, address, nameof(Native.dnnl_matmul_primitive_desc_create));
    }

    private static MemoryDescription Owned(void* address) =>
        new((nint)address, pointer => _ = Native.dnnl_memory_desc_destroy((void*)pointer));
}
