using NativeCnn.Backends.Operations;

namespace NativeCnn.Backends.Native.Convolutions;

/// <summary>
/// Picks the algorithm of a pass of a convolution: the one that the options force, else the one that was measured to be
/// the fastest, else the cost model's first.
/// </summary>
internal sealed class ConvolutionChooser(NativeBackendOptions options)
{
    /// <summary>The measured choices; null where the options ask for none or force an algorithm.</summary>
    public TunedChooser? Tuned { get; } =
        options is { Tuning: { } tuning, Algorithm: null } && (tuning.Measure || tuning.Kept is not null)
            ? new TunedChooser(tuning, options)
            : null;

    /// <summary>Refuses options that force an algorithm that does not exist.</summary>
    /// <exception cref="ArgumentException">They do; the message has the algorithms.</exception>
    public static void Check(NativeBackendOptions options)
    {
        IEnumerable<string> names = options.Library is { } library
            ? ConvolutionPlanner.Names.Append(library.Name)
            : ConvolutionPlanner.Names;
        if (options.Algorithm is { } algorithm && !names.Contains(algorithm))
        {
            throw new ArgumentException(
                $"There is no convolution algorithm '{algorithm}'; the algorithms are {string.Join(", ", names)}.",
                nameof(options)
            );
        }
    }

    /// <summary>The algorithm, or all that measuring is yet to choose from.</summary>
    /// <exception cref="NotSupportedException">
    /// The algorithm that the options force cannot compute the convolution.
    /// </exception>
    public IReadOnlyList<ConvolutionContender> Contenders(
        NativeBackend backend,
        ConvolutionOperation operation,
        ConvolutionPass pass
    )
    {
        List<ConvolutionContender> contenders = All(backend, operation, pass);
        ConvolutionGeometry geometry = operation.Geometry;
        string? name = options.Algorithm ?? Tuned?.Known(geometry, pass);
        if (name is null && Tuned is { Measures: true })
            return contenders;
        ConvolutionContender? picked = contenders.FirstOrDefault(contender => contender.Name == name);
        if (picked is null && options.Algorithm is { } forced)
            throw new NotSupportedException($"The algorithm '{forced}' cannot compute the convolution {geometry}.");
        return [picked ?? contenders[0]];
    }

    // The fastest by the model first.
    private List<ConvolutionContender> All(NativeBackend backend, ConvolutionOperation operation, ConvolutionPass pass)
    {
        List<ConvolutionContender> all =
        [
            .. ConvolutionPlanner
                .Candidates(operation.Geometry, pass, options.Exact)
                .Select(candidate => new ConvolutionContender(
                    candidate.Algorithm,
                    candidate.Nanoseconds,
                    () => new ConvolutionKernel(backend, operation, candidate)
                )),
        ];
        if (options.Library is not { } library || library.Plan(backend, operation) is not { } kernel)
            return all;
        double nanoseconds = library.Nanoseconds(kernel, pass);
        int place = all.FindIndex(contender => contender.Nanoseconds > nanoseconds);
        all.Insert(
            place < 0 ? all.Count : place,
            new ConvolutionContender(library.Name, nanoseconds, () => library.Plan(backend, operation)!)
        );
        return all;
    }
}
