using NativeCnn.Interop;
using NativeCnn.Threading;

namespace NativeCnn.Backends.Native.Convolutions;

/// <summary>
/// Backward-data for any stride: dY[pixels×filters] · W[filters×taps] → COL[pixels×taps], which is then added into the input
/// gradient (col2im), some images at a time.
/// </summary>
internal sealed unsafe class ScatterBackwardData : IConvolutionAlgorithm
{
    // Fewer rows than this do not pay for packing the filters at every product.
    private const int WantedRows = 256;

    private readonly ConvolutionGeometry _geometry;
    private readonly WorkerPool _pool;
    private readonly Workspace _workspace;
    private readonly int _images;

    public ScatterBackwardData(in ConvolutionGeometry geometry, WorkerPool pool, Workspace workspace)
    {
        _geometry = geometry;
        _pool = pool;
        _workspace = workspace;
        int pixels = geometry.OutputHeight * geometry.OutputWidth;
        int wanted = Math.Clamp(WantedRows / pixels, 1, geometry.Batch);
        int chunks = Math.Min(geometry.Batch, TileSize.EvenCount((geometry.Batch + wanted - 1) / wanted));
        _images = (geometry.Batch + chunks - 1) / chunks;
        workspace.ReservePrivate((long)_images * pixels * geometry.Taps);
    }

    public string Name => "product and col2im";

    public void Run(in ConvolutionOperands operands)
    {
        var work = new Work(this, operands.Output, operands.Filters, operands.Input);
        _pool.Run(ref work, (_geometry.Batch + _images - 1) / _images);
    }

    private readonly struct Work(ScatterBackwardData owner, float* outputGradient, float* filters, float* inputGradient)
        : IParallelWork
    {
        public void Run(int chunk, int worker)
        {
            ConvolutionGeometry g = owner._geometry;
            int image = chunk * owner._images;
            int images = Math.Min(owner._images, g.Batch - image);
            int pixels = g.OutputHeight * g.OutputWidth;
            float* columns = owner._workspace.Private(worker);
            new Span<float>(inputGradient + (long)image * g.Input.ExampleCount, images * g.Input.ExampleCount).Clear();
            for (int group = 0; group < g.Groups; group++)
            {
                int filter = group * g.FiltersPerGroup;
                // dY[pixels×filters] · W[filters×taps] → COL[pixels×taps]
                Blas.Product(
                    images * pixels,
                    g.Taps,
                    g.FiltersPerGroup,
                    new Matrix(outputGradient + (long)image * pixels * g.Filters + filter, g.Filters),
                    new Matrix(filters + (long)filter * g.Taps, g.Taps),
                    new Matrix(columns, g.Taps),
                    accumulate: false
                );
                Shim.nativecnn_col2im(
                    (nativecnn_convolution_geometry*)&g,
                    columns,
                    group,
                    new(image, images),
                    inputGradient
                );
            }
        }
    }
}
