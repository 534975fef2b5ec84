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
/// (the input's gradient), backward-filter adds to <see cref="Filters"/> (the filters' gradient). In both backward passes
/// <see cref="Output"/> is the output's gradient.
/// </summary>
internal unsafe ref struct ConvolutionOperands
{
    /// <summary>N×H×W×C: x, or dx.</summary>
    public float* Input;

    /// <summary>O×K_h×K_w×(C/groups): w, or dw.</summary>
    public float* Filters;

    /// <summary>N×H'×W'×O: y, or dy.</summary>
    public float* Output;

    /// <summary>O values or null; forward only.</summary>
    public float* Bias;

    /// <summary>Forward only.</summary>
    public Activation Activation;
}

/// <summary>One way to compute one pass of one convolution: made when the convolution is planned, run any number of times.</summary>
internal interface IConvolutionAlgorithm
{
    /// <summary>What the documentation calls it.</summary>
    string Name { get; }

    /// <summary>Computes the pass on the pool's threads; allocates nothing.</summary>
    void Run(in ConvolutionOperands operands);
}
