using NativeCnn.Backends.Operations;
using NativeCnn.Interop;
using NativeCnn.Threading;

namespace NativeCnn.Backends.Native.Convolutions;

/// <summary>
/// Direct backward-filter: blocks of taps times panels of 16 filters, summed in registers over runs of output rows; the
/// runs' sums are then added in their order.
/// </summary>
internal sealed unsafe class DirectBackwardFilter : ConvolutionAlgorithm
{
    private const int WantedChunks = 32;

    // Output pixels of a run at most, if memory allows: some hundred of the shim's tiles, whose sums are added up one
    // after the other, so that the error does not grow with all pixels.
    private const int PixelsPerRun = 24_576;

    // The floats that all partial sums together may take (64 MB).
    private const long MaxPartialFloats = 16L << 20;

    private readonly long _partialFloats;
    private readonly int _panels;
    private readonly int _rows;
    private readonly int _runs;

    public DirectBackwardFilter(in ConvolutionGeometry geometry, WorkerPool pool, Scratch scratch)
        : base(geometry, pool, scratch)
    {
        ConvolutionGeometry g = geometry;
        _partialFloats = Shim.nativecnn_direct_filters_size((nativecnn_convolution_geometry*)&g, 0);
        _panels = NativeBackend.ChunkCount(g.FiltersPerGroup, Shim.NATIVECNN_PANEL);
        _rows = g.BatchSize * g.OutputHeight;
        int wanted = TileSize.EvenCount(
            Math.Max(
                NativeBackend.ChunkCount(WantedChunks, _panels),
                NativeBackend.ChunkCount(g.OutputPixels, PixelsPerRun)
            )
        );
        _runs = (int)Math.Clamp(MaxPartialFloats / _partialFloats, 1, Math.Min(wanted, _rows));
        scratch.RequireShared(_runs * _partialFloats);
    }

    public override void Run(in ConvolutionOperands operands)
    {
        for (int group = 0; group < Geometry.Groups; group++)
        {
            var work = new Work(this, group, operands);
            Pool.Run(ref work, _runs * _panels);
            var sum = new SumWork(this, group, operands.Filters);
            Pool.Run(ref sum, _panels);
        }
    }

    private readonly struct Work(DirectBackwardFilter owner, int group, ConvolutionOperands operands) : IParallelWork
    {
        public void Run(int chunk, int worker)
        {
            ConvolutionGeometry g = owner.Geometry;
            (int run, int panel) = Math.DivRem(chunk, owner._panels);
            IndexRange rows = IndexRange.Part(owner._rows, owner._runs, run);
            Shim.nativecnn_direct_filter_gradient(
                (nativecnn_convolution_geometry*)&g,
                operands.Input,
                operands.Output,
                group,
                rows,
                new IndexRange(panel, 1),
                0,
                owner.Scratch.Shared + run * owner._partialFloats
            );
        }
    }

    private readonly struct SumWork(DirectBackwardFilter owner, int group, float* filterGradient) : IParallelWork
    {
        public void Run(int chunk, int worker)
        {
            ConvolutionGeometry g = owner.Geometry;
            Shim.nativecnn_direct_unpack_gradient(
                (nativecnn_convolution_geometry*)&g,
                owner.Scratch.Shared,
                owner._runs,
                group,
                new IndexRange(chunk, 1),
                filterGradient
            );
        }
    }
}
