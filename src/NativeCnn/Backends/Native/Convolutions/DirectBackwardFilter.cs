using NativeCnn.Backends.Operations;
using NativeCnn.Interop;
using NativeCnn.Threading;

namespace NativeCnn.Backends.Native.Convolutions;

/// <summary>
/// Direct backward-filter: blocks of taps times pairs of panels of 16 filters, summed in registers over runs of output
/// rows; the runs' sums are then added in a fixed tree.
/// </summary>
internal sealed unsafe class DirectBackwardFilter : ConvolutionAlgorithm
{
    // Panels that are summed side by side: the shim reads an input value once for both.
    private const int PanelsPerChunk = 2;

    // Multiply-adds of a chunk: some 10 µs, long against a hand-over.
    private const long WorkPerChunk = 500_000;
    private const int MaxChunks = 128;

    // Output pixels of a run: at least as many as are long against adding its sums to the others', and at most, if
    // memory allows, some hundred of the shim's tiles, whose sums are added up one after the other, so that the error
    // does not grow with all pixels.
    private const int MinPixelsPerRun = 384;
    private const int MaxPixelsPerRun = 24_576;

    private readonly long _partialFloats;
    private readonly int _panels;
    private readonly int _pairs;
    private readonly int _rows;
    private readonly int _runs;

    public DirectBackwardFilter(in ConvolutionGeometry geometry, WorkerPool pool, Scratch scratch)
        : base(geometry, pool, scratch)
    {
        ConvolutionGeometry g = geometry;
        _partialFloats = Shim.nativecnn_direct_filters_size((nativecnn_convolution_geometry*)&g, 0);
        _panels = NativeBackend.ChunkCount(g.FiltersPerGroup, Shim.NATIVECNN_PANEL);
        _pairs = NativeBackend.ChunkCount(_panels, PanelsPerChunk);
        _rows = g.BatchSize * g.OutputHeight;
        int byWork = (int)Math.Clamp(g.MultiplyAdds / g.Groups / WorkPerChunk, 1, MaxChunks);
        int wanted = Math.Min(NativeBackend.ChunkCount(byWork, _pairs), g.OutputPixels / MinPixelsPerRun);
        int least = NativeBackend.ChunkCount(g.OutputPixels, MaxPixelsPerRun);
        int even = TileSize.EvenCount(Math.Max(wanted, least));
        _runs = (int)Math.Clamp(PartialSums.MaxFloats / _partialFloats, 1, Math.Min(even, _rows));
        scratch.RequireShared(_runs * _partialFloats);
    }

    public override void Run(in ConvolutionOperands operands)
    {
        for (int group = 0; group < Geometry.Groups; group++)
        {
            var work = new Work(this, group, operands);
            Pool.Run(ref work, _runs * _pairs);
            PartialSums.AddUp(Pool, Scratch.Shared, _runs, _partialFloats);
            var unpack = new UnpackWork(this, group, operands.Filters);
            Pool.Run(ref unpack, _panels);
        }
    }

    private readonly struct Work(DirectBackwardFilter owner, int group, ConvolutionOperands operands) : IParallelWork
    {
        public void Run(int chunk, int worker)
        {
            ConvolutionGeometry g = owner.Geometry;
            (int run, int pair) = Math.DivRem(chunk, owner._pairs);
            IndexRange rows = IndexRange.Part(owner._rows, owner._runs, run);
            Shim.nativecnn_direct_filter_gradient(
                (nativecnn_convolution_geometry*)&g,
                operands.Input,
                operands.Output,
                group,
                rows,
                IndexRange.Block(owner._panels, PanelsPerChunk, pair),
                0,
                owner.Scratch.Shared + run * owner._partialFloats
            );
        }
    }

    private readonly struct UnpackWork(DirectBackwardFilter owner, int group, float* filterGradient) : IParallelWork
    {
        public void Run(int chunk, int worker)
        {
            ConvolutionGeometry g = owner.Geometry;
            Shim.nativecnn_direct_unpack_gradient(
                (nativecnn_convolution_geometry*)&g,
                owner.Scratch.Shared,
                1,
                group,
                new IndexRange(chunk, 1),
                filterGradient
            );
        }
    }
}
