using NativeCnn.Backends.Operations;
using NativeCnn.Threading;

namespace NativeCnn.Backends.Native.Convolutions;

/// <summary>
/// Picks the algorithm of a pass of a convolution: the one that the options force, else the one that was measured to be
/// the fastest, else the cost model's first.
/// </summary>
internal sealed class ConvolutionChooser(NativeBackendOptions options, WorkerPool pool)
{
    /// <summary>The measured choices; null where the options ask for none or force an algorithm.</summary>
    public TunedChooser? Tuned { get; } =
        options is { Tuning: { } tuning, Algorithm: null } && (tuning.Measure || tuning.Kept is not null)
            ? new TunedChooser(tuning, pool, options.Exact)
            : null;

    /// <summary>Refuses options that force an algorithm that does not exist.</summary>
    /// <exception cref="ArgumentException">They do; the message has the algorithms.</exception>
    public static void Check(NativeBackendOptions options)
    {
        if (options.Algorithm is { } algorithm && !ConvolutionPlanner.Names.Contains(algorithm))
        {
            throw new ArgumentException(
                $"There is no convolution algorithm '{algorithm}'; "
                    + $"the algorithms are {string.Join(", ", ConvolutionPlanner.Names)}.",
                nameof(options)
            );
        }
    }

    /// <summary>The algorithm, or all that measuring is yet to choose from.</summary>
    /// <exception cref="NotSupportedException">
    /// The algorithm that the options force cannot compute the convolution.
    /// </exception>
    public IReadOnlyList<ConvolutionCandidate> Candidates(in ConvolutionGeometry geometry, ConvolutionPass pass)
    {
        IReadOnlyList<ConvolutionCandidate> candidates = ConvolutionPlanner.Candidates(geometry, pass, options.Exact);
        string? name = options.Algorithm ?? Tuned?.Known(geometry, pass);
        if (name is null && Tuned is { Measures: true })
            return candidates;
        ConvolutionCandidate? picked = candidates.FirstOrDefault(candidate => candidate.Algorithm == name);
        if (picked is null && options.Algorithm is { } forced)
            throw new NotSupportedException($"The algorithm '{forced}' cannot compute the convolution {geometry}.");
        return [picked ?? candidates[0]];
    }
}
