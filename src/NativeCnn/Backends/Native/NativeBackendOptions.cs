using NativeCnn.Threading;

namespace NativeCnn.Backends.Native;

/// <summary>How a <see cref="NativeBackend"/> computes.</summary>
public sealed record NativeBackendOptions
{
    /// <summary>Threads, 1 to 1,024; <see cref="ThreadCount.Default"/> unless set.</summary>
    public int Threads { get; init; } = ThreadCount.Default;

    /// <summary>
    /// Whether convolutions add exactly the products of their definition: Winograd's algorithm, which rounds some ten
    /// times more, is then ruled out. Not so by default.
    /// </summary>
    public bool Exact { get; init; }

    /// <summary>
    /// The algorithm that every convolution has to use: <c>im2col</c>, <c>direct</c>, <c>depthwise</c>,
    /// <c>winograd4</c> or <c>winograd2</c>; null for the planner's choice, the default.
    /// </summary>
    public string? Algorithm { get; init; }

    /// <summary>
    /// Whether algorithms are measured and measured choices used; null for the cost model alone, the default.
    /// </summary>
    /// <remarks>It has no effect where <see cref="Algorithm"/> forces one.</remarks>
    public ConvolutionTuning? Tuning { get; init; }
}
