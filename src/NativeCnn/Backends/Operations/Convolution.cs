using NativeCnn.Tensors;

namespace NativeCnn.Backends.Operations;

/// <summary>One of the three passes of a convolution.</summary>
public abstract class ConvolutionOperation : Operation
{
    private protected ConvolutionOperation(
        string pass,
        long sumLength,
        in ConvolutionGeometry geometry,
        IReadOnlyList<Operand> operands
    )
        : base(pass, sumLength, operands, multiplyAdds: geometry.MultiplyAdds) => Geometry = geometry;

    /// <summary>The sizes of the forward pass, in all passes.</summary>
    public ConvolutionGeometry Geometry { get; }

    /// <inheritdoc/>
    public override string ToString() => $"{Name} ({Geometry})";
}

/// <summary>
/// z[n,y,x,o] = f(b[o] + Σ_{i,j,c} w[o,i,j,c] · x[n, y·s + i·d − p_top, x·s + j·d − p_left, c]), the sum over the
/// channels of o's group; what lies outside the image is 0.
/// </summary>
/// <remarks>
/// Operands: <c>input</c> N×H×W×C, <c>filters</c> O×K_h×K_w×(C/groups), <c>bias</c> 1×1×1×O and <c>output</c>
/// N×H'×W'×O.
/// </remarks>
/// <param name="geometry">The sizes.</param>
/// <param name="activation">f.</param>
/// <param name="hasBias">Whether b is added.</param>
/// <param name="isOfAdjoint">Whether it computes the input gradient of a transposed convolution.</param>
/// <exception cref="ArgumentOutOfRangeException">
/// There is no such activation, or its constants are not usable.
/// </exception>
public sealed class ConvolutionForward(
    ConvolutionGeometry geometry,
    Activation activation,
    bool hasBias,
    bool isOfAdjoint = false
)
    : ConvolutionOperation(
        isOfAdjoint ? "backward-data" : "forward",
        geometry.Taps + (hasBias ? 1L : 0),
        geometry,
        [
            Operand.Read("input", geometry.Input),
            Operand.Read("filters", geometry.FilterShape),
            Operand.Read("bias", Shape.Vector(1, geometry.Filters), hasBias),
            Operand.Overwritten("output", geometry.Output),
        ]
    )
{
    /// <summary>f.</summary>
    public Activation Activation { get; } = activation.Checked(nameof(activation));

    /// <summary>Whether b is added.</summary>
    public bool HasBias => hasBias;
}

/// <summary>
/// dx[n, y·s + i·d − p_top, x·s + j·d − p_left, c] = Σ dz[n,y,x,o] · w[o,i,j,c] over every (y, x, o, i, j) that reaches
/// it: the adjoint of <see cref="ConvolutionForward"/> with respect to x, without bias and f.
/// </summary>
/// <remarks>
/// Operands: <c>outputGradient</c> N×H'×W'×O, <c>filters</c> O×K_h×K_w×(C/groups) and <c>inputGradient</c> N×H×W×C.
/// </remarks>
/// <param name="geometry">The sizes of the forward pass.</param>
/// <param name="isOfAdjoint">Whether it is the forward pass of a transposed convolution.</param>
public sealed class ConvolutionBackwardData(ConvolutionGeometry geometry, bool isOfAdjoint = false)
    : ConvolutionOperation(
        isOfAdjoint ? "forward" : "backward-data",
        geometry.FiltersPerGroup * geometry.KernelHeight * geometry.KernelWidth,
        geometry,
        [
            Operand.Read("outputGradient", geometry.Output),
            Operand.Read("filters", geometry.FilterShape),
            Operand.Overwritten("inputGradient", geometry.Input),
        ]
    );

/// <summary>dw[o,i,j,c] += Σ_{n,y,x} dz[n,y,x,o] · x[n, y·s + i·d − p_top, x·s + j·d − p_left, c].</summary>
/// <remarks>
/// Operands: <c>input</c> N×H×W×C, <c>outputGradient</c> N×H'×W'×O and <c>filterGradient</c> O×K_h×K_w×(C/groups),
/// which is added to.
/// </remarks>
/// <param name="geometry">The sizes of the forward pass.</param>
public sealed class ConvolutionBackwardFilter(ConvolutionGeometry geometry)
    : ConvolutionOperation(
        "backward-filter",
        geometry.OutputPixels + 1L,
        geometry,
        [
            Operand.Read("input", geometry.Input),
            Operand.Read("outputGradient", geometry.Output),
            Operand.Accumulated("filterGradient", geometry.FilterShape),
        ]
    );
