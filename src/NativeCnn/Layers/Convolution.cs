using System.Text.Json;
using NativeCnn.Backends;
using NativeCnn.Backends.Operations;
using NativeCnn.Initializers;
using NativeCnn.Parameters;
using NativeCnn.Tensors;

namespace NativeCnn.Layers;

public static partial class LayerRegistry
{
    private static readonly bool Convolution = Add(
        "convolution",
        json => new Convolution(
            json.ReadInt("filters", range: OptionRange.AtLeast(1)),
            json.ReadSize("kernel", range: OptionRange.AtLeast(1))
        )
        {
            Stride = json.ReadSize("stride", 1, OptionRange.AtLeast(1)),
            Dilation = json.ReadSize("dilation", 1, OptionRange.AtLeast(1)),
            Padding = json.ReadPadding("padding", Padding.Valid),
            Groups = json.ReadInt("groups", 1, OptionRange.AtLeast(1)),
            Bias = json.ReadBool("bias", true),
            HasBiasPerUnit = json.ReadBool("bias_per_unit", false),
            IsRotated = json.ReadBool("rotated", false),
            Table = json.ReadOptionalTable("table"),
            Initializer = json.ReadInitializer(Initializer.HeNormal),
        }
    );
}

/// <summary>
/// Convolution with learned filters, as networks have it: the cross-correlation of the input with each filter, plus a
/// bias. 1-D or 2-D, with stride, dilation, padding, groups, or a table of which maps are connected.
/// </summary>
/// <remarks>
/// <para>Formula: z[n,y,x,o] = b[o] + Σ_{i,j,c} w[o,i,j,c] · x[n, y·s + i·d − p_top, x·s + j·d − p_left, c], the sum
/// over the channels of o's group; what lies outside the image is 0.</para>
/// <para>Gradient: dx is the sum of w dz over every place of use, a transposed convolution; dw[o,i,j,c] = Σ dz[n,y,x,o]
/// · x[n, y·s + i·d − p_top, x·s + j·d − p_left, c] over batch and positions; db is the sum of dz over what shares the
/// bias.</para>
/// <para>Shapes: input N×H×W×C, output N×H'×W'×O with H' = ⌊(H + p_top + p_bottom − d(K − 1) − 1)/s⌋ + 1; filters
/// O×K×K×(C/groups).</para>
/// <para>Refuses: filters, groups, kernel, stride or dilation below 1; groups that do not divide both channels and
/// filters; a kernel that is larger than the padded input; a connection table whose rows are not the filters, that
/// names a map which is not there, or that stands beside groups; a bias per unit without bias. A table with an empty
/// row cannot be made.</para>
/// <para>NaN and infinity: both reach every output whose window holds them, in all maps of the group; an infinity times
/// a weight of 0 is NaN. Connections that a table leaves out have weights of 0, and 0 · NaN is NaN: they do not keep a
/// NaN away. Winograd's algorithm (none with <c>--exact</c>) makes a whole tile NaN of one NaN or infinity.</para>
/// <para>Source: [001] equations 8 and 10; [002]; [003] parts 5 to 9; [004] sections 2 and 3.1. Y. LeCun, L. Bottou, Y.
/// Bengio, P. Haffner, "Gradient-based learning applied to document recognition", 1998.</para>
/// </remarks>
public sealed class Convolution : Layer
{
    /// <summary>A convolution.</summary>
    /// <param name="filters">Output channels O.</param>
    /// <param name="kernel">Kernel height and width K.</param>
    public Convolution(int filters, Size2 kernel)
    {
        Filters = filters;
        Kernel = kernel;
    }

    /// <summary>Output channels O.</summary>
    public int Filters { get; }

    /// <summary>Kernel height and width.</summary>
    public Size2 Kernel { get; }

    /// <summary>Pixels between outputs; 1 by default.</summary>
    public Size2 Stride { get; init; } = 1;

    /// <summary>Pixels between taps; 1 by default.</summary>
    public Size2 Dilation { get; init; } = 1;

    /// <summary>Zeros around the image; none by default.</summary>
    public Padding Padding { get; init; } = Padding.Valid;

    /// <summary>Independent groups of channels; 1 by default.</summary>
    public int Groups { get; init; } = 1;

    /// <summary>Whether a bias is added, one per output channel unless told otherwise; so by default.</summary>
    public bool Bias { get; init; } = true;

    /// <summary>
    /// Whether every unit has a bias of its own, a map b[y,x,o] of H'×W'×O, as in Y. LeCun et al., "Backpropagation
    /// applied to handwritten zip code recognition", 1989; no by default.
    /// </summary>
    public bool HasBiasPerUnit { get; init; }

    /// <summary>
    /// Whether the kernel is turned by 180°, w[o, K − 1 − i, K − 1 − j, c] in the formula: a convolution as mathematics
    /// has it, and not a correlation; no by default.
    /// </summary>
    public bool IsRotated { get; init; }

    /// <summary>
    /// Which input maps each output map sees; all if null, the default. The weights outside the table start at 0, count
    /// as 0 whatever they are, and have the gradient 0, so that no optimiser or penalty moves them. Only for 1 group.
    /// </summary>
    public ConnectionTable? Table { get; init; }

    /// <summary>What fills the filters: He's normal distribution by default. Biases start at 0.</summary>
    public Initializer Initializer { get; init; } = Initializer.HeNormal;

    /// <inheritdoc/>
    public override string Kind => "convolution";

    /// <inheritdoc/>
    public override bool CanFuseActivation => true;

    internal override BatchNormFolding? DeclareFolding(float epsilon) =>
        HasBiasPerUnit ? null : new BatchNormFolding(epsilon, Parameters[0].Shape, Bias);

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs)
    {
        ConvolutionGeometry geometry = Geometry(First(inputs));
        if (HasBiasPerUnit && !Bias)
            throw new ShapeException("a bias per unit is one: a convolution with it has a bias.");
        if (Table is not null && Groups != 1)
            throw new ShapeException($"a connection table is for 1 group of channels; there are {Groups}.");
        Table?.Check(geometry.Channels, Filters);
        return geometry.Output;
    }

    /// <inheritdoc/>
    public override void Build(ReadOnlySpan<Shape> inputs)
    {
        ConvolutionGeometry geometry = Geometry(First(inputs));
        int taps = Kernel.Height * Kernel.Width;
        // With a table, of the average output and input.
        int fanIn = Table is null ? geometry.Taps : taps * DivideUp(Table.Connections, Filters);
        int fanOut = taps * (Table is null ? geometry.FiltersPerGroup : DivideUp(Table.Connections, geometry.Channels));
        Initializer initializer = Table is null ? Initializer : new ConnectedInitializer(Initializer, Table.Rows, taps);
        var weight = new Parameter("weight", geometry.FilterShape, initializer, fanIn, fanOut)
        {
            FreeCount = Table is null ? geometry.FilterShape.Count : taps * Table.Connections,
        };
        Shape biases = HasBiasPerUnit ? geometry.Output.WithBatchSize(1) : Shape.Vector(1, Filters);
        Parameters = Bias
            ? [weight, new Parameter("bias", biases, Initializer.Zero, fanIn, fanOut) { IsBias = true }]
            : [weight];
    }

    /// <inheritdoc/>
    public override void Forward(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        ConvolutionGeometry geometry = Geometry(context.Input.Shape);
        Symbol filters = Arrangement.Forward(context, geometry);
        context.SavedForBackward = [filters];
        if (!HasBiasPerUnit)
        {
            (filters, Symbol? bias) = context.Fold(filters, Bias ? context.Parameter(1) : null);
            context.Call(
                new ConvolutionForward(geometry, context.Activation, bias is not null),
                context.Input,
                filters,
                bias,
                context.Output
            );
            return;
        }
        Symbol sums = context.NewSymbol("sums", geometry.Output);
        context.Call(
            new ConvolutionForward(geometry, Activation.Identity, hasBias: false),
            context.Input,
            filters,
            null,
            sums
        );
        Shape units = Shape.Vector(geometry.BatchSize, geometry.Output.ElementsPerExample);
        context.Call(
            new BiasForward(context.Activation, units),
            sums.View(units),
            context.Parameter(1).View(units.WithBatchSize(1)),
            context.Output.View(units)
        );
    }

    /// <inheritdoc/>
    public override void Backward(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        Backward(context, context.Input, context.SavedForBackward[0]);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Of a filter's weight, which is shared, the sum over its uses: Σ h(z[n,y,x,o]) x² over examples and positions.
    /// </remarks>
    public override void BackwardSecondDerivatives(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        Symbol filters = context.SavedForBackward[0];
        Backward(
            context,
            context.Squared(context.Input),
            context.InputGradient() is null ? filters : context.Squared(filters)
        );
    }

    private void Backward(LayerContext context, Symbol input, Symbol filters)
    {
        ConvolutionGeometry geometry = Geometry(context.Input.Shape);
        Symbol gradient = context.BackwardActivationAndBias(Bias ? context.ParameterGradient(1) : null);
        Arrangement.Backward(context, geometry, input, gradient);
        if (context.InputGradient() is { } inputGradient)
            context.Call(new ConvolutionBackwardData(geometry), gradient, filters, inputGradient);
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
        json.WriteNumber("groups", Groups);
        json.WriteBoolean("bias", Bias);
        if (HasBiasPerUnit)
            json.WriteBoolean("bias_per_unit", true);
        if (IsRotated)
            json.WriteBoolean("rotated", true);
        if (Table is not null)
            json.WriteConnectionTable("table", Table);
        json.WriteInitializer(Initializer, Initializer.HeNormal);
    }

    private ArrangedFilters Arrangement => new(IsRotated, Table);

    private static int DivideUp(int total, int parts) => (int)(((long)total + parts - 1) / parts);

    private ConvolutionGeometry Geometry(Shape input) => new(input, Filters, Kernel, Stride, Dilation, Padding, Groups);
}
