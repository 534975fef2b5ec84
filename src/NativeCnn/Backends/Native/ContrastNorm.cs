using NativeCnn.Backends.Operations;
using NativeCnn.Interop;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Native;

// An example is read twice, the second time from the cache if it fits: once for what all its maps have in common, which
// is one small map, and once for what that does to each value.
public sealed unsafe partial class NativeBackend
{
    private static readonly bool ContrastNorm =
        Provide<SubtractiveNormForward>((b, operation) => new SubtractiveNormForwardKernel(b, operation))
        && Provide<SubtractiveNormBackward>((b, operation) => new SubtractiveNormBackwardKernel(b, operation))
        && Provide<DivisiveNormForward>((b, operation) => new DivisiveNormForwardKernel(b, operation))
        && Provide<DivisiveNormBackward>((b, operation) => new DivisiveNormBackwardKernel(b, operation));
}

/// <summary>A kernel over examples that blurs one map of each.</summary>
internal abstract unsafe class ContrastNormKernel<TOperation> : ExampleKernel<TOperation>
    where TOperation : Operation
{
    private readonly int _maps;

    /// <param name="backend">The backend.</param>
    /// <param name="operation">What it computes; its first operand has the examples' sizes.</param>
    /// <param name="window">The window.</param>
    /// <param name="maps">How many maps of its pixels an example takes from its worker's scratch memory.</param>
    protected ContrastNormKernel(NativeBackend backend, TOperation operation, GaussianWindow window, int maps)
        : base(backend, operation)
    {
        Shape shape = operation.Operands[0].Shape;
        Pixels = shape.Height * shape.Width;
        Channels = shape.Channels;
        Window = new GaussianBlur(window, shape.Height, shape.Width, Channels);
        _maps = maps;
        Memory.RequirePrivate((long)maps * Pixels + Window.ScratchFloats);
    }

    /// <summary>The pixels of an example.</summary>
    protected int Pixels { get; }

    /// <summary>The maps of the input.</summary>
    protected int Channels { get; }

    /// <summary>The window.</summary>
    protected GaussianBlur Window { get; }

    protected sealed override void ComputeRows(long first, long count, int worker)
    {
        float* maps = Memory.Private(worker);
        for (long example = first; example < first + count; example++)
            ComputeExample(example, maps, maps + (long)_maps * Pixels);
    }

    /// <summary>Computes an example; called on several threads at once.</summary>
    protected abstract void ComputeExample(long example, float* maps, float* scratch);

    /// <summary>The pixels of a map that has one value for each.</summary>
    protected static Span<float> Map(float* map, int pixels) => new(map, pixels);
}

internal sealed unsafe class SubtractiveNormForwardKernel(NativeBackend backend, SubtractiveNormForward operation)
    : ContrastNormKernel<SubtractiveNormForward>(backend, operation, operation.Window, maps: 1)
{
    protected override void ComputeExample(long example, float* maps, float* scratch)
    {
        float* x = Example(0, example);
        Shim.nativecnn_pixel_products(x, null, Pixels, Channels, maps);
        Window.Average(maps, scratch);
        foreach (ref float mean in Map(maps, Pixels))
            mean = -mean;
        Shim.nativecnn_pixel_combine(x, null, null, maps, Pixels, Channels, Example(1, example));
    }
}

internal sealed unsafe class SubtractiveNormBackwardKernel(NativeBackend backend, SubtractiveNormBackward operation)
    : ContrastNormKernel<SubtractiveNormBackward>(backend, operation, operation.Window, maps: 1)
{
    protected override void ComputeExample(long example, float* maps, float* scratch)
    {
        float* gradient = Example(0, example);
        Shim.nativecnn_pixel_products(gradient, null, Pixels, Channels, maps);
        Window.Spread(maps, scratch);
        foreach (ref float part in Map(maps, Pixels))
            part = -part;
        Shim.nativecnn_pixel_combine(gradient, null, null, maps, Pixels, Channels, Example(1, example));
    }
}

internal sealed unsafe class DivisiveNormForwardKernel(NativeBackend backend, DivisiveNormForward operation)
    : ContrastNormKernel<DivisiveNormForward>(backend, operation, operation.Window, maps: 1)
{
    protected override void ComputeExample(long example, float* maps, float* scratch)
    {
        float* v = Example(0, example);
        Shim.nativecnn_pixel_products(v, v, Pixels, Channels, maps);
        Window.Average(maps, scratch);
        Span<float> s = Map(maps, Pixels);
        double sum = 0;
        foreach (ref float deviation in s)
        {
            deviation = MathF.Sqrt(deviation);
            sum += deviation;
        }
        if (At(2) != null)
            s.CopyTo(Map(At(2, example * Pixels), Pixels));
        float c = Operation.Constant > 0 ? Operation.Constant : (float)(sum / Pixels);
        foreach (ref float factor in s)
        {
            float d = Math.Max(c, factor);
            factor = d == 0 ? 0 : 1 / d;
        }
        Shim.nativecnn_pixel_combine(v, maps, null, null, Pixels, Channels, Example(1, example));
    }
}

internal sealed unsafe class DivisiveNormBackwardKernel(NativeBackend backend, DivisiveNormBackward operation)
    : ContrastNormKernel<DivisiveNormBackward>(backend, operation, operation.Window, maps: 2)
{
    protected override void ComputeExample(long example, float* maps, float* scratch)
    {
        float* v = Example(0, example);
        float* dy = Example(2, example);
        float* factors = maps + Pixels;
        Shim.nativecnn_pixel_products(dy, v, Pixels, Channels, maps);
        Divide(Map(maps, Pixels), Map(At(1, example * Pixels), Pixels), Map(factors, Pixels));
        Window.Spread(maps, scratch);
        Shim.nativecnn_pixel_combine(dy, factors, v, maps, Pixels, Channels, Example(3, example));
    }

    // From g = Σ_j dy_j v_j: ds / s, and 1 / d.
    private void Divide(Span<float> map, ReadOnlySpan<float> s, Span<float> factors)
    {
        bool isMean = Operation.Constant == 0;
        double c = Operation.Constant;
        if (isMean)
        {
            foreach (float deviation in s)
                c += deviation;
            c /= s.Length;
        }
        double toConstant = 0;
        for (int p = 0; p < s.Length; p++)
        {
            double d = Math.Max(c, s[p]);
            double inverse = d == 0 ? 0 : 1 / d;
            double gradient = -map[p] * inverse * inverse;
            factors[p] = (float)inverse;
            map[p] = s[p] < c ? 0 : (float)gradient;
            toConstant += s[p] < c ? gradient : 0;
        }
        float shared = isMean ? (float)(toConstant / s.Length) : 0;
        for (int p = 0; p < s.Length; p++)
            map[p] = s[p] == 0 ? 0 : (map[p] + shared) / s[p];
    }
}
