using NativeCnn.Backends.Operations;
using NativeCnn.Interop;
using NativeCnn.Threading;

namespace NativeCnn.Backends.Native.Convolutions;

/// <summary>
/// Backward-data for any stride: dY[pixels×filters] · W[filters×taps] → COL[pixels×taps], which is then added into the
/// input gradient (col2im), some images at a time.
/// </summary>
internal sealed unsafe class Col2ImBackwardData : ConvolutionAlgorithm
{
    // Fewer rows than this do not pay for packing the filters at every product.
    private const int WantedRows = 256;

    private readonly int _pixelsPerImage;
    private readonly int _imagesPerChunk;

    public Col2ImBackwardData(in ConvolutionGeometry geometry, WorkerPool pool, Scratch scratch)
        : base(geometry, pool, scratch)
    {
        _pixelsPerImage = geometry.OutputHeight * geometry.OutputWidth;
        int wanted = Math.Clamp(WantedRows / _pixelsPerImage, 1, geometry.BatchSize);
        int chunks = TileSize.EvenCount(NativeBackend.ChunkCount(geometry.BatchSize, wanted));
        _imagesPerChunk = NativeBackend.ChunkCount(geometry.BatchSize, Math.Min(geometry.BatchSize, chunks));
        scratch.RequirePrivate((long)_imagesPerChunk * _pixelsPerImage * geometry.Taps);
    }

    public override void Run(in ConvolutionOperands operands)
    {
        var work = new Work(this, operands);
        Pool.Run(ref work, NativeBackend.ChunkCount(Geometry.BatchSize, _imagesPerChunk));
    }

    private readonly struct Work(Col2ImBackwardData owner, ConvolutionOperands operands) : IParallelWork
    {
        public void Run(int chunk, int worker)
        {
            ConvolutionGeometry g = owner.Geometry;
            IndexRange images = IndexRange.Block(g.BatchSize, owner._imagesPerChunk, chunk);
            int elements = g.Input.ElementsPerExample;
            new Span<float>(operands.Input + (long)images.First * elements, images.Count * elements).Clear();
            float* outputGradient = operands.Output + (long)images.First * owner._pixelsPerImage * g.Filters;
            float* columns = owner.Scratch.Private(worker);
            for (int group = 0; group < g.Groups; group++)
            {
                int filter = group * g.FiltersPerGroup;
                // dY[pixels×filters] · W[filters×taps] → COL[pixels×taps]
                Gemm.Run(
                    images.Count * owner._pixelsPerImage,
                    g.Taps,
                    g.FiltersPerGroup,
                    new Matrix(outputGradient + filter, g.Filters),
                    new Matrix(operands.Filters + (long)filter * g.Taps, g.Taps),
                    new Matrix(columns, g.Taps),
                    accumulate: false
                );
                Shim.nativecnn_col2im((nativecnn_convolution_geometry*)&g, columns, group, images, operands.Input);
            }
        }
    }
}
