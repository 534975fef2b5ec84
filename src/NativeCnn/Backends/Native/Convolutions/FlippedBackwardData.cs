using NativeCnn.Interop;
using NativeCnn.Threading;

namespace NativeCnn.Backends.Native.Convolutions;

/// <summary>
/// Backward-data at stride 1: a forward convolution of the output gradient with the filters turned by 180° and input and
/// output channels exchanged.
/// </summary>
internal sealed unsafe class FlippedBackwardData : IConvolutionAlgorithm
{
    private const int ChannelsPerChunk = 16;

    private readonly ConvolutionGeometry _geometry;
    private readonly WorkerPool _pool;
    private readonly Workspace _workspace;
    private readonly TiledProductForward _forward;

    public FlippedBackwardData(in ConvolutionGeometry geometry, WorkerPool pool, Workspace workspace)
    {
        _geometry = geometry;
        _pool = pool;
        _workspace = workspace;
        _forward = new TiledProductForward(geometry.BackwardData(), pool, workspace);
        workspace.ReserveShared(geometry.FilterShape.Count);
    }

    public string Name => $"{_forward.Name}, flipped filters";

    public void Run(in ConvolutionOperands operands)
    {
        var flip = new FlipWork(_geometry, operands.Filters, _workspace.Shared);
        _pool.Run(ref flip, _geometry.Groups * flip.ChunksPerGroup);
        _forward.Run(
            new ConvolutionOperands
            {
                Input = operands.Output,
                Filters = _workspace.Shared,
                Output = operands.Input,
            }
        );
    }

    private readonly struct FlipWork(ConvolutionGeometry geometry, float* filters, float* flipped) : IParallelWork
    {
        public int ChunksPerGroup => (geometry.ChannelsPerGroup + ChannelsPerChunk - 1) / ChannelsPerChunk;

        public void Run(int chunk, int worker)
        {
            ConvolutionGeometry g = geometry;
            (int group, int part) = Math.DivRem(chunk, ChunksPerGroup);
            int channel = part * ChannelsPerChunk;
            long groupFloats = (long)g.ChannelsPerGroup * g.KernelHeight * g.KernelWidth * g.FiltersPerGroup;
            Shim.nativecnn_flip_filters(
                (nativecnn_convolution_geometry*)&g,
                filters,
                group,
                new(channel, Math.Min(ChannelsPerChunk, g.ChannelsPerGroup - channel)),
                flipped + group * groupFloats
            );
        }
    }
}
