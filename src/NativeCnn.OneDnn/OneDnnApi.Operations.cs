using NativeCnn.Interop;

namespace NativeCnn.OneDnn;

/// <summary>A function of every element that oneDNN computes as the engine specifies it.</summary>
internal enum ElementFunction
{
    /// <summary>x where x &gt; 0, else αx.</summary>
    LeakyRelu,

    /// <summary>tanh x.</summary>
    Tanh,

    /// <summary>1 / (1 + e^−x).</summary>
    Logistic,

    /// <summary>|x|.</summary>
    Absolute,

    /// <summary>αx.</summary>
    Linear,
}

/// <summary>Which pixels a pooling's windows hold, each down and across.</summary>
/// <param name="Kernel">Pixels of a window.</param>
/// <param name="Strides">Pixels from one to the next.</param>
/// <param name="Before">Padding above and to the left.</param>
/// <param name="After">Padding, and what windows reach beyond it, below and to the right.</param>
internal readonly record struct PoolingWindows(long[] Kernel, long[] Strides, long[] Before, long[] After);

/// <summary>The constants of a local response normalisation: s = k + α/size · Σ x², y = x s^−β.</summary>
internal readonly record struct NeighbourNorm(int Size, float Alpha, float Beta, float K);

// What primitives other than convolutions are to be; each is null where oneDNN has nothing for it but plain loops.
internal abstract unsafe partial class OneDnnApi
{
    /// <summary>A function of every element.</summary>
    public PrimitiveDescription? Elements(ElementFunction function, float alpha, MemoryDescription values) =>
        Described(false, _ => CreateElements(function, alpha, values, null), values);

    /// <summary>
    /// The gradient of its input, from its output for tanh and the logistic function, else from its input.
    /// </summary>
    public PrimitiveDescription? ElementsBackward(ElementFunction function, float alpha, MemoryDescription values) =>
        Described(true, forward => CreateElements(function, alpha, values, forward), values);

    /// <summary>The gradient of a softmax's input along the last axis, from its output.</summary>
    public PrimitiveDescription? SoftmaxBackward(MemoryDescription values) =>
        Described(true, forward => CreateSoftmax(values, forward), values);

    /// <summary>Pooling, and what its backward pass needs.</summary>
    public PrimitiveDescription? Pooling(
        dnnl_constant algorithm,
        MemoryDescription input,
        MemoryDescription output,
        PoolingWindows windows
    ) => Described(false, _ => CreatePooling(algorithm, input, output, windows, null), input, output);

    /// <summary>The gradient of a pooling's input.</summary>
    public PrimitiveDescription? PoolingBackward(
        dnnl_constant algorithm,
        MemoryDescription input,
        MemoryDescription output,
        PoolingWindows windows
    ) => Described(true, forward => CreatePooling(algorithm, input, output, windows, forward), input, output);

    /// <summary>Local response normalisation that keeps nothing.</summary>
    public PrimitiveDescription? LocalResponseNorm(NeighbourNorm norm, MemoryDescription images) =>
        Described(false, _ => CreateLocalResponseNorm(norm, images), images);

    /// <summary>Batch normalisation by a mean and a variance that are given, with scale and shift.</summary>
    public PrimitiveDescription? BatchNormInference(float epsilon, MemoryDescription images) =>
        Described(false, _ => CreateBatchNormInference(epsilon, images), images);

    /// <summary>The sum of two tensors.</summary>
    public PrimitiveDescription? Sum(MemoryDescription values) => Described(false, _ => CreateSum(values), values);

    // Forward without a description of the forward pass.
    protected abstract PrimitiveDescription? CreateElements(
        ElementFunction function,
        float alpha,
        MemoryDescription values,
        PrimitiveDescription? forward
    );

    protected abstract PrimitiveDescription? CreateSoftmax(MemoryDescription values, PrimitiveDescription? forward);

    protected abstract PrimitiveDescription? CreatePooling(
        dnnl_constant algorithm,
        MemoryDescription input,
        MemoryDescription output,
        PoolingWindows windows,
        PrimitiveDescription? forward
    );

    protected abstract PrimitiveDescription? CreateLocalResponseNorm(NeighbourNorm norm, MemoryDescription images);

    protected abstract PrimitiveDescription? CreateBatchNormInference(float epsilon, MemoryDescription images);

    protected abstract PrimitiveDescription? CreateSum(MemoryDescription values);

    // The backward passes are told of the forward one. Plain loops are slower than anything else.
    private static PrimitiveDescription? Described(
        bool isBackward,
        Func<PrimitiveDescription?, PrimitiveDescription?> create,
        params ReadOnlySpan<MemoryDescription?> read
    )
    {
        OneDnnThread.Prepare();
        using PrimitiveDescription? forward = isBackward ? create(null) : null;
        PrimitiveDescription? description = isBackward && forward is null ? null : create(forward);
        // oneDNN has read them by their addresses.
        foreach (MemoryDescription? memory in read)
            GC.KeepAlive(memory);
        if (description is not { IsReference: true })
            return description;
        description.Dispose();
        return null;
    }
}
