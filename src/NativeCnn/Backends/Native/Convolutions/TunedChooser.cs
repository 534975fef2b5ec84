using System.Text;
using NativeCnn.Backends.Operations;
using NativeCnn.Threading;

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
    private readonly WorkerPool _pool;
    private readonly bool _exact;
    private readonly TuningCacheFile? _file;
    private readonly TuningChoices _kept;
    private readonly TuningChoices _cached;

    // What this backend's convolutions use, to be kept with a model.
    private readonly TuningChoices _used;

    public TunedChooser(ConvolutionTuning tuning, WorkerPool pool, bool exact)
    {
        _tuning = tuning;
        _pool = pool;
        _exact = exact;
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
    public string? Choose(ConvolutionOperation operation, ConvolutionPass pass)
    {
        TuningKey key = KeyOf(operation.Geometry, pass);
        if (_used[key] is { } again)
            return again;
        (string? algorithm, TuningUse use) =
            _kept[key] is { } kept ? (kept, Use with { Kept = Use.Kept + 1 })
            : _cached[key] is { } cached ? (cached, Use with { Cached = Use.Cached + 1 })
            : _tuning.Measure ? (Measure(operation, pass, key), Use with { Measured = Use.Measured + 1 })
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
        new(_exact, geometry.ToString(), pass);

    private string Measure(ConvolutionOperation operation, ConvolutionPass pass, TuningKey key)
    {
        string algorithm = new ConvolutionTuner(_pool).Fastest(operation, pass, _exact);
        _cached[key] = algorithm;
        _file?.Save(_cached);
        return algorithm;
    }

    private TuningChoices ReadKept(string kept, TuningMachine machine)
    {
        try
        {
            return TuningChoices.Parse(Encoding.UTF8.GetBytes(kept), machine);
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
