using System.Text;
using NativeCnn.Backends.Operations;

namespace NativeCnn.Backends.Native.Convolutions;

/// <summary>Where the measured choices of a backend came from.</summary>
/// <param name="Kept">How many were kept with a model.</param>
/// <param name="Cached">How many were in the cache file.</param>
/// <param name="Measured">How many were measured now.</param>
internal readonly record struct TuningUse(int Kept, int Cached, int Measured);

/// <summary>
/// Answers which algorithm was measured to be the fastest: from a model file, from the cache, or by measuring now.
/// </summary>
internal sealed class TunedChooser
{
    private readonly ConvolutionTuning _tuning;
    private readonly int _threads;
    private readonly bool _exact;

    // Among what is chosen besides the planner's algorithms; empty for nothing.
    private readonly string _library;
    private readonly TuningCacheFile? _file;
    private readonly TuningChoices _kept;
    private readonly TuningChoices _cached;

    // What this backend's convolutions use, to be kept with a model.
    private readonly TuningChoices _used;

    public TunedChooser(ConvolutionTuning tuning, NativeBackendOptions options)
    {
        _tuning = tuning;
        _threads = options.Threads;
        _exact = options.Exact;
        _library = options.Library is { } library ? $"{library.Name} {library.Version}" : "";
        var machine = TuningMachine.Current();
        _used = new TuningChoices(machine);
        // A run that does not measure must not depend on what another one has measured.
        _file = tuning is { Measure: true, CachePath: { } path } ? new TuningCacheFile(path, tuning.Report) : null;
        _cached = _file?.Load(machine) ?? new TuningChoices(machine);
        _kept = tuning.Kept is { } kept ? ReadKept(kept, machine) : new TuningChoices(machine);
    }

    /// <summary>Whether <see cref="Choose"/> measures where there is no choice yet.</summary>
    public bool Measures => _tuning.Measure;

    /// <summary>Where the choices made so far came from.</summary>
    public TuningUse Use { get; private set; }

    /// <summary>The choice that was measured before, or null.</summary>
    public string? Known(in ConvolutionGeometry geometry, ConvolutionPass pass)
    {
        TuningKey key = KeyOf(geometry, pass);
        return _kept[key] ?? _cached[key];
    }

    /// <summary>The measured choice, or null where there is none and nothing is to be measured.</summary>
    /// <param name="operation">The convolution.</param>
    /// <param name="pass">Which pass of it the operation is.</param>
    /// <param name="contenders">What is measured.</param>
    public string? Choose(
        ConvolutionOperation operation,
        ConvolutionPass pass,
        IReadOnlyList<ConvolutionContender> contenders
    )
    {
        TuningKey key = KeyOf(operation.Geometry, pass);
        if (_used[key] is { } again)
            return again;
        (string? algorithm, TuningUse use) =
            _kept[key] is { } kept ? (kept, Use with { Kept = Use.Kept + 1 })
            : _cached[key] is { } cached ? (cached, Use with { Cached = Use.Cached + 1 })
            : _tuning.Measure ? (Measure(operation, contenders, key), Use with { Measured = Use.Measured + 1 })
            : (null, Use);
        Use = use;
        if (algorithm is not null)
            _used[key] = algorithm;
        return algorithm;
    }

    /// <summary>The choices used so far as text, or null where there are none.</summary>
    public string? Describe()
    {
        if (_used.Count == 0)
            return null;
        using var stream = new MemoryStream();
        _used.Write(stream);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private TuningKey KeyOf(in ConvolutionGeometry geometry, ConvolutionPass pass) =>
        new(_exact, geometry.ToString(), pass, _library);

    private string Measure(
        ConvolutionOperation operation,
        IReadOnlyList<ConvolutionContender> contenders,
        TuningKey key
    )
    {
        string algorithm = ConvolutionTuner.Fastest(operation, contenders, _threads);
        _cached[key] = algorithm;
        _file?.Save(_cached);
        return algorithm;
    }

    private static string Named(string library) =>
        library.Length == 0 ? "the native algorithms alone" : $"the native algorithms and {library}";

    private TuningChoices ReadKept(string kept, TuningMachine machine)
    {
        try
        {
            TuningChoices choices = TuningChoices.Parse(Encoding.UTF8.GetBytes(kept), machine);
            if (choices.Count > 0 && !choices.Libraries.Contains(_library))
            {
                _tuning.Report?.Invoke(
                    $"The model's measured choices are ignored: they were made among {Named(choices.Libraries.First())}, "
                        + $"and this backend chooses among {Named(_library)}."
                );
            }
            return choices;
        }
        catch (NotSupportedException e)
        {
            _tuning.Report?.Invoke(
                $"The model's measured choices are ignored, they come from another machine or version: {e.Message}."
            );
        }
        catch (FormatException e)
        {
            _tuning.Report?.Invoke($"The model's measured choices are damaged and ignored: {e.Message.TrimEnd('.')}.");
        }
        return new TuningChoices(machine);
    }
}
