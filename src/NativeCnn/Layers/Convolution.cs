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
        json => new Convolution(json.ReadInt("filters"), json.ReadSize("kernel"))
        {
            Stride = json.ReadSize("stride"),
            Dilation = json.ReadSize("dilation"),
            Padding = json.ReadPadding("padding"),
            Groups = json.ReadInt("groups"),
            Bias = json.ReadBool("bias"),
        }
    );
}

/// <summary>
/// 2-D convolution (cross-correlation): z[n,y,x,o] = b[o] + Σ_{i,j,c} w[o,i,j,c] · x[n, y·s + i·d − p_top, x·s + j·d −
/// p_left, c]. Input N×H×W×C, output N×H'×W'×O with H' = ⌊(H + p_top + p_bottom − d(K−1) − 1)/s⌋ + 1.
/// </summary>
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

    /// <summary>Whether one bias per output channel is added; so by default.</summary>
    public bool Bias { get; init; } = true;

    /// <summary>What fills the filters: He's normal distribution by default. Biases start at 0.</summary>
    public Initializer Initializer { get; init; } = Initializer.HeNormal;

    /// <inheritdoc/>
    public override string Kind => "convolution";

    /// <inheritdoc/>
    public override bool CanFuseActivation => true;

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => Geometry(First(inputs)).Output;

    /// <inheritdoc/>
    public override void Build(ReadOnlySpan<Shape> inputs)
    {
        ConvolutionGeometry geometry = Geometry(First(inputs));
        int fanIn = geometry.Taps;
        int fanOut = Kernel.Height * Kernel.Width * geometry.FiltersPerGroup;
        var weight = new Parameter("weight", geometry.FilterShape, Initializer, fanIn, fanOut);
        Parameters = Bias
            ?
            [
                weight,
                new Parameter("bias", Shape.Vector(1, Filters), Initializer.Zero, fanIn, fanOut) { IsBias = true },
            ]
            : [weight];
    }

    /// <inheritdoc/>
    public override void Forward(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Call(
            new ConvolutionForward(Geometry(context.Input.Shape), context.Activation, Bias),
            context.Input,
            context.Parameter(0),
            Bias ? context.Parameter(1) : null,
            context.Output
        );
    }

    /// <inheritdoc/>
    public override void Backward(LayerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        ConvolutionGeometry geometry = Geometry(context.Input.Shape);
        Symbol gradient = context.BackwardActivationAndBias(Bias ? context.ParameterGradient(1) : null);
        context.Call(new ConvolutionBackwardFilter(geometry), context.Input, gradient, context.ParameterGradient(0));
        if (context.InputGradient() is { } inputGradient)
            context.Call(new ConvolutionBackwardData(geometry), gradient, context.Parameter(0), inputGradient);
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
    }

    private ConvolutionGeometry Geometry(Shape input) => new(input, Filters, Kernel, Stride, Dilation, Padding, Groups);
}
