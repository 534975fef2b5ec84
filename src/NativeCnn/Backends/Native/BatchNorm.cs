using NativeCnn.Backends.Operations;
using NativeCnn.Interop;
using NativeCnn.Tensors;
using NativeCnn.Threading;

namespace NativeCnn.Backends.Native;

// Two passes over the pixels: sums of a few parts, joined in their order, and what follows from them for every pixel.
public sealed unsafe partial class NativeBackend
{
    private static readonly bool BatchNorm =
        Provide<BatchNormForward>((b, operation) => new BatchNormForwardKernel(b, operation))
        && Provide<BatchNormInference>((b, operation) => new BatchNormInferenceKernel(b, operation))
        && Provide<BatchNormBackward>((b, operation) => new BatchNormBackwardKernel(b, operation));
}

/// <summary>A kernel that needs sums over all pixels before it can compute the first.</summary>
internal abstract unsafe class BatchNormKernel<TOperation> : NativeKernel<TOperation>
    where TOperation : Operation
{
    // Parts of the sums: many cores get work, and joining them stays cheap beside the pixels.
    private const int MaxParts = 32;

    // Sums of parts that are joined in a chunk: some microseconds.
    private const int JoinsPerChunk = 2048;
    private const int ChannelsPerLine = NativeBuffer.Alignment / sizeof(float);

    private readonly int _channelsPerChunk;
    private readonly int _rowsPerPart;
    private readonly int _rowsPerChunk;
    private readonly int _constants;

    /// <param name="backend">The backend.</param>
    /// <param name="operation">What it computes; its first operand is the input.</param>
    /// <param name="constants">How many numbers per channel the second pass takes from scratch memory.</param>
    protected BatchNormKernel(NativeBackend backend, TOperation operation, int constants)
        : base(backend, operation)
    {
        Shape shape = operation.Operands[0].Shape;
        Channels = shape.Channels;
        Rows = shape.PixelCount;
        _constants = constants;
        _rowsPerChunk = NativeBackend.RowsPerChunk(Channels);
        _rowsPerPart = Math.Max(_rowsPerChunk, NativeBackend.ChunkCount(Rows, MaxParts));
        Parts = NativeBackend.ChunkCount(Rows, _rowsPerPart);
        // Whole cache lines: nobody writes to those of another thread.
        _channelsPerChunk = NativeBackend.ChunkCount(JoinsPerChunk / Parts, ChannelsPerLine) * ChannelsPerLine;
        Memory.RequireShared((long)Channels * (constants + 3L * Parts));
    }

    /// <summary>The channels.</summary>
    protected int Channels { get; }

    /// <summary>The pixels of all examples.</summary>
    protected int Rows { get; }

    /// <summary>The parts of the sums.</summary>
    protected int Parts { get; }

    /// <summary>The rows of a part.</summary>
    protected int RowsOf(int part) => Math.Min(_rowsPerPart, Rows - part * _rowsPerPart);

    /// <summary>A number per channel that the second pass takes.</summary>
    protected float* Constants(int index) => Memory.Shared + (long)index * Channels;

    /// <summary>The first, second or third sums of a part.</summary>
    protected float* Sums(int part, int index) => Memory.Shared + ((long)_constants + 3L * part + index) * Channels;

    /// <summary>
    /// 1 where what the second pass writes, which is not what it reads, is written past the caches, else 0.
    /// </summary>
    protected int PastCaches(int output, int input) =>
        (long)Rows * Channels >= NativeBackend.ElementsBeyondCaches && At(output) != At(input) ? 1 : 0;

    /// <summary>The first pass over all pixels.</summary>
    protected void RunParts()
    {
        var work = new Work(this, isFirstPass: true);
        Pool.Run(ref work, Parts);
    }

    /// <summary>Between the passes, what follows from the sums of every channel.</summary>
    protected void RunChannels()
    {
        var work = new ChannelWork(this);
        Pool.Run(ref work, NativeBackend.ChunkCount(Channels, _channelsPerChunk));
    }

    /// <summary>The second pass over all pixels.</summary>
    protected void RunPixels()
    {
        var work = new Work(this, isFirstPass: false);
        Pool.Run(ref work, NativeBackend.ChunkCount(Rows, _rowsPerChunk));
    }

    /// <summary>Sums a part.</summary>
    protected virtual void SumPart(int part, long element, int rows) { }

    /// <summary>Joins a channel's sums.</summary>
    protected virtual void FinishChannel(int c) { }

    /// <summary>Computes pixels.</summary>
    protected abstract void ComputePixels(long element, int rows);

    private void Run(int chunk, bool isFirstPass)
    {
        int size = isFirstPass ? _rowsPerPart : _rowsPerChunk;
        int first = chunk * size;
        int rows = Math.Min(size, Rows - first);
        if (isFirstPass)
            SumPart(chunk, (long)first * Channels, rows);
        else
            ComputePixels((long)first * Channels, rows);
    }

    private readonly struct ChannelWork(BatchNormKernel<TOperation> kernel) : IParallelWork
    {
        public void Run(int chunk, int worker)
        {
            IndexRange channels = IndexRange.Block(kernel.Channels, kernel._channelsPerChunk, chunk);
            for (int c = channels.First; c < channels.End; c++)
                kernel.FinishChannel(c);
        }
    }

    private readonly struct Work(BatchNormKernel<TOperation> kernel, bool isFirstPass) : IParallelWork
    {
        public void Run(int chunk, int worker) => kernel.Run(chunk, isFirstPass);
    }
}

internal sealed unsafe class BatchNormForwardKernel(NativeBackend backend, BatchNormForward operation)
    : BatchNormKernel<BatchNormForward>(backend, operation, constants: 2)
{
    protected override void Launch()
    {
        RunParts();
        RunChannels();
        RunPixels();
    }

    protected override void SumPart(int part, long element, int rows) =>
        Shim.nativecnn_channel_moments(At(0, element), rows, Channels, Sums(part, 0), Sums(part, 1), Sums(part, 2));

    protected override void ComputePixels(long element, int rows)
    {
        Activation f = Operation.Activation;
        Shim.nativecnn_channel_normalize_activation(
            (nativecnn_activation*)&f,
            At(0, element),
            rows,
            Channels,
            At(6),
            Constants(0),
            Constants(1),
            At(5, element),
            PastCaches(output: 5, input: 0)
        );
    }

    // Joins the parts' means and squares in float64.
    protected override void FinishChannel(int c)
    {
        double mean = 0;
        for (int part = 0; part < Parts; part++)
            mean += RowsOf(part) * MeanOf(part, c);
        mean /= Rows;
        double squares = 0;
        for (int part = 0; part < Parts; part++)
        {
            double distance = MeanOf(part, c) - mean;
            squares += Sums(part, 2)[c] + RowsOf(part) * distance * distance;
        }
        double inverse = 1 / Math.Sqrt(squares / Rows + Operation.Epsilon);
        double scale = At(1)[c] * inverse;
        At(6)[c] = (float)mean;
        // What rounding the mean takes away would shift all outputs alike: the shift gives it back.
        Constants(0)[c] = (float)scale;
        Constants(1)[c] = (float)(At(2)[c] + (At(6)[c] - mean) * scale);
        At(7)[c] = (float)inverse;
        Blend(ref At(3)[c], mean);
        Blend(ref At(4)[c], squares / (Rows - 1));
    }

    private double MeanOf(int part, int c) => (double)Sums(part, 0)[c] + Sums(part, 1)[c];

    private void Blend(ref float running, double batch) =>
        running = (float)(running + Operation.Momentum * (batch - running));
}

internal sealed unsafe class BatchNormInferenceKernel(NativeBackend backend, BatchNormInference operation)
    : BatchNormKernel<BatchNormInference>(backend, operation, constants: 1)
{
    protected override void Launch()
    {
        for (int c = 0; c < Channels; c++)
            Constants(0)[c] = (float)(At(1)[c] / Math.Sqrt((double)At(4)[c] + Operation.Epsilon));
        RunPixels();
    }

    protected override void ComputePixels(long element, int rows)
    {
        Activation f = Operation.Activation;
        Shim.nativecnn_channel_normalize_activation(
            (nativecnn_activation*)&f,
            At(0, element),
            rows,
            Channels,
            At(3),
            Constants(0),
            At(2),
            At(5, element),
            PastCaches(output: 5, input: 0)
        );
    }
}

internal sealed unsafe class BatchNormBackwardKernel(NativeBackend backend, BatchNormBackward operation)
    : BatchNormKernel<BatchNormBackward>(backend, operation, constants: 3)
{
    protected override void Launch()
    {
        RunParts();
        RunChannels();
        if (At(5) != null)
            RunPixels();
    }

    protected override void SumPart(int part, long element, int rows)
    {
        new Span<float>(Sums(part, 0), Channels).Clear();
        new Span<float>(Sums(part, 1), Channels).Clear();
        Shim.nativecnn_channel_gradient_sums(
            At(0, element),
            At(4, element),
            rows,
            Channels,
            At(2),
            Sums(part, 0),
            Sums(part, 1)
        );
    }

    protected override void ComputePixels(long element, int rows) =>
        Shim.nativecnn_channel_gradient(
            At(0, element),
            At(4, element),
            rows,
            Channels,
            At(2),
            Constants(0),
            Constants(1),
            Constants(2),
            At(5, element),
            PastCaches(output: 5, input: 4)
        );

    protected override void FinishChannel(int c)
    {
        double sum = 0;
        double products = 0;
        for (int part = 0; part < Parts; part++)
        {
            sum += Sums(part, 0)[c];
            products += Sums(part, 1)[c];
        }
        double inverse = At(3)[c];
        double scale = At(1)[c] * inverse;
        At(6)[c] += (float)(products * inverse);
        At(7)[c] += (float)sum;
        Constants(0)[c] = (float)scale;
        Constants(1)[c] = (float)(-scale * sum / Rows);
        Constants(2)[c] = (float)(-scale * inverse * inverse * products / Rows);
    }
}
