using NativeCnn.Backends.Operations;
using NativeCnn.Interop;
using NativeCnn.Threading;

namespace NativeCnn.Backends.Native.Convolutions;

/// <summary>
/// Backward-data at stride 1: a forward convolution of the output gradient with the flipped filters, which are turned
/// by 180° and have input and output channels exchanged.
/// </summary>
internal sealed unsafe class Im2ColBackwardData : ConvolutionAlgorithm
{
    private const int ChannelsPerChunk = 16;

    private readonly Im2ColForward _forward;

    public Im2ColBackwardData(in ConvolutionGeometry geometry, WorkerPool pool, Scratch scratch)
        : base(geometry, pool, scratch)
    {
        _forward = new Im2ColForward(geometry.BackwardData(), pool, scratch);
        scratch.RequireShared(geometry.FilterShape.Count);
    }

    public override void Run(in ConvolutionOperands operands)
    {
        var flip = new FlipWork(Geometry, operands.Filters, Scratch.Shared);
        Pool.Run(ref flip, Geometry.Groups * flip.ChunksPerGroup);
        _forward.Run(operands.BackwardData with { Filters = Scratch.Shared });
    }

    private readonly struct FlipWork(ConvolutionGeometry geometry, float* filters, float* flipped) : IParallelWork
    {
        public int ChunksPerGroup => NativeBackend.ChunkCount(geometry.ChannelsPerGroup, ChannelsPerChunk);

        public void Run(int chunk, int worker)
        {
            ConvolutionGeometry g = geometry;
            (int group, int block) = Math.DivRem(chunk, ChunksPerGroup);
            IndexRange channels = IndexRange.Block(g.ChannelsPerGroup, ChannelsPerChunk, block);
            Shim.nativecnn_flip_filters(
                (nativecnn_convolution_geometry*)&g,
                filters,
                group,
                channels,
                flipped + (long)group * g.FiltersPerGroup * g.Taps
            );
        }
    }
}
