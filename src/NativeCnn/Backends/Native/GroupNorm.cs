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
    /// <summary>The most lanes that the means of a group's channels are added up in.</summary>
    protected const int MaxLanes = 64;

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
        Lanes = MaxLanes;
        while (Width % Lanes != 0)
            Lanes--;
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

    /// <summary>The most lanes that divide the channels of a group.</summary>
    protected int Lanes { get; }

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
    : GroupNormKernel<GroupNormForward>(backend, operation, operation.Groups, arrays: 4)
{
    protected override void ComputeExample(int example, long element, int chunk, float* scratch)
    {
        float* means = scratch;
        float* squares = scratch + Channels;
        float* scales = scratch + 2L * Channels;
        // What a channel's rounded mean lacks counts here as part of the rounding of the group's.
        float* rests = scratch + 3L * Channels;
        Shim.nativecnn_channel_moments(At(0, element), Pixels, Channels, means, rests, squares);
        for (int group = 0; group < Groups; group++)
            FinishGroup(example * Groups + group, group * Width, means, squares, scales);
        Shim.nativecnn_channel_normalize(At(0, element), Pixels, Channels, means, scales, At(2), At(3, element), 0);
    }

    // Channel means become the group's, and γ / √(v + ε) the scales.
    private void FinishGroup(int place, int first, float* means, float* squares, float* scales)
    {
        // The channels' means, as rows of lanes, have moments of their own.
        float* lanes = stackalloc float[3 * MaxLanes];
        float* rests = lanes + 2 * MaxLanes;
        Shim.nativecnn_channel_moments(means + first, Width / Lanes, Lanes, lanes, rests, lanes + MaxLanes);
        double mean = 0;
        for (int lane = 0; lane < Lanes; lane++)
            mean += (double)lanes[lane] / Lanes;
        double between = 0;
        for (int lane = 0; lane < Lanes; lane++)
        {
            double distance = lanes[lane] - mean;
            between += lanes[MaxLanes + lane] + (double)Width / Lanes * distance * distance;
        }
        float within;
        Shim.nativecnn_pixel_products(squares + first, null, 1, Width, &within);
        double inverse = 1 / Math.Sqrt((within + Pixels * between) / Values + Operation.Epsilon);
        new Span<float>(means + first, Width).Fill((float)mean);
        float factor = (float)inverse;
        Shim.nativecnn_pixel_combine(At(1, first), &factor, null, null, 1, Width, scales + first);
        if (At(4) == null)
            return;
        At(4)[place] = (float)mean;
        At(5)[place] = factor;
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
        for (int group = 0; group < Groups; group++)
            new Span<float>(means + group * Width, Width).Fill(At(2)[example * Groups + group]);
        new Span<float>(sums, 2 * Channels).Clear();
        Shim.nativecnn_channel_gradient_sums(At(0, element), At(4, element), Pixels, Channels, means, sums, products);
        for (int group = 0; group < Groups; group++)
            FinishGroup(example * Groups + group, group * Width, sums, products, scales, shifts, slopes);
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
                At(5, element),
                0
            );
    }

    // What follows from the sums for each channel of a group; products become those with x̂.
    private void FinishGroup(
        int place,
        int first,
        float* sums,
        float* products,
        float* scales,
        float* shifts,
        float* slopes
    )
    {
        float inverse = At(3)[place];
        float sum;
        float product;
        Shim.nativecnn_pixel_products(At(1, first), sums + first, 1, Width, &sum);
        Shim.nativecnn_pixel_products(At(1, first), products + first, 1, Width, &product);
        Shim.nativecnn_pixel_combine(products + first, &inverse, null, null, 1, Width, products + first);
        Shim.nativecnn_pixel_combine(At(1, first), &inverse, null, null, 1, Width, scales + first);
        new Span<float>(shifts + first, Width).Fill((float)(-inverse * (sum / Values)));
        double cube = (double)inverse * inverse * inverse;
        new Span<float>(slopes + first, Width).Fill((float)(-cube * (product / Values)));
    }

    private float* PartialSums(int chunk) => Memory.Shared + 2L * chunk * Channels;
}
