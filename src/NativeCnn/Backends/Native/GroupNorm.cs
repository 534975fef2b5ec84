using NativeCnn.Backends.Operations;
using NativeCnn.Interop;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Native;

// Chunks of examples. The moments of an example's channels are joined to those of its groups in float64.
public sealed unsafe partial class NativeBackend
{
    private static readonly bool GroupNorm =
        Provide<GroupNormForward>((b, operation) => new GroupNormForwardKernel(b, operation))
        && Provide<GroupNormBackward>((b, operation) => new GroupNormBackwardKernel(b, operation));
}

/// <summary>A kernel that computes an example after the other, in at most so many chunks as it has partial sums.</summary>
internal abstract unsafe class GroupNormKernel<TOperation> : ChunkKernel<TOperation>
    where TOperation : Operation
{
    private const int MaxParts = 32;

    private readonly int _examples;
    private readonly int _examplesPerChunk;

    /// <param name="backend">The backend.</param>
    /// <param name="operation">What it computes; its first operand is the input.</param>
    /// <param name="groups">How many groups an example has.</param>
    /// <param name="arrays">How many numbers per channel an example takes from its worker's scratch memory.</param>
    protected GroupNormKernel(NativeBackend backend, TOperation operation, int groups, int arrays)
        : base(backend, operation)
    {
        Shape shape = operation.Operands[0].Shape;
        Groups = groups;
        Channels = shape.Channels;
        Pixels = shape.Height * shape.Width;
        _examples = shape.BatchSize;
        _examplesPerChunk = Math.Max(
            NativeBackend.RowsPerChunk(shape.ElementsPerExample),
            NativeBackend.ChunkCount(_examples, MaxParts)
        );
        Chunks = NativeBackend.ChunkCount(_examples, _examplesPerChunk);
        Memory.RequirePrivate((long)arrays * Channels);
    }

    protected sealed override int Chunks { get; }

    /// <summary>The groups of an example.</summary>
    protected int Groups { get; }

    /// <summary>The channels.</summary>
    protected int Channels { get; }

    /// <summary>The pixels of an example.</summary>
    protected int Pixels { get; }

    /// <summary>The channels of a group.</summary>
    protected int Width => Channels / Groups;

    /// <summary>The values of a group of an example.</summary>
    protected double Values => (double)Pixels * Width;

    protected override void ComputeChunk(int chunk, int worker)
    {
        int first = chunk * _examplesPerChunk;
        int end = Math.Min(first + _examplesPerChunk, _examples);
        for (int example = first; example < end; example++)
            ComputeExample(example, (long)example * Pixels * Channels, chunk, Memory.Private(worker));
    }

    /// <summary>Computes an example; called on several threads at once.</summary>
    protected abstract void ComputeExample(int example, long element, int chunk, float* scratch);
}

internal sealed unsafe class GroupNormForwardKernel(NativeBackend backend, GroupNormForward operation)
    : GroupNormKernel<GroupNormForward>(backend, operation, operation.Groups, arrays: 3)
{
    protected override void ComputeExample(int example, long element, int chunk, float* scratch)
    {
        float* means = scratch;
        float* squares = scratch + Channels;
        float* scales = scratch + 2L * Channels;
        Shim.nativecnn_channel_moments(At(0, element), Pixels, Channels, means, squares);
        for (int group = 0; group < Groups; group++)
            FinishGroup(example * Groups + group, group * Width, means, squares, scales);
        Shim.nativecnn_channel_normalize(At(0, element), Pixels, Channels, means, scales, At(2), At(3, element));
    }

    // Channel means become the group's, and γ / √(v + ε) the scales.
    private void FinishGroup(int place, int first, float* means, float* squares, float* scales)
    {
        double mean = 0;
        for (int c = first; c < first + Width; c++)
            mean += means[c];
        mean /= Width;
        double sum = 0;
        for (int c = first; c < first + Width; c++)
        {
            double distance = means[c] - mean;
            sum += squares[c] + Pixels * distance * distance;
        }
        double inverse = 1 / Math.Sqrt(sum / Values + Operation.Epsilon);
        for (int c = first; c < first + Width; c++)
        {
            means[c] = (float)mean;
            scales[c] = (float)(At(1)[c] * inverse);
        }
        if (At(4) == null)
            return;
        At(4)[place] = (float)mean;
        At(5)[place] = (float)inverse;
    }
}

internal sealed unsafe class GroupNormBackwardKernel : GroupNormKernel<GroupNormBackward>
{
    public GroupNormBackwardKernel(NativeBackend backend, GroupNormBackward operation)
        : base(backend, operation, operation.Groups, arrays: 6) => Memory.RequireShared(2L * Chunks * Channels);

    protected override void Launch()
    {
        new Span<float>(Memory.Shared, 2 * Chunks * Channels).Clear();
        base.Launch();
        for (int chunk = 0; chunk < Chunks; chunk++)
        {
            Shim.nativecnn_accumulate(PartialSums(chunk), Channels, At(6));
            Shim.nativecnn_accumulate(PartialSums(chunk) + Channels, Channels, At(7));
        }
    }

    protected override void ComputeExample(int example, long element, int chunk, float* scratch)
    {
        float* means = scratch;
        float* sums = scratch + Channels;
        float* products = scratch + 2L * Channels;
        float* scales = scratch + 3L * Channels;
        float* shifts = scratch + 4L * Channels;
        float* slopes = scratch + 5L * Channels;
        for (int c = 0; c < Channels; c++)
            means[c] = At(2)[example * Groups + c / Width];
        new Span<float>(sums, 2 * Channels).Clear();
        Shim.nativecnn_channel_gradient_sums(At(0, element), At(4, element), Pixels, Channels, means, sums, products);
        for (int group = 0; group < Groups; group++)
        {
            double inverse = At(3)[example * Groups + group];
            double sum = 0;
            double product = 0;
            for (int c = group * Width; c < (group + 1) * Width; c++)
            {
                sum += (double)At(1)[c] * sums[c];
                product += (double)At(1)[c] * products[c];
                products[c] = (float)(products[c] * inverse);
                scales[c] = (float)(At(1)[c] * inverse);
            }
            new Span<float>(shifts + group * Width, Width).Fill((float)(-inverse * sum / Values));
            float slope = (float)(-inverse * inverse * inverse * product / Values);
            new Span<float>(slopes + group * Width, Width).Fill(slope);
        }
        Shim.nativecnn_accumulate(products, Channels, PartialSums(chunk));
        Shim.nativecnn_accumulate(sums, Channels, PartialSums(chunk) + Channels);
        if (At(5) != null)
            Shim.nativecnn_channel_gradient(
                At(0, element),
                At(4, element),
                Pixels,
                Channels,
                means,
                scales,
                shifts,
                slopes,
                At(5, element)
            );
    }

    private float* PartialSums(int chunk) => Memory.Shared + 2L * chunk * Channels;
}
