using System.Numerics;
using System.Runtime.InteropServices;
using NativeCnn.Backends.Operations;
using NativeCnn.Interop;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Native;

// Chunks of pixels, in pieces of some pixels whose factors stand beside each other, so that vectors need not end with a
// pixel.
public sealed unsafe partial class NativeBackend
{
    private static readonly bool ChannelScale =
        Provide<ChannelScaleForward>((b, operation) => new ChannelScaleForwardKernel(b, operation))
        && Provide<ChannelScaleBackward>((b, operation) => new ChannelScaleBackwardKernel(b, operation));
}

internal sealed unsafe class ChannelScaleForwardKernel : RowKernel<ChannelScaleForward>
{
    private readonly RepeatedFactors _factors;
    private readonly int _channels;

    public ChannelScaleForwardKernel(NativeBackend backend, ChannelScaleForward operation)
        : base(backend, operation, operation.Operands[0].Shape.PixelCount, operation.Operands[0].Shape.Channels)
    {
        _channels = operation.Operands[0].Shape.Channels;
        _factors = new RepeatedFactors(_channels);
        Memory.RequireShared(_factors.Length);
    }

    protected override void Launch()
    {
        _factors.Write(At(1), Operation.IsShared, Memory.Shared);
        base.Launch();
    }

    protected override void ComputeRows(long first, long count, int worker)
    {
        long end = (first + count) * _channels;
        for (long place = first * _channels; place < end; place += _factors.Length)
        {
            int n = (int)Math.Min(_factors.Length, end - place);
            ChannelScaling.Scale(
                new ReadOnlySpan<float>(At(0, place), n),
                new ReadOnlySpan<float>(At(0, place), n),
                new ReadOnlySpan<float>(Memory.Shared, n),
                Operation.KeepsPositive,
                new Span<float>(At(2, place), n)
            );
        }
    }
}

internal sealed unsafe class ChannelScaleBackwardKernel : ChunkKernel<ChannelScaleBackward>
{
    // Partial sums of one reduction: many cores get work, and their addition stays short.
    private const int MaxPartials = 64;

    // Pieces whose sums are added by themselves: the error grows with these and their number, not with their product.
    private const int PiecesPerPart = 32;

    private readonly RepeatedFactors _factors;
    private readonly int _channels;
    private readonly int _pixels;
    private readonly int _pixelsPerChunk;

    public ChannelScaleBackwardKernel(NativeBackend backend, ChannelScaleBackward operation)
        : base(backend, operation)
    {
        Shape shape = operation.Operands[0].Shape;
        _channels = shape.Channels;
        _pixels = shape.PixelCount;
        _factors = new RepeatedFactors(_channels);
        _pixelsPerChunk = Math.Max(
            NativeBackend.RowsPerChunk(_channels),
            NativeBackend.ChunkCount(_pixels, MaxPartials)
        );
        Chunks = NativeBackend.ChunkCount(_pixels, _pixelsPerChunk);
        Memory.RequireShared(_factors.Length + (long)Chunks * _channels);
        // The products x dy of a piece, and the sums of a part.
        Memory.RequirePrivate(_factors.Length + _channels);
    }

    protected override int Chunks { get; }

    protected override void Launch()
    {
        _factors.Write(At(1), Operation.IsShared, Memory.Shared);
        base.Launch();
        float* gradient = At(4);
        if (Operation.IsShared)
        {
            double sum = 0;
            for (long k = 0; k < (long)Chunks * _channels; k++)
                sum += PartialSums(0)[k];
            *gradient += (float)sum;
            return;
        }
        for (int chunk = 0; chunk < Chunks; chunk++)
            Shim.nativecnn_accumulate(PartialSums(chunk), _channels, gradient);
    }

    protected override void ComputeChunk(int chunk, int worker)
    {
        float* sums = PartialSums(chunk);
        new Span<float>(sums, _channels).Clear();
        float* partSums = Memory.Private(worker) + _factors.Length;
        long end = (long)Math.Min(_pixels, (chunk + 1L) * _pixelsPerChunk) * _channels;
        long part = (long)PiecesPerPart * _factors.Length;
        for (long place = (long)chunk * _pixelsPerChunk * _channels; place < end; place += part)
        {
            new Span<float>(partSums, _channels).Clear();
            long partEnd = Math.Min(end, place + part);
            for (long piece = place; piece < partEnd; piece += _factors.Length)
                SumPiece(piece, (int)Math.Min(_factors.Length, partEnd - piece), Memory.Private(worker), partSums);
            Shim.nativecnn_accumulate(partSums, _channels, sums);
        }
    }

    private void SumPiece(long place, int n, float* products, float* sums)
    {
        var x = new ReadOnlySpan<float>(At(0, place), n);
        var dy = new ReadOnlySpan<float>(At(2, place), n);
        // Before dx, which may be dy.
        ChannelScaling.Multiply(x, dy, Operation.KeepsPositive, new Span<float>(products, n));
        Shim.nativecnn_column_sums(products, n / _channels, _channels, sums);
        if (At(3) != null)
            ChannelScaling.Scale(
                x,
                dy,
                new ReadOnlySpan<float>(Memory.Shared, n),
                Operation.KeepsPositive,
                new Span<float>(At(3, place), n)
            );
    }

    private float* PartialSums(int chunk) => Memory.Shared + _factors.Length + (long)chunk * _channels;
}

/// <summary>The factors of so many pixels that a piece of them stays in the first cache.</summary>
internal readonly unsafe struct RepeatedFactors(int channels)
{
    private const int PieceFloats = 2048;

    /// <summary>The elements of a piece: whole pixels.</summary>
    public int Length { get; } = Math.Max(1, PieceFloats / Math.Max(1, channels)) * channels;

    public void Write(float* factors, bool isShared, float* repeated)
    {
        var all = new Span<float>(repeated, Length);
        if (isShared)
            all.Fill(*factors);
        else
            for (int k = 0; k < Length; k += channels)
                new ReadOnlySpan<float>(factors, channels).CopyTo(all[k..]);
    }
}

/// <summary>The loops.</summary>
file static class ChannelScaling
{
    // y = v where x > 0 and the positive is kept, else a v
    public static void Scale(
        ReadOnlySpan<float> x,
        ReadOnlySpan<float> values,
        ReadOnlySpan<float> factors,
        bool keepsPositive,
        Span<float> scaled
    )
    {
        ReadOnlySpan<Vector<float>> xs = MemoryMarshal.Cast<float, Vector<float>>(x);
        ReadOnlySpan<Vector<float>> vs = MemoryMarshal.Cast<float, Vector<float>>(values);
        ReadOnlySpan<Vector<float>> a = MemoryMarshal.Cast<float, Vector<float>>(factors);
        Span<Vector<float>> y = MemoryMarshal.Cast<float, Vector<float>>(scaled);
        for (int i = 0; i < y.Length; i++)
            y[i] = keepsPositive
                ? Vector.ConditionalSelect(Vector.GreaterThan(xs[i], Vector<float>.Zero), vs[i], a[i] * vs[i])
                : a[i] * vs[i];
        for (int i = y.Length * Vector<float>.Count; i < scaled.Length; i++)
            scaled[i] = keepsPositive && x[i] > 0 ? values[i] : factors[i] * values[i];
    }

    // p = 0 where x > 0 and the positive is kept, else x dy
    public static void Multiply(
        ReadOnlySpan<float> x,
        ReadOnlySpan<float> gradient,
        bool keepsPositive,
        Span<float> products
    )
    {
        ReadOnlySpan<Vector<float>> xs = MemoryMarshal.Cast<float, Vector<float>>(x);
        ReadOnlySpan<Vector<float>> dy = MemoryMarshal.Cast<float, Vector<float>>(gradient);
        Span<Vector<float>> p = MemoryMarshal.Cast<float, Vector<float>>(products);
        for (int i = 0; i < p.Length; i++)
        {
            Vector<float> product = xs[i] * dy[i];
            p[i] = keepsPositive
                ? Vector.ConditionalSelect(Vector.GreaterThan(xs[i], Vector<float>.Zero), Vector<float>.Zero, product)
                : product;
        }
        for (int i = p.Length * Vector<float>.Count; i < products.Length; i++)
            products[i] = keepsPositive && x[i] > 0 ? 0 : x[i] * gradient[i];
    }
}
