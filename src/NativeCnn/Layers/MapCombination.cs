using System.Text.Json;
using NativeCnn.Backends;
using NativeCnn.Backends.Operations;
using NativeCnn.Initializers;
using NativeCnn.Parameters;
using NativeCnn.Tensors;

namespace NativeCnn.Layers;

public static partial class LayerRegistry
{
    private static readonly bool MapCombination = Add(
        "map-combination",
        json => new MapCombination(
            json.ReadInt("maps", range: OptionRange.AtLeast(1)),
            json.ReadSize("kernel", range: OptionRange.AtLeast(1))
        )
        {
            Stride = json.ReadSize("stride", 1, OptionRange.AtLeast(1)),
            Dilation = json.ReadSize("dilation", 1, OptionRange.AtLeast(1)),
            Padding = json.ReadPadding("padding", Padding.Valid),
            IsRotated = json.ReadBool("rotated", false),
            Bias = json.ReadBool("bias", true),
            Initializer = json.ReadInitializer(Initializer.HeNormal),
        }
    );
}

/// <summary>
/// Learned combinations of maps: every input map has one kernel, and which of the filtered maps an output map sees is
/// learned through free numbers c, whose softmax are the shares.
/// </summary>
/// <remarks>
/// <para>Formula: y_j = b_j + Σ_i α_ij (x_i ∗ k_i), α_ij = exp c_ij / Σ_l exp c_lj.</para>
/// <para>Gradient: dα_ij = Σ dy_j (x_i ∗ k_i) over batch and positions, as of any 1×1 filters, and dc_ij = α_ij (dα_ij
/// − Σ_l α_lj dα_lj); dk_i and dx_i are those of a depthwise convolution whose output gradient is Σ_j α_ij dy_j; db_j =
/// Σ dy_j.</para>
/// <para>Shapes: input N×H×W×C, output N×H'×W'×O, sizes as in <see cref="Convolution"/>; kernels C×K×K×1, c
/// O×1×1×C.</para>
/// <para>Refuses: maps, kernel, stride or dilation below 1; a kernel that is larger than the padded input.</para>
/// <para>NaN and infinity: both reach every output map wherever a window holds them, as every share is above 0; an
/// infinity times a weight of 0 is NaN. A NaN among an output map's numbers c makes that map NaN.</para>
/// <para>Source: J. Bouvrie, "Notes on convolutional neural networks", 2006 ([004]), section 3.3.</para>
/// <para>A depthwise convolution, then one of 1×1 with the softmax of c as its filters. <see
/// cref="Losses.CombinationSparsity"/> is the paper's penalty on the shares.</para>
/// </remarks>
public sealed class MapCombination : Layer
{
    /// <summary>Learned combinations of maps.</summary>
    /// <param name="maps">Output maps O.</param>
    /// <param name="kernel">Kernel height and width K.</param>
    public MapCombination(int maps, Size2 kernel)
    {
        Maps = maps;
        Kernel = kernel;
    }

    /// <summary>Output maps O.</summary>
    public int Maps { get; }

    /// <summary>Kernel height and width.</summary>
    public Size2 Kernel { get; }

    /// <summary>Pixels between outputs; 1 by default.</summary>
    public Size2 Stride { get; init; } = 1;

    /// <summary>Pixels between taps; 1 by default.</summary>
    public Size2 Dilation { get; init; } = 1;

    /// <summary>Zeros around the image; none by default.</summary>
    public Padding Padding { get; init; } = Padding.Valid;

    /// <summary>Whether the kernels are turned by 180°, as the paper has it; no by default.</summary>
    public bool IsRotated { get; init; }

    /// <summary>Whether one bias per output map is added; so by default.</summary>
    public bool Bias { get; init; } = true;

    /// <summary>
    /// What fills the kernels: He's normal distribution by default, fanIn being K_h·K_w. The numbers c start normal
    /// with variance 1, biases at 0.
    /// </summary>
    public Initializer Initializer { get; init; } = Initializer.HeNormal;

    /// <inheritdoc/>
    public override string Kind => "map-combination";

    /// <inheritdoc/>
    public override bool CanFuseActivation => true;

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => Combining(Filtering(First(inputs))).Output;

    /// <inheritdoc/>
    public override void Build(ReadOnlySpan<Shape> inputs)
    {
        ConvolutionGeometry filtering = Filtering(First(inputs));
        int taps = filtering.Taps;
        var weight = new Parameter("weight", filtering.FilterShape, Initializer, taps, taps);
        var combination = new Parameter("combination", Shape.Vector(Maps, filtering.Channels), Initializer.LeCunNormal)
        {
            // It multiplies nothing: a penalty on weights means something else here.
            IsBias = true,
        };
        Parameters = Bias
            ?
            [
                weight,
                combination,
                new Parameter("bias", Shape.Vector(1, Maps), Initializer.Zero, taps, taps) { IsBias = true },
            ]
            : [weight, combination];
    }

    /// <inheritdoc/>
    public override void Forward(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        ConvolutionGeometry filtering = Filtering(context.Input.Shape);
        ConvolutionGeometry combining = Combining(filtering);
        Symbol filters = Arrangement.Forward(context, filtering);
        Symbol filtered = context.NewSymbol("filtered maps", filtering.Output);
        Symbol shares = context.NewSymbol("shares", combining.FilterShape);
        context.SavedForBackward = [filters, filtered, shares];
        context.Call(
            new ConvolutionForward(filtering, Activation.Identity, hasBias: false),
            context.Input,
            filters,
            null,
            filtered
        );
        context.Call(new SoftmaxForward(combining.FilterShape), context.Parameter(1), shares);
        context.Call(
            new ConvolutionForward(combining, context.Activation, Bias),
            filtered,
            shares,
            Bias ? context.Parameter(2) : null,
            context.Output
        );
    }

    /// <inheritdoc/>
    public override void Backward(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        ConvolutionGeometry filtering = Filtering(context.Input.Shape);
        ConvolutionGeometry combining = Combining(filtering);
        (Symbol filters, Symbol filtered, Symbol shares) = (
            context.SavedForBackward[0],
            context.SavedForBackward[1],
            context.SavedForBackward[2]
        );
        Symbol gradient = context.BackwardActivationAndBias(Bias ? context.ParameterGradient(2) : null);
        BackwardCombination(context, combining, gradient);
        Symbol filteredGradient = context.NewSymbol("filtered maps' gradient", filtering.Output);
        context.Call(new ConvolutionBackwardData(combining), gradient, shares, filteredGradient);
        Arrangement.Backward(context, filtering, context.Input, filteredGradient);
        if (context.InputGradient() is { } inputGradient)
            context.Call(new ConvolutionBackwardData(filtering), filteredGradient, filters, inputGradient);
    }

    /// <inheritdoc/>
    public override void WriteOptions(Utf8JsonWriter json)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteNumber("maps", Maps);
        json.WriteSize("kernel", Kernel);
        json.WriteSize("stride", Stride);
        json.WriteSize("dilation", Dilation);
        json.WritePadding("padding", Padding);
        json.WriteBoolean("rotated", IsRotated);
        json.WriteBoolean("bias", Bias);
        json.WriteInitializer(Initializer, Initializer.HeNormal);
    }

    private static void BackwardCombination(LayerContext context, ConvolutionGeometry combining, Symbol gradient)
    {
        Shape shape = combining.FilterShape;
        (Symbol filtered, Symbol shares) = (context.SavedForBackward[1], context.SavedForBackward[2]);
        Symbol shareGradient = context.NewSymbol("shares' gradient", shape);
        Symbol combinationGradient = context.NewSymbol("combination's gradient", shape);
        context.Call(new Clear(shape), shareGradient);
        context.Call(new ConvolutionBackwardFilter(combining), filtered, gradient, shareGradient);
        context.Call(new SoftmaxBackward(shape), shares, shareGradient, combinationGradient);
        Symbol sum = context.ParameterGradient(1);
        context.Call(new Backends.Operations.Addition(shape), sum, combinationGradient, sum);
    }

    private ArrangedFilters Arrangement => new(IsRotated);

    // Each input map with a kernel of its own.
    private ConvolutionGeometry Filtering(Shape input) =>
        new(input, input.Channels, Kernel, Stride, Dilation, Padding, input.Channels);

    private ConvolutionGeometry Combining(ConvolutionGeometry filtering) => new(filtering.Output, Maps, 1);
}
