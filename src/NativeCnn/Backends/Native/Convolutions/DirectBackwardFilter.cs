using NativeCnn.Interop;
using NativeCnn.Threading;

namespace NativeCnn.Backends.Native.Convolutions;

/// <summary>
/// Direct backward-filter: blocks of taps times panels of 16 filters, summed in registers over runs of output rows; the runs' sums
/// are then added in their order.
/// </summary>
internal sealed unsafe class DirectBackwardFilter : IConvolutionAlgorithm
{
    private const int WantedChunks = 32;

    // The floats that all partial sums together may take (64 MB).
    private const long MaxPartialFloats = 16L << 20;

    private readonly ConvolutionGeometry _geometry;
    private readonly WorkerPool _pool;
    private readonly Workspace _workspace;
    private readonly int _panels;
    private readonly int _rows;
    private readonly int _runs;

    public DirectBackwardFilter(in ConvolutionGeometry geometry, WorkerPool pool, Workspace workspace)
    {
        _geometry = geometry;
        _pool = pool;
        _workspace = workspace;
        ConvolutionGeometry g = geometry;
        long floats = Shim.nativecnn_direct_filters_size((nativecnn_convolution_geometry*)&g, 0);
        _panels = (g.FiltersPerGroup + Shim.NATIVECNN_PANEL - 1) / Shim.NATIVECNN_PANEL;
        _rows = g.Batch * g.OutputHeight;
        int wanted = TileSize.EvenCount((WantedChunks + _panels - 1) / _panels);
        _runs = (int)Math.Clamp(MaxPartialFloats / floats, 1, Math.Min(wanted, _rows));
        workspace.ReserveShared(_runs * floats);
        PartialFloats = floats;
    }

    public string Name => "direct";

    private long PartialFloats { get; }

    public void Run(in ConvolutionOperands operands)
    {
        for (int group = 0; group < _geometry.Groups; group++)
        {
            var work = new Work(this, group, operands.Input, operands.Output);
            _pool.Run(ref work, _runs * _panels);
            var sum = new SumWork(this, group, operands.Filters);
            _pool.Run(ref sum, _panels);
        }
    }

    private readonly struct Work(DirectBackwardFilter owner, int group, float* input, float* outputGradient)
        : IParallelWork
    {
        public void Run(int chunk, int worker)
        {
            ConvolutionGeometry g = owner._geometry;
            (int run, int panel) = Math.DivRem(chunk, owner._panels);
            long begin = (long)owner._rows * run / owner._runs;
            long end = (long)owner._rows * (run + 1) / owner._runs;
            Shim.nativecnn_direct_filter_gradient(
                (nativecnn_convolution_geometry*)&g,
                input,
                outputGradient,
                group,
                new(begin, end - begin),
                new(panel, 1),
                0,
                owner._workspace.Shared + run * owner.PartialFloats
            );
        }
    }

    private readonly struct SumWork(DirectBackwardFilter owner, int group, float* filterGradient) : IParallelWork
    {
        public void Run(int chunk, int worker)
        {
            ConvolutionGeometry g = owner._geometry;
            Shim.nativecnn_direct_unpack_gradient(
                (nativecnn_convolution_geometry*)&g,
                owner._workspace.Shared,
                owner._runs,
                group,
                new(chunk, 1),
                filterGradient
            );
        }
    }
}
