using NativeCnn.Interop;
using Native = NativeCnn.Interop.OneDnn;

namespace NativeCnn.OneDnn;

internal sealed unsafe partial class OneDnnApi3
{
    // dnnl_normalization_flags_t of version 3: global statistics, scale, shift.
    private const uint GivenStatisticsScaleAndShift = 0x1 | 0x2 | 0x4;

    private const int Training = (int)dnnl_constant.dnnl_forward_training;
    private const int Inference = (int)dnnl_constant.dnnl_forward_inference;

    private static readonly long[] Neighbours = [0, 0];

    /// <inheritdoc/>
    protected override PrimitiveDescription? CreateElements(
        ElementFunction function,
        float alpha,
        MemoryDescription values,
        PrimitiveDescription? forward
    )
    {
        void* address;
        int algorithm = AlgorithmOf(function);
        void* data = values.Pointer;
        int status = forward is null
            ? Native.dnnl_eltwise_forward_primitive_desc_create(
                &address,
                Engine,
                Training,
                algorithm,
                data,
                data,
                alpha,
                0,
                Attributes
            )
            : Native.dnnl_eltwise_backward_primitive_desc_create(
                &address,
                Engine,
                algorithm,
                data,
                data,
                data,
                alpha,
                0,
                forward.Pointer,
                Attributes
            );
        return Made(status, address, "a function's description");
    }

    /// <inheritdoc/>
    protected override PrimitiveDescription? CreateSoftmax(MemoryDescription values, PrimitiveDescription? forward)
    {
        const int Softmax = (int)dnnl_constant.dnnl_softmax_accurate;
        void* address;
        void* data = values.Pointer;
        int status = forward is null
            ? Native.dnnl_softmax_forward_primitive_desc_create(
                &address,
                Engine,
                Training,
                Softmax,
                data,
                data,
                1,
                Attributes
            )
            : Native.dnnl_softmax_backward_primitive_desc_create(
                &address,
                Engine,
                Softmax,
                data,
                data,
                data,
                1,
                forward.Pointer,
                Attributes
            );
        return Made(status, address, "a softmax's description");
    }

    /// <inheritdoc/>
    protected override PrimitiveDescription? CreatePooling(
        dnnl_constant algorithm,
        MemoryDescription input,
        MemoryDescription output,
        PoolingWindows windows,
        PrimitiveDescription? forward
    )
    {
        void* address;
        int kind = (int)algorithm;
        void* source = input.Pointer;
        void* result = output.Pointer;
        int status;
        fixed (
            long* kernel = windows.Kernel,
                stride = windows.Strides,
                dilation = Neighbours,
                before = windows.Before,
                after = windows.After
        )
        {
            status = forward is null
                ? Native.dnnl_pooling_forward_primitive_desc_create(
                    &address,
                    Engine,
                    Training,
                    kind,
                    source,
                    result,
                    stride,
                    kernel,
                    dilation,
                    before,
                    after,
                    Attributes
                )
                : Native.dnnl_pooling_backward_primitive_desc_create(
                    &address,
                    Engine,
                    kind,
                    source,
                    result,
                    stride,
                    kernel,
                    dilation,
                    before,
                    after,
                    forward.Pointer,
                    Attributes
                );
        }
        return Made(status, address, "a pooling's description");
    }

    /// <inheritdoc/>
    protected override PrimitiveDescription? CreateLocalResponseNorm(NeighbourNorm norm, MemoryDescription images)
    {
        void* address;
        void* data = images.Pointer;
        int status = Native.dnnl_lrn_forward_primitive_desc_create(
            &address,
            Engine,
            Inference,
            (int)dnnl_constant.dnnl_lrn_across_channels,
            data,
            data,
            norm.Size,
            norm.Alpha,
            norm.Beta,
            norm.K,
            Attributes
        );
        return Made(status, address, "a local response normalisation's description");
    }

    /// <inheritdoc/>
    protected override PrimitiveDescription? CreateBatchNormInference(float epsilon, MemoryDescription images)
    {
        void* address;
        void* data = images.Pointer;
        int status = Native.dnnl_batch_normalization_forward_primitive_desc_create(
            &address,
            Engine,
            Inference,
            data,
            data,
            epsilon,
            GivenStatisticsScaleAndShift,
            Attributes
        );
        return Made(status, address, "a batch normalisation's description");
    }

    /// <inheritdoc/>
    protected override PrimitiveDescription? CreateSum(MemoryDescription values)
    {
        void* address;
        void* data = values.Pointer;
        int status = Native.dnnl_binary_primitive_desc_create(
            &address,
            Engine,
            (int)dnnl_constant.dnnl_binary_add,
            data,
            data,
            data,
            Attributes
        );
        return Made(status, address, "a sum's description");
    }

    // dnnl_alg_kind_t of version 3.
    private static int AlgorithmOf(ElementFunction function) =>
        function switch
        {
            ElementFunction.LeakyRelu => 0x20,
            ElementFunction.Tanh => (int)dnnl_constant.dnnl_eltwise_tanh_use_dst_for_bwd,
            ElementFunction.Logistic => (int)dnnl_constant.dnnl_eltwise_logistic_use_dst_for_bwd,
            ElementFunction.Absolute => 0x24,
            _ => 0x26,
        };
}
