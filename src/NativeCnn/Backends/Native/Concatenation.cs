using System.Runtime.InteropServices;
using NativeCnn.Backends.Operations;

namespace NativeCnn.Backends.Native;

// Chunks of pixels; each pixel's channels are copied.
public sealed unsafe partial class NativeBackend
{
    private static readonly bool Concatenation =
        Provide<ConcatenationForward>((b, operation) => new ConcatenationForwardKernel(b, operation))
        && Provide<ConcatenationBackward>((b, operation) => new ConcatenationBackwardKernel(b, operation));
}

internal sealed unsafe class ConcatenationForwardKernel : RowKernel<ConcatenationForward>
{
    private readonly int[] _inputs;
    private readonly int _output;

    public ConcatenationForwardKernel(NativeBackend backend, ConcatenationForward operation)
        : base(backend, operation, operation.Operands[0].Shape.PixelCount, operation.Operands[^1].Shape.Channels)
    {
        _inputs = [.. operation.Operands.SkipLast(1).Select(input => input.Shape.Channels)];
        _output = operation.Operands[^1].Shape.Channels;
    }

    protected override void ComputeRows(long first, long count, int worker)
    {
        float* output = At(_inputs.Length, first * _output);
        for (int i = 0; i < _inputs.Length; i++)
        {
            int channels = _inputs[i];
            PixelCopy.Run(count, channels, At(i, first * channels), channels, output, _output);
            output += channels;
        }
    }
}

internal sealed unsafe class ConcatenationBackwardKernel : RowKernel<ConcatenationBackward>
{
    private readonly int[] _inputs;
    private readonly int _output;

    public ConcatenationBackwardKernel(NativeBackend backend, ConcatenationBackward operation)
        : base(backend, operation, operation.Operands[0].Shape.PixelCount, operation.Operands[0].Shape.Channels)
    {
        _inputs = [.. operation.Operands.Skip(1).Select(input => input.Shape.Channels)];
        _output = operation.Operands[0].Shape.Channels;
    }

    protected override void ComputeRows(long first, long count, int worker)
    {
        float* outputGradient = At(0, first * _output);
        for (int i = 0; i < _inputs.Length; i++)
        {
            int channels = _inputs[i];
            float* inputGradient = At(1 + i, first * channels);
            if (inputGradient != null)
                PixelCopy.Run(count, channels, outputGradient, _output, inputGradient, channels);
            outputGradient += channels;
        }
    }
}

/// <summary>Copies some channels of consecutive pixels.</summary>
file static unsafe class PixelCopy
{
    /// <param name="pixels">How many pixels.</param>
    /// <param name="channels">How many channels of each.</param>
    /// <param name="from">The first pixel's first channel.</param>
    /// <param name="fromStride">Elements from one pixel to the next.</param>
    /// <param name="to">Where that goes.</param>
    /// <param name="toStride">Elements from one pixel to the next there.</param>
    public static void Run(long pixels, int channels, float* from, int fromStride, float* to, int toStride)
    {
        for (long pixel = 0; pixel < pixels; pixel++, from += fromStride, to += toStride)
            NativeMemory.Copy(from, to, (nuint)channels * sizeof(float));
    }
}
