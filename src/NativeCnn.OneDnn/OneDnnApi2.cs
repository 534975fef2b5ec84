using System.Runtime.InteropServices;
using NativeCnn.Backends.Native.Convolutions;
using NativeCnn.Interop;
using Native = NativeCnn.Interop.OneDnn;

namespace NativeCnn.OneDnn;

/// <summary>
/// oneDNN 2: descriptions lie in the caller's memory, and a primitive's is made of an operation's, which is filled first.
/// </summary>
internal sealed unsafe partial class OneDnnApi2 : OneDnnApi
{
    // sizeof(dnnl_memory_desc_t) is 696, that of the largest operation descriptor 5,976.
    private const int MemoryDescriptionBytes = 2048;
    private const int OperationBytes = 16384;

    /// <inheritdoc/>
    public override MemoryDescription Describe(
        ReadOnlySpan<long> sizes,
        ReadOnlySpan<long> strides,
        dnnl_constant type = dnnl_constant.dnnl_f32
    )
    {
        MemoryDescription description = Allocate();
        fixed (
            long* size = sizes,
                stride = strides
        )
            OneDnnException.Check(
                Native.dnnl_memory_desc_init_by_strides(description.Pointer, sizes.Length, size, (int)type, stride),
                nameof(Native.dnnl_memory_desc_init_by_strides)
            );
        return description;
    }

    /// <inheritdoc/>
    public override MemoryDescription DescribeAny(ReadOnlySpan<long> sizes)
    {
        MemoryDescription description = Allocate();
        fixed (long* size = sizes)
            OneDnnException.Check(
                Native.dnnl_memory_desc_init_by_tag(
                    description.Pointer,
                    sizes.Length,
                    size,
                    (int)dnnl_constant.dnnl_f32,
                    (int)dnnl_constant.dnnl_format_tag_any
                ),
                nameof(Native.dnnl_memory_desc_init_by_tag)
            );
        return description;
    }

    /// <inheritdoc/>
    protected override PrimitiveDescription? Create(
        ConvolutionPass pass,
        in ConvolutionTensors tensors,
        in ConvolutionWindows windows,
        PrimitiveDescription? forward
    )
    {
        byte* operation = stackalloc byte[OperationBytes];
        const int Direct = (int)dnnl_constant.dnnl_convolution_direct;
        const int Kind = (int)dnnl_constant.dnnl_forward_inference;
        int status;
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
                ConvolutionPass.Forward => Native.dnnl_dilated_convolution_forward_desc_init(
                    operation,
                    Kind,
                    Direct,
                    input,
                    filters,
                    Of(tensors.Bias),
                    output,
                    stride,
                    dilation,
                    before,
                    after
                ),
                ConvolutionPass.BackwardData => Native.dnnl_dilated_convolution_backward_data_desc_init(
                    operation,
                    Direct,
                    input,
                    filters,
                    output,
                    stride,
                    dilation,
                    before,
                    after
                ),
                _ => Native.dnnl_dilated_convolution_backward_weights_desc_init(
                    operation,
                    Direct,
                    input,
                    filters,
                    Of(tensors.Bias),
                    output,
                    stride,
                    dilation,
                    before,
                    after
                ),
            };
        }
        return Created(status, operation, forward);
    }

    /// <inheritdoc/>
    protected override PrimitiveDescription? Create(in ProductMatrices matrices)
    {
        byte* operation = stackalloc byte[OperationBytes];
        int status = Native.dnnl_matmul_desc_init(
            operation,
            matrices.Left.Pointer,
            matrices.Right.Pointer,
            Of(matrices.Bias),
            matrices.Result.Pointer
        );
        return Created(status, operation, forward: null);
    }

    // Of an operation's description, unless filling that has failed.
    private PrimitiveDescription? Created(int filled, byte* operation, PrimitiveDescription? forward)
    {
        if (filled != (int)dnnl_constant.dnnl_success)
            return null;
        void* address;
        int status = Native.dnnl_primitive_desc_create(
            &address,
            operation,
            Attributes,
            Engine,
            forward is null ? null : forward.Pointer
        );
        return Made(status, address, nameof(Native.dnnl_primitive_desc_create));
    }

    private static MemoryDescription Allocate() =>
        new((nint)NativeMemory.AllocZeroed(MemoryDescriptionBytes), address => NativeMemory.Free((void*)address));
}
