using System.Text.Json;
using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Layers;

public static partial class LayerRegistry
{
    private static readonly bool LocalResponseNorm = Add(
        "local-response-norm",
        json => new LocalResponseNorm(
            json.ReadInt("size", range: OptionRange.Between(1, Layers.LocalResponseNorm.LargestSize)),
            json.ReadFloat("alpha", 1e-4f, OptionRange.AtLeast(0)),
            json.ReadFloat("beta", 0.75f),
            json.ReadFloat("k", 1, OptionRange.GreaterThan(0))
        )
    );
}

/// <summary>
/// Local response normalisation: divides each value by a power of the squares of its neighbours across channels.
/// </summary>
/// <remarks>
/// <para>Formula: y_c = x_c / (k + α/size · Σ_j x_j²)^β, j over the <c>size</c> channels c − ⌊size/2⌋ to c + ⌊(size −
/// 1)/2⌋, of which those that do not exist count as 0.</para>
/// <para>Gradient: with s_c = k + α/size · Σ_j x_j²: dx_c = dy_c s_c^−β − 2αβ/size · x_c Σ_j dy_j x_j s_j^(−β − 1), j
/// over the channels whose window holds c.</para>
/// <para>Shapes: any N×H×W×C, kept.</para>
/// <para>Refuses: a window below 1 or above 1024 channels; an α that is not finite or below 0; a β that is not finite;
/// a k that is not finite and above 0.</para>
/// <para>NaN and infinity: a NaN makes the channels of its pixel NaN whose window holds it; an infinity is NaN at its
/// own place, and what is divided by it is 0 for a positive α and β.</para>
/// <para>Source: A. Krizhevsky, I. Sutskever, G. Hinton, "ImageNet classification with deep convolutional neural
/// networks", 2012, section 3.3; [001] equation 17 over a window of maps.</para>
/// <para>As in PyTorch, and in ONNX for odd sizes, α is divided by the size. The paper's formula does not divide: its α
/// is α/size here.</para>
/// </remarks>
/// <param name="size">Channels of the window, 1 to <see cref="LargestSize"/>.</param>
/// <param name="alpha">α, 0 or more; 1e-4 by default.</param>
/// <param name="beta">β; ¾ by default, the fastest.</param>
/// <param name="k">k, above 0; 1 by default.</param>
/// <exception cref="ArgumentOutOfRangeException">A constant is outside that.</exception>
public sealed class LocalResponseNorm(int size, float alpha = 1e-4f, float beta = 0.75f, float k = 1) : DividingNorm
{
    /// <summary>The widest window: every value takes as long as the window is wide, and networks use 3 to 15.</summary>
    public const int LargestSize = 1024;

    /// <summary>The window and the constants.</summary>
    public LocalResponseNormOptions Options { get; } = new(CheckSize(size), alpha, beta, k);

    /// <inheritdoc/>
    public override string Kind => "local-response-norm";

    /// <inheritdoc/>
    public override void WriteOptions(Utf8JsonWriter json)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteNumber("size", Options.Size);
        json.WriteNumber("alpha", Options.Alpha);
        json.WriteNumber("beta", Options.Beta);
        json.WriteNumber("k", Options.K);
    }

    private protected override Operation DeclareForward(Shape shape, bool isTraining) =>
        new LocalResponseNormForward(Options, shape, isTraining);

    private protected override Operation DeclareBackward(Shape shape) => new LocalResponseNormBackward(Options, shape);

    private static int CheckSize(int size) =>
        size <= LargestSize
            ? size
            : throw new ArgumentOutOfRangeException(
                nameof(size),
                $"Local response normalisation: the window has at most {LargestSize} channels; got {size}."
            );
}
