using NativeCnn.Backends.Operations;
using NativeCnn.Threading;

namespace NativeCnn.Backends.Native.Convolutions;

/// <summary>The three passes of a convolution.</summary>
internal enum ConvolutionPass
{
    /// <summary>Output from input and filters.</summary>
    Forward,

    /// <summary>Input gradient from output gradient and filters.</summary>
    BackwardData,

    /// <summary>Filter gradient from input and output gradient.</summary>
    BackwardFilter,
}

/// <summary>
/// The memory that a pass works on. What a pass writes: forward <see cref="Output"/>, backward-data <see cref="Input"/>
/// (the input's gradient), backward-filter adds to <see cref="Filters"/> (the filters' gradient). In both backward
/// passes <see cref="Output"/> is the output's gradient.
/// </summary>
internal readonly unsafe struct ConvolutionOperands
{
    /// <summary>N×H×W×C: x, or dx.</summary>
    public float* Input { get; init; }

    /// <summary>O×K_h×K_w×(C/groups): w, or dw.</summary>
    public float* Filters { get; init; }

    /// <summary>N×H'×W'×O: y, or dy.</summary>
    public float* Output { get; init; }

    /// <summary>O values or null; forward only.</summary>
    public float* Bias { get; init; }

    /// <summary>Forward only.</summary>
    public Activation Activation { get; init; }

    /// <summary>
    /// The operands of <see cref="ConvolutionGeometry.BackwardData"/>, which computes the input gradient forwards.
    /// </summary>
    public ConvolutionOperands BackwardData => this with { Input = Output, Output = Input };
}

/// <summary>
/// One way to compute one pass of one convolution: made when the convolution is planned, run any number of times.
/// </summary>
/// <param name="geometry">The sizes of the convolution that it computes.</param>
/// <param name="pool">The threads.</param>
/// <param name="scratch">The scratch memory.</param>
internal abstract class ConvolutionAlgorithm(ConvolutionGeometry geometry, WorkerPool pool, Scratch scratch)
{
    /// <summary><see cref="Kernel.RoundingsPerProduct"/>.</summary>
    public virtual double RoundingsPerProduct => 2;

    protected ConvolutionGeometry Geometry { get; } = geometry;

    protected WorkerPool Pool { get; } = pool;

    protected Scratch Scratch { get; } = scratch;

    /// <summary>Computes the pass on the pool's threads; allocates nothing.</summary>
    public abstract void Run(in ConvolutionOperands operands);
}
