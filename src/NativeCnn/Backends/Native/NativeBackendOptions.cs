using NativeCnn.Backends.Native.Convolutions;
using NativeCnn.Threading;

namespace NativeCnn.Backends.Native;

/// <summary>How a <see cref="NativeBackend"/> computes.</summary>
public sealed record NativeBackendOptions
{
    /// <summary>Threads, 1 to 1,024; <see cref="ThreadCount.Default"/> unless set.</summary>
    public int Threads { get; init; } = ThreadCount.Default;

    /// <summary>
    /// Whether convolutions add exactly the products of their definition: Winograd's algorithm, which rounds more, is
    /// then ruled out. Not so by default.
    /// </summary>
    /// <remarks>
    /// Winograd's algorithm is off by some ten times as much as a plain sum on random numbers, and by up to some hundred
    /// times on values of one sign or with outliers; nativecnn.h has the bound. It also spreads what is not finite: one
    /// NaN or infinity among a tile's inputs or its filter makes every output of the tile NaN, where the definition has
    /// it in some outputs only, and an infinity as an infinity. Exact convolutions keep both where they belong.
    /// </remarks>
    public bool Exact { get; init; }

    /// <summary>
    /// The algorithm that every convolution has to use: <c>im2col</c>, <c>direct</c>, <c>blocked</c>, <c>depthwise</c>,
    /// <c>grouped</c>, <c>winograd4</c> or <c>winograd2</c>; null for the planner's choice, the default.
    /// </summary>
    public string? Algorithm { get; init; }

    /// <summary>
    /// Whether algorithms are measured and measured choices used; null for the cost model alone, the default.
    /// </summary>
    /// <remarks>It has no effect where <see cref="Algorithm"/> forces one.</remarks>
    public ConvolutionTuning? Tuning { get; init; }

    /// <summary>
    /// For how many threads work is divided: null for as many as there are. With more, one thread records what a
    /// simulation of the others needs.
    /// </summary>
    internal int? PlannedThreads { get; init; }

    /// <summary>Another library to choose from; null for the planner's own algorithms alone.</summary>
    internal ConvolutionLibrary? Library { get; init; }
}
