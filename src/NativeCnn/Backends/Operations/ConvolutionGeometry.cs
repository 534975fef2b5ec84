using System.Runtime.InteropServices;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Operations;

/// <summary>
/// The sizes of a convolution, checked once and then taken by every implementation, test and benchmark of it.
/// z[n,y,x,o] = b[o] + Σ_{i,j,c} w[o,i,j,c] · x[n, y·s + i·d − p_top, x·s + j·d − p_left, c], the sum over the channels
/// of o's group.
/// </summary>
/// <remarks>
/// The layout is that of <c>nativecnn_convolution_geometry</c>, whose size is compared when the shim is loaded.
/// </remarks>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct ConvolutionGeometry
{
    /// <summary>A convolution's sizes; the output size follows from the rest.</summary>
    /// <param name="input">N×H×W×C of the input.</param>
    /// <param name="filters">Output channels, over all groups.</param>
    /// <param name="kernel">Height and width of the kernel.</param>
    /// <param name="stride">Steps down and across, in pixels.</param>
    /// <param name="dilation">Distance between neighbouring taps, in pixels.</param>
    /// <param name="padding">Zeros around the image; negative values crop.</param>
    /// <param name="groups">Independent groups of channels; divides both channels and filters.</param>
    /// <exception cref="ShapeException">The sizes contradict each other; the message has them all.</exception>
    public ConvolutionGeometry(
        Shape input,
        int filters,
        Size2 kernel,
        Size2? stride = null,
        Size2? dilation = null,
        Padding padding = default,
        int groups = 1
    )
    {
        Size2 s = stride ?? new Size2(1, 1);
        Size2 d = dilation ?? new Size2(1, 1);
        if (filters < 1 || groups < 1)
            throw new ShapeException($"A convolution has 1 or more filters and groups; got {filters} and {groups}.");
        if (kernel.Height < 1 || kernel.Width < 1 || s.Height < 1 || s.Width < 1 || d.Height < 1 || d.Width < 1)
            throw new ShapeException($"Kernel, stride and dilation are 1 or more; got {kernel}, {s} and {d}.");
        if (input.Channels % groups != 0 || filters % groups != 0)
        {
            throw new ShapeException(
                $"{groups} groups divide neither evenly: "
                    + $"{input.Channels} input channels and {filters} filters must both be multiples."
            );
        }
        BatchSize = input.BatchSize;
        Height = input.Height;
        Width = input.Width;
        Channels = input.Channels;
        Filters = filters;
        KernelHeight = kernel.Height;
        KernelWidth = kernel.Width;
        StrideY = s.Height;
        StrideX = s.Width;
        DilationY = d.Height;
        DilationX = d.Width;
        PadTop = padding.Top;
        PadLeft = padding.Left;
        PadBottom = padding.Bottom;
        PadRight = padding.Right;
        Groups = groups;
        OutputHeight = OutputSize(input, Height, PadTop, PadBottom, KernelHeight, StrideY, DilationY, "high");
        OutputWidth = OutputSize(input, Width, PadLeft, PadRight, KernelWidth, StrideX, DilationX, "wide");
        _ = Output;
        _ = FilterShape;
    }

    /// <summary>N.</summary>
    public readonly int BatchSize;

    /// <summary>H of the input.</summary>
    public readonly int Height;

    /// <summary>W of the input.</summary>
    public readonly int Width;

    /// <summary>C of the input, over all groups.</summary>
    public readonly int Channels;

    /// <summary>Output channels, over all groups.</summary>
    public readonly int Filters;

    /// <summary>Taps down.</summary>
    public readonly int KernelHeight;

    /// <summary>Taps across.</summary>
    public readonly int KernelWidth;

    /// <summary>Pixels between outputs, down.</summary>
    public readonly int StrideY;

    /// <summary>Pixels between outputs, across.</summary>
    public readonly int StrideX;

    /// <summary>Pixels between taps, down.</summary>
    public readonly int DilationY;

    /// <summary>Pixels between taps, across.</summary>
    public readonly int DilationX;

    /// <summary>Rows of zeros above.</summary>
    public readonly int PadTop;

    /// <summary>Columns of zeros to the left.</summary>
    public readonly int PadLeft;

    /// <summary>Rows of zeros below.</summary>
    public readonly int PadBottom;

    /// <summary>Columns of zeros to the right.</summary>
    public readonly int PadRight;

    /// <summary>Independent groups of channels.</summary>
    public readonly int Groups;

    /// <summary>H of the output: ⌊(H + p_top + p_bottom − d(K−1) − 1)/s⌋ + 1.</summary>
    public readonly int OutputHeight;

    /// <summary>W of the output.</summary>
    public readonly int OutputWidth;

    /// <summary>N×H×W×C of the input.</summary>
    public Shape Input => new(BatchSize, Height, Width, Channels);

    /// <summary>N×H'×W'×O of the output.</summary>
    public Shape Output => new(BatchSize, OutputHeight, OutputWidth, Filters);

    /// <summary>O×K_h×K_w×(C/groups) of the filters.</summary>
    public Shape FilterShape => new(Filters, KernelHeight, KernelWidth, ChannelsPerGroup);

    /// <summary>Input channels that one filter sees.</summary>
    public int ChannelsPerGroup => Channels / KnownGroups;

    /// <summary>Output channels of one group.</summary>
    public int FiltersPerGroup => Filters / KnownGroups;

    // A geometry that no constructor made has none.
    private int KnownGroups =>
        Groups > 0 ? Groups : throw new ShapeException("A convolution's geometry was never set.");

    /// <summary>Output pixels over the batch: the rows M of the product that computes one group.</summary>
    public int OutputPixels => BatchSize * OutputHeight * OutputWidth;

    /// <summary>Taps of one filter, K_h·K_w·C/groups: the depth K of that product.</summary>
    public int Taps => KernelHeight * KernelWidth * ChannelsPerGroup;

    /// <summary>Multiply-adds of one pass, counted as direct convolution.</summary>
    public long MultiplyAdds => (long)OutputPixels * Filters * Taps;

    /// <summary>Whether the output pixels are the input pixels: a 1×1 kernel at stride 1 without padding.</summary>
    public bool IsPointwise =>
        KernelHeight == 1
        && KernelWidth == 1
        && StrideY == 1
        && StrideX == 1
        && (PadTop | PadLeft | PadBottom | PadRight) == 0;

    /// <summary>
    /// The convolution that computes the input gradient of this one at stride 1 from the output gradient and the
    /// flipped filters, which are turned by 180° and have input and output channels exchanged: pads of d(K−1) − p.
    /// </summary>
    /// <exception cref="InvalidOperationException">The stride is not 1.</exception>
    public ConvolutionGeometry BackwardData()
    {
        if (StrideY != 1 || StrideX != 1)
            throw new InvalidOperationException($"Only at stride 1 is backward-data a convolution: {this}.");
        int down = DilationY * (KernelHeight - 1);
        int across = DilationX * (KernelWidth - 1);
        return new ConvolutionGeometry(
            Output,
            Channels,
            new Size2(KernelHeight, KernelWidth),
            null,
            new Size2(DilationY, DilationX),
            new Padding(down - PadTop, across - PadLeft, down - PadBottom, across - PadRight),
            Groups
        );
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        string text = $"{Input} → {Filters}, {KernelHeight}×{KernelWidth}";
        if (StrideY != 1 || StrideX != 1)
            text += $", stride {StrideY}×{StrideX}";
        if ((PadTop | PadLeft | PadBottom | PadRight) != 0)
            text += $", padding {PadTop},{PadLeft},{PadBottom},{PadRight}";
        if (DilationY != 1 || DilationX != 1)
            text += $", dilation {DilationY}×{DilationX}";
        return Groups == 1 ? text : text + $", {Groups} groups";
    }

    private static int OutputSize(
        Shape input,
        int size,
        int before,
        int after,
        int kernel,
        int stride,
        int dilation,
        string axis
    )
    {
        long reach = (long)dilation * (kernel - 1) + 1;
        long padded = (long)size + before + after;
        if (padded < reach)
        {
            throw new ShapeException(
                $"A kernel that reaches over {reach} pixels does not fit an input of {input} "
                    + $"that is {padded} {axis} with its padding. "
                    + "Use a smaller kernel, more padding or a larger image."
            );
        }
        long places = (padded - reach) / stride + 1;
        return places <= int.MaxValue
            ? (int)places
            : throw new ShapeException($"The output of {input} would be {places} pixels long with its padding.");
    }
}
