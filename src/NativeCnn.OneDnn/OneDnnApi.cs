using NativeCnn.Backends.Native.Convolutions;
using NativeCnn.Interop;
using Native = NativeCnn.Interop.OneDnn;

namespace NativeCnn.OneDnn;

/// <summary>The tensors of a convolution, as oneDNN is told of them.</summary>
/// <param name="Input">N×C×H×W.</param>
/// <param name="Filters">(G×)O×I×K_h×K_w, in any layout.</param>
/// <param name="Bias">O, or null.</param>
/// <param name="Output">N×O×H'×W'.</param>
internal readonly record struct ConvolutionTensors(
    MemoryDescription Input,
    MemoryDescription Filters,
    MemoryDescription? Bias,
    MemoryDescription Output
);

/// <summary>Where a convolution's windows lie, each down and across.</summary>
/// <param name="Strides">Pixels from one to the next.</param>
/// <param name="Dilations">Pixels left out between taps: 0 for neighbours.</param>
/// <param name="Before">Zeros above and to the left.</param>
/// <param name="After">Zeros below and to the right.</param>
internal readonly record struct ConvolutionWindows(long[] Strides, long[] Dilations, long[] Before, long[] After);

/// <summary>The matrices of a product, as oneDNN is told of them.</summary>
/// <param name="Left">Rows × depth.</param>
/// <param name="Right">Depth × columns.</param>
/// <param name="Bias">1 × columns, or null.</param>
/// <param name="Result">Rows × columns.</param>
internal readonly record struct ProductMatrices(
    MemoryDescription Left,
    MemoryDescription Right,
    MemoryDescription? Bias,
    MemoryDescription Result
);

/// <summary>The part of oneDNN in which versions 2 and 3 differ, and what both need.</summary>
internal abstract unsafe partial class OneDnnApi
{
    private static readonly Lazy<OneDnnApi> Loaded = new(() =>
        NativeRuntime.EnsureOneDnnLoaded().Major == 2 ? new OneDnnApi2() : new OneDnnApi3()
    );

    protected OneDnnApi()
    {
        OneDnnThread.Prepare();
        void* engine;
        OneDnnException.Check(
            Native.dnnl_engine_create(&engine, (int)dnnl_constant.dnnl_cpu, 0),
            nameof(Native.dnnl_engine_create)
        );
        Engine = engine;
        void* attributes;
        OneDnnException.Check(
            Native.dnnl_primitive_attr_create(&attributes),
            nameof(Native.dnnl_primitive_attr_create)
        );
        Attributes = attributes;
        OneDnnException.Check(
            Native.dnnl_primitive_attr_set_scratchpad_mode(attributes, (int)dnnl_constant.dnnl_scratchpad_mode_user),
            nameof(Native.dnnl_primitive_attr_set_scratchpad_mode)
        );
    }

    /// <summary>oneDNN in this process, of the version that was found.</summary>
    /// <exception cref="NativeLibraryException">It is missing or cannot be used.</exception>
    public static OneDnnApi Current => Loaded.Value;

    /// <summary>The processor, as long as the process lives.</summary>
    public void* Engine { get; }

    /// <summary>Scratch memory is the caller's.</summary>
    protected void* Attributes { get; }

    /// <summary>Describes float32, or another type, with these distances in elements along each axis.</summary>
    public abstract MemoryDescription Describe(
        ReadOnlySpan<long> sizes,
        ReadOnlySpan<long> strides,
        dnnl_constant type = dnnl_constant.dnnl_f32
    );

    /// <summary>Describes float32 in whatever layout the primitive likes best.</summary>
    public abstract MemoryDescription DescribeAny(ReadOnlySpan<long> sizes);

    /// <summary>A pass of a convolution; null where oneDNN has nothing for these sizes but plain loops.</summary>
    public PrimitiveDescription? Convolution(
        ConvolutionPass pass,
        in ConvolutionTensors tensors,
        in ConvolutionWindows windows
    )
    {
        (ConvolutionTensors t, ConvolutionWindows w) = (tensors, windows);
        return Described(
            pass != ConvolutionPass.Forward,
            forward => Create(forward is null ? ConvolutionPass.Forward : pass, t, w, forward),
            t.Input,
            t.Filters,
            t.Bias,
            t.Output
        );
    }

    /// <summary>A product of two matrices; null where oneDNN has nothing for these sizes but plain loops.</summary>
    public PrimitiveDescription? Product(in ProductMatrices matrices)
    {
        ProductMatrices m = matrices;
        return Described(false, _ => Create(m), m.Left, m.Right, m.Bias, m.Result);
    }

    /// <summary>A copy from one layout into another.</summary>
    /// <exception cref="OneDnnException">oneDNN cannot.</exception>
    public PrimitiveDescription Reorder(MemoryDescription from, MemoryDescription to)
    {
        OneDnnThread.Prepare();
        void* address;
        OneDnnException.Check(
            Native.dnnl_reorder_primitive_desc_create(&address, from.Pointer, Engine, to.Pointer, Engine, Attributes),
            nameof(Native.dnnl_reorder_primitive_desc_create)
        );
        GC.KeepAlive(from);
        GC.KeepAlive(to);
        return new PrimitiveDescription(address);
    }

    /// <summary>
    /// What <see cref="Convolution"/> asks for, given the forward pass's description for the backward ones.
    /// </summary>
    protected abstract PrimitiveDescription? Create(
        ConvolutionPass pass,
        in ConvolutionTensors tensors,
        in ConvolutionWindows windows,
        PrimitiveDescription? forward
    );

    /// <summary>What <see cref="Product"/> asks for.</summary>
    protected abstract PrimitiveDescription? Create(in ProductMatrices matrices);

    /// <summary>What a function that makes a description gave; null where oneDNN has no such thing.</summary>
    protected static PrimitiveDescription? Made(int status, void* address, string function)
    {
        if ((dnnl_constant)status is dnnl_constant.dnnl_unimplemented or dnnl_constant.dnnl_invalid_arguments)
            return null;
        OneDnnException.Check(status, function);
        return new PrimitiveDescription(address);
    }

    /// <summary>The address of a description, or null.</summary>
    protected static void* Of(MemoryDescription? description) => description is null ? null : description.Pointer;
}
