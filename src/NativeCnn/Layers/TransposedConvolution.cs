using System.Text.Json;
using NativeCnn.Backends;
using NativeCnn.Backends.Operations;
using NativeCnn.Initializers;
using NativeCnn.Parameters;
using NativeCnn.Tensors;

namespace NativeCnn.Layers;

public static partial class LayerRegistry
{
    private static readonly bool TransposedConvolution = Add(
        "transposed-convolution",
        json => new TransposedConvolution(
            json.ReadInt("filters", range: OptionRange.AtLeast(1)),
            json.ReadSize("kernel", range: OptionRange.AtLeast(1))
        )
        {
            Stride = json.ReadSize("stride", 1, OptionRange.AtLeast(1)),
            Dilation = json.ReadSize("dilation", 1, OptionRange.AtLeast(1)),
            Padding = json.ReadPadding("padding", Padding.Valid),
            OutputPadding = json.ReadSize("output_padding", 0, OptionRange.AtLeast(0)),
            Groups = json.ReadInt("groups", 1, OptionRange.AtLeast(1)),
            Bias = json.ReadBool("bias", true),
            Initializer = json.ReadInitializer(Initializer.HeNormal),
        }
    );
}

/// <summary>
/// Transposed convolution, the adjoint of <see cref="Convolution"/>: every value of the input adds a filter to the
/// output, so that the output is about stride times as large.
/// </summary>
/// <remarks>
/// <para>Formula: y[n, r·s + i·d − p_top, q·s + j·d − p_left, o] = b[o] + Σ w[c,i,j,o] · x[n,r,q,c] over every (r, q,
/// i, j, c) that reaches it, the sum over the channels of o's group.</para>
/// <para>Gradient: dx is the convolution of dy with the filters; dw is that convolution's filter gradient, of dy as its
/// input and x as its output gradient; db[o] = Σ dy.</para>
/// <para>Shapes: input N×H×W×C, output N×H'×W'×O with H' = (H − 1)s − p_top − p_bottom + d(K − 1) + p_out + 1; filters
/// C×K×K×(O/groups).</para>
/// <para>Refuses: filters, groups, kernel, stride or dilation below 1; an output padding below 0, or not below the
/// stride; groups that do not divide both channels and filters; a padding that leaves no output.</para>
/// <para>NaN and infinity: both reach every output that their value is added to, in all maps of the group; an infinity
/// times a weight of 0 is NaN.</para>
/// <para>Source: [003] section 8.8; V. Dumoulin, F. Visin, "A guide to convolution arithmetic for deep learning", 2016,
/// chapter 4.</para>
/// <para>As PyTorch's ConvTranspose2d, whose weights are C×(O/groups)×K_h×K_w where these are C×K_h×K_w×(O/groups); at
/// stride 1 it is the full correlation with the filters turned by 180°, cropped by the padding. Its forward pass is a
/// convolution's backward-data, its backward passes the convolution and its filter gradient.</para>
/// </remarks>
public sealed class TransposedConvolution : Layer
{
    /// <summary>A transposed convolution.</summary>
    /// <param name="filters">Output channels O.</param>
    /// <param name="kernel">Kernel height and width K.</param>
    public TransposedConvolution(int filters, Size2 kernel)
    {
        Filters = filters;
        Kernel = kernel;
    }

    /// <summary>Output channels O.</summary>
    public int Filters { get; }

    /// <summary>Kernel height and width.</summary>
    public Size2 Kernel { get; }

    /// <summary>Pixels of the output between neighbouring pixels of the input; 1 by default.</summary>
    public Size2 Stride { get; init; } = 1;

    /// <summary>Pixels between taps; 1 by default.</summary>
    public Size2 Dilation { get; init; } = 1;

    /// <summary>What is cropped from the output's sides, the padding of the adjoint; none by default.</summary>
    public Padding Padding { get; init; } = Padding.Valid;

    /// <summary>
    /// Rows below and columns to the right that the output has besides: 0 (the default) to stride − 1, by which it
    /// tells the sizes apart that the adjoint rounds to one.
    /// </summary>
    public Size2 OutputPadding { get; init; } = 0;

    /// <summary>Independent groups of channels; 1 by default.</summary>
    public int Groups { get; init; } = 1;

    /// <summary>Whether one bias per output channel is added; so by default.</summary>
    public bool Bias { get; init; } = true;

    /// <summary>
    /// What fills the filters: He's normal distribution by default, fanIn being K_h·K_w·C/groups, the inputs of one
    /// output at stride 1. Biases start at 0.
    /// </summary>
    public Initializer Initializer { get; init; } = Initializer.HeNormal;

    /// <inheritdoc/>
    public override string Kind => "transposed-convolution";

    /// <inheritdoc/>
    public override bool CanFuseActivation => true;

    internal override BatchNormFolding? DeclareFolding(float epsilon) =>
        new BatchNormFolding(epsilon, Parameters[0].Shape, Bias, Groups);

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => Adjoint(First(inputs)).Input;

    /// <inheritdoc/>
    public override void Build(ReadOnlySpan<Shape> inputs)
    {
        ConvolutionGeometry adjoint = Adjoint(First(inputs));
        int fanIn = Kernel.Height * Kernel.Width * adjoint.FiltersPerGroup;
        var weight = new Parameter("weight", adjoint.FilterShape, Initializer, fanIn, adjoint.Taps);
        Parameters = Bias
            ?
            [
                weight,
                new Parameter("bias", Shape.Vector(1, Filters), Initializer.Zero, fanIn, adjoint.Taps)
                {
                    IsBias = true,
                },
            ]
            : [weight];
    }

    /// <inheritdoc/>
    public override void Forward(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        Activation f = context.Activation;
        Shape shape = context.Output.Shape;
        (Symbol filters, Symbol? bias) = context.Fold(context.Parameter(0), Bias ? context.Parameter(1) : null);
        bool isFinished = bias is null && f == Activation.Identity;
        Symbol sums = isFinished ? context.Output : context.NewSymbol("sums", shape);
        context.Call(
            new ConvolutionBackwardData(Adjoint(context.Input.Shape), isOfAdjoint: true),
            context.Input,
            filters,
            sums
        );
        if (bias is not null)
            context.Call(new BiasForward(f, shape), sums, bias, context.Output);
        else if (!isFinished)
            context.Call(new ActivationForward(f, shape), sums, context.Output);
    }

    /// <inheritdoc/>
    public override void Backward(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        ConvolutionGeometry adjoint = Adjoint(context.Input.Shape);
        Symbol gradient = context.BackwardActivationAndBias(Bias ? context.ParameterGradient(1) : null);
        context.Call(new ConvolutionBackwardFilter(adjoint), gradient, context.Input, context.ParameterGradient(0));
        if (context.InputGradient() is { } inputGradient)
            context.Call(
                new ConvolutionForward(adjoint, Activation.Identity, hasBias: false, isOfAdjoint: true),
                gradient,
                context.Parameter(0),
                null,
                inputGradient
            );
    }

    /// <inheritdoc/>
    public override void WriteOptions(Utf8JsonWriter json)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteNumber("filters", Filters);
        json.WriteSize("kernel", Kernel);
        json.WriteSize("stride", Stride);
        json.WriteSize("dilation", Dilation);
        json.WritePadding("padding", Padding);
        json.WriteSize("output_padding", OutputPadding);
        json.WriteNumber("groups", Groups);
        json.WriteBoolean("bias", Bias);
        json.WriteInitializer(Initializer, Initializer.HeNormal);
    }

    // The convolution whose input is this layer's output.
    private ConvolutionGeometry Adjoint(Shape input)
    {
        if (Filters < 1 || Groups < 1)
            throw new ShapeException(
                $"A transposed convolution has 1 or more filters and groups; got {Filters} and {Groups}."
            );
        (int extraRows, int extraColumns) = (OutputPadding.Height, OutputPadding.Width);
        if (extraRows < 0 || extraColumns < 0 || extraRows >= Stride.Height || extraColumns >= Stride.Width)
            throw new ShapeException(
                $"A transposed convolution's output padding is 0 or more and less than the stride {Stride}; "
                    + $"got {OutputPadding}."
            );
        int height = OutputSize(
            input,
            (input.Height, Kernel.Height, Stride.Height, Dilation.Height),
            (long)extraRows - Padding.Top - Padding.Bottom
        );
        int width = OutputSize(
            input,
            (input.Width, Kernel.Width, Stride.Width, Dilation.Width),
            (long)extraColumns - Padding.Left - Padding.Right
        );
        var output = new Shape(input.BatchSize, height, width, Filters);
        return new ConvolutionGeometry(output, input.Channels, Kernel, Stride, Dilation, Padding, Groups);
    }

    private int OutputSize(Shape input, (int Size, int Kernel, int Stride, int Dilation) axis, long extra)
    {
        if (axis.Kernel < 1 || axis.Stride < 1 || axis.Dilation < 1)
            throw new ShapeException(
                $"Kernel, stride and dilation are 1 or more; got {Kernel}, {Stride} and {Dilation}."
            );
        long size = (axis.Size - 1L) * axis.Stride + (long)axis.Dilation * (axis.Kernel - 1) + 1;
        // Each product is below 2⁶², so that neither the sum nor the padding leaves 64 bits.
        size = checked(size + extra);
        return size is >= 1 and <= int.MaxValue
            ? (int)size
            : throw new ShapeException(
                $"The output of {input} would be {size} pixels long; it is 1 or more, and less than 2³¹. "
                    + "Use less padding or a larger kernel."
            );
    }
}
