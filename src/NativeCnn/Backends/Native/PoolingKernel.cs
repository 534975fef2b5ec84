using NativeCnn.Backends.Operations;

namespace NativeCnn.Backends.Native;

/// <summary>
/// A kernel over chunks of output rows forward and of input rows backward, so that no two chunks write one element.
/// </summary>
internal abstract class PoolingKernel<TOperation>(
    NativeBackend backend,
    TOperation operation,
    PoolingGeometry geometry,
    bool isForward
)
    : RowKernel<TOperation>(
        backend,
        operation,
        (long)geometry.BatchSize * (isForward ? geometry.OutputHeight : geometry.Height),
        // An output row reads the input rows of one step down.
        (long)geometry.Width
            * geometry.Channels
            * (isForward ? geometry.StrideY : 1)
    )
    where TOperation : Operation;
