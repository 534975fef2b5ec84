using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Native;

/// <summary>
/// A kernel over windows of any sizes: chunks of output rows forward, of input rows, whose pixels ask the windows over
/// them, backward. Vectors over channels.
/// </summary>
internal abstract unsafe class WindowKernel<TOperation>(
    NativeBackend backend,
    TOperation operation,
    (Shape Input, Shape Output) shapes,
    (WindowAxis Down, WindowAxis Across) axes,
    bool isForward
)
    : RowKernel<TOperation>(
        backend,
        operation,
        isForward
            ? (long)shapes.Output.BatchSize * shapes.Output.Height
            : (long)shapes.Input.BatchSize * shapes.Input.Height,
        isForward
            ? (long)shapes.Input.Width * shapes.Input.Channels * (1 + shapes.Input.Height / shapes.Output.Height)
            : (long)shapes.Input.Width * shapes.Input.Channels
    )
    where TOperation : Operation
{
    protected WindowKernel(NativeBackend backend, TOperation operation, PoolingGeometry geometry, bool isForward)
        : this(
            backend,
            operation,
            (geometry.Input, geometry.Output),
            (WindowAxis.Down(geometry), WindowAxis.Across(geometry)),
            isForward
        ) { }

    // Adaptive windows.
    protected WindowKernel(NativeBackend backend, TOperation operation, Shape input, Shape output, bool isForward)
        : this(
            backend,
            operation,
            (input, output),
            (WindowAxis.Adaptive(input.Height, output.Height), WindowAxis.Adaptive(input.Width, output.Width)),
            isForward
        ) { }

    /// <summary>Rows of windows and pixels.</summary>
    protected WindowAxis Down => axes.Down;

    /// <summary>Columns of windows and pixels.</summary>
    protected WindowAxis Across => axes.Across;

    /// <summary>N×H×W×C of the input.</summary>
    protected Shape Input => shapes.Input;

    /// <summary>N×H'×W'×C of the output.</summary>
    protected Shape Output => shapes.Output;

    /// <summary>Element of the input at a pixel's first channel.</summary>
    protected long InputAt(long n, int row, int column) =>
        ((n * shapes.Input.Height + row) * shapes.Input.Width + column) * shapes.Input.Channels;

    /// <summary>Element of the output at a window's first channel.</summary>
    protected long OutputAt(long n, int row, int column) =>
        ((n * shapes.Output.Height + row) * shapes.Output.Width + column) * shapes.Output.Channels;

    protected sealed override void ComputeRows(long first, long count, int worker)
    {
        int height = isForward ? shapes.Output.Height : shapes.Input.Height;
        int width = isForward ? shapes.Output.Width : shapes.Input.Width;
        for (long r = first; r < first + count; r++)
        {
            long n = r / height;
            int row = (int)(r - n * height);
            for (int column = 0; column < width; column++)
            for (int c = 0; c < shapes.Input.Channels; c += Lanes.Count)
                ComputeLanes(n, row, column, c, Math.Min(Lanes.Count, shapes.Input.Channels - c));
        }
    }

    /// <summary>Computes channels c to c + lanes − 1 of a window forward, of a pixel backward.</summary>
    protected abstract void ComputeLanes(long n, int row, int column, int c, int lanes);
}
