using NativeCnn.Interop;
using Native = NativeCnn.Interop.OneDnn;

namespace NativeCnn.OneDnn;

internal sealed unsafe partial class OneDnnApi2
{
    // dnnl_normalization_flags_t of version 2: global statistics, scale, shift.
    private const uint GivenStatisticsScaleAndShift = 0x1 | 0x8 | 0x10;

    private const int Training = (int)dnnl_constant.dnnl_forward_training;
    private const int Inference = (int)dnnl_constant.dnnl_forward_inference;

    /// <inheritdoc/>
    protected override PrimitiveDescription? CreateElements(
        ElementFunction function,
        float alpha,
        MemoryDescription values,
        PrimitiveDescription? forward
    )
    {
        byte* operation = stackalloc byte[OperationBytes];
        int algorithm = AlgorithmOf(function);
        void* data = values.Pointer;
        int status = forward is null
            ? Native.dnnl_eltwise_forward_desc_init(operation, Training, algorithm, data, alpha, 0)
            : Native.dnnl_eltwise_backward_desc_init(operation, algorithm, data, data, alpha, 0);
        return Created(status, operation, forward);
    }

    /// <inheritdoc/>
    protected override PrimitiveDescription? CreateSoftmax(MemoryDescription values, PrimitiveDescription? forward)
    {
        byte* operation = stackalloc byte[OperationBytes];
        void* data = values.Pointer;
        int status = forward is null
            ? Native.dnnl_softmax_forward_desc_init(operation, Training, data, 1)
            : Native.dnnl_softmax_backward_desc_init(operation, data, data, 1);
        return Created(status, operation, forward);
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
        byte* operation = stackalloc byte[OperationBytes];
        int kind = (int)algorithm;
        void* source = input.Pointer;
        void* result = output.Pointer;
        int status;
        fixed (
            long* kernel = windows.Kernel,
                stride = windows.Strides,
                before = windows.Before,
                after = windows.After
        )
        {
            status = forward is null
                ? Native.dnnl_pooling_forward_desc_init(
                    operation,
                    Training,
                    kind,
                    source,
                    result,
                    stride,
                    kernel,
                    before,
                    after
                )
                : Native.dnnl_pooling_backward_desc_init(
                    operation,
                    kind,
                    source,
                    result,
                    stride,
                    kernel,
                    before,
                    after
                );
        }
        return Created(status, operation, forward);
    }

    /// <inheritdoc/>
    protected override PrimitiveDescription? CreateLocalResponseNorm(NeighbourNorm norm, MemoryDescription images)
    {
        byte* operation = stackalloc byte[OperationBytes];
        int status = Native.dnnl_lrn_forward_desc_init(
            operation,
            Inference,
            (int)dnnl_constant.dnnl_lrn_across_channels,
            images.Pointer,
            norm.Size,
            norm.Alpha,
            norm.Beta,
            norm.K
        );
        return Created(status, operation, null);
    }

    /// <inheritdoc/>
    protected override PrimitiveDescription? CreateBatchNormInference(float epsilon, MemoryDescription images)
    {
        byte* operation = stackalloc byte[OperationBytes];
        int status = Native.dnnl_batch_normalization_forward_desc_init(
            operation,
            Inference,
            images.Pointer,
            epsilon,
            GivenStatisticsScaleAndShift
        );
        return Created(status, operation, null);
    }

    /// <inheritdoc/>
    protected override PrimitiveDescription? CreateSum(MemoryDescription values)
    {
        byte* operation = stackalloc byte[OperationBytes];
        void* data = values.Pointer;
        int status = Native.dnnl_binary_desc_init(operation, (int)dnnl_constant.dnnl_binary_add, data, data, data);
        return Created(status, operation, null);
    }

    // dnnl_alg_kind_t of version 2.
    private static int AlgorithmOf(ElementFunction function) =>
        function switch
        {
            ElementFunction.LeakyRelu => 0x1f,
            ElementFunction.Tanh => (int)dnnl_constant.dnnl_eltwise_tanh_use_dst_for_bwd,
            ElementFunction.Logistic => (int)dnnl_constant.dnnl_eltwise_logistic_use_dst_for_bwd,
            ElementFunction.Absolute => 0x5f,
            _ => 0x7f,
        };
}
