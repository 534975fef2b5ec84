using System.Numerics;
using System.Runtime.InteropServices;
using NativeCnn.Backends.Operations;
using NativeCnn.Interop;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Native;

// Chunks of pixels. For each example of a chunk its mask is made first, as often as fills a piece of some pixels, so
// that vectors need not end with a pixel.
public sealed unsafe partial class NativeBackend
{
    private static readonly bool SpatialDropout = Provide<SpatialDropout>(
        (b, operation) => new SpatialDropoutKernel(b, operation)
    );
}

internal sealed unsafe class SpatialDropoutKernel : RowKernel<SpatialDropout>
{
    private readonly RepeatedFactors _masks;
    private readonly int _channels;
    private readonly int _pixelsPerExample;

    public SpatialDropoutKernel(NativeBackend backend, SpatialDropout operation)
        : base(backend, operation, operation.Operands[0].Shape.PixelCount, operation.Operands[0].Shape.Channels)
    {
        Shape shape = operation.Operands[0].Shape;
        _channels = shape.Channels;
        _pixelsPerExample = shape.Height * shape.Width;
        _masks = new RepeatedFactors(_channels);
        // An example's mask, and its repetition.
        Memory.RequirePrivate(_channels + _masks.Length);
    }

    protected override void ComputeRows(long first, long count, int worker)
    {
        float* mask = Memory.Private(worker);
        float* masks = mask + _channels;
        long end = first + count;
        for (long pixel = first; pixel < end; )
        {
            long example = pixel / _pixelsPerExample;
            long pixels = Math.Min(end, (example + 1) * _pixelsPerExample) - pixel;
            WriteMask(example, mask);
            _masks.Write(mask, isShared: false, masks);
            long last = (pixel + pixels) * _channels;
            for (long place = pixel * _channels; place < last; place += _masks.Length)
            {
                int n = (int)Math.Min(_masks.Length, last - place);
                Apply(
                    new ReadOnlySpan<float>(At(0, place), n),
                    new ReadOnlySpan<float>(masks, n),
                    new Span<float>(At(1, place), n)
                );
            }
            pixel += pixels;
        }
    }

    // 0 or 1 / (1 − p) of each map.
    private void WriteMask(long example, float* mask)
    {
        DropoutOptions options = Operation.Options;
        var dropout = new nativecnn_dropout { key = options.KeyOf(Scalar(0)), probability = options.Probability };
        new Span<float>(mask, _channels).Fill(1);
        Shim.nativecnn_dropout_apply(&dropout, mask, new(example * _channels, _channels), mask);
    }

    // A choice where the mask is 0, not a product: what is dropped is 0, an infinity and a NaN too.
    private static void Apply(ReadOnlySpan<float> input, ReadOnlySpan<float> masks, Span<float> output)
    {
        ReadOnlySpan<Vector<float>> x = MemoryMarshal.Cast<float, Vector<float>>(input);
        ReadOnlySpan<Vector<float>> m = MemoryMarshal.Cast<float, Vector<float>>(masks);
        Span<Vector<float>> y = MemoryMarshal.Cast<float, Vector<float>>(output);
        for (int i = 0; i < y.Length; i++)
            y[i] = Vector.ConditionalSelect(Vector.Equals(m[i], Vector<float>.Zero), Vector<float>.Zero, x[i] * m[i]);
        for (int i = y.Length * Vector<float>.Count; i < output.Length; i++)
            output[i] = masks[i] == 0 ? 0 : input[i] * masks[i];
    }
}
