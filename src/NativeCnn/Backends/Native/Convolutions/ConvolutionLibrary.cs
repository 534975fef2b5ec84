using NativeCnn.Backends.Operations;

namespace NativeCnn.Backends.Native.Convolutions;

/// <summary>
/// Another library's kernels of convolutions, among which and the algorithms of the planner the backend then chooses.
/// </summary>
internal abstract class ConvolutionLibrary
{
    /// <summary>One word: what its kernels are called where they are forced or kept as a measured choice.</summary>
    public abstract string Name { get; }

    /// <summary>All that its speed depends on besides the machine: measured choices hold for this version alone.</summary>
    public abstract string Version { get; }

    /// <summary>Its kernel for an operation, on the backend's threads; null where it has none.</summary>
    public abstract Kernel? Plan(NativeBackend backend, ConvolutionOperation operation);

    /// <summary>
    /// The predicted time of a kernel that it planned, on the core of <see cref="ConvolutionCandidate.Nanoseconds"/>.
    /// </summary>
    public abstract double Nanoseconds(Kernel kernel, ConvolutionPass pass);
}

/// <summary>A way to compute a pass of a convolution: an algorithm of the planner, or another library.</summary>
/// <param name="Name">One of <see cref="ConvolutionPlanner.Names"/>, or the library's.</param>
/// <param name="Nanoseconds">The predicted time.</param>
/// <param name="Create">Makes a kernel, each time a new one.</param>
internal sealed record ConvolutionContender(string Name, double Nanoseconds, Func<Kernel> Create);
