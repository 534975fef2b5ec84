using System.Text;
using NativeCnn.Backends.Operations;
using NativeCnn.Threading;

namespace NativeCnn.Backends.Native.Convolutions;

/// <summary>
/// Answers which algorithm was measured to be the fastest: from the cache, from a model file, or by measuring now.
/// </summary>
internal sealed class TunedChooser
{
    private readonly ConvolutionTuning _tuning;
    private readonly WorkerPool _pool;
    private readonly bool _exact;
    private readonly TuningCacheFile? _file;
    private readonly TuningChoices _known;

    // What this backend's convolutions use, to be kept with a model.
    private readonly TuningChoices _used;

    public TunedChooser(ConvolutionTuning tuning, WorkerPool pool, bool exact)
    {
        _tuning = tuning;
        _pool = pool;
        _exact = exact;
        var machine = TuningMachine.Current();
        _used = new TuningChoices(machine);
        _file = tuning.CachePath is { } path ? new TuningCacheFile(path, tuning.Report) : null;
        _known = _file?.Load(machine) ?? new TuningChoices(machine);
        if (tuning.Kept is { } kept)
            AddKept(kept, machine);
    }

    /// <summary>Whether <see cref="Choose"/> measures where there is no choice yet.</summary>
    public bool Measures => _tuning.Measure;

    /// <summary>The choice that was measured before, or null.</summary>
    public string? Known(in ConvolutionGeometry geometry, ConvolutionPass pass) => _known[KeyOf(geometry, pass)];

    /// <summary>The measured choice, or null where there is none and nothing is to be measured.</summary>
    public string? Choose(ConvolutionOperation operation, ConvolutionPass pass)
    {
        TuningKey key = KeyOf(operation.Geometry, pass);
        string? algorithm = _known[key];
        if (algorithm is null && _tuning.Measure)
        {
            _known[key] = algorithm = new ConvolutionTuner(_pool).Fastest(operation, pass, _exact);
            _file?.Save(_known);
        }
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
        new(_pool.Threads, _exact, geometry.ToString(), pass);

    private void AddKept(string kept, TuningMachine machine)
    {
        try
        {
            _known.Add(TuningChoices.Parse(Encoding.UTF8.GetBytes(kept), machine));
        }
        catch (NotSupportedException e)
        {
            _tuning.Report?.Invoke($"The model's measured choices are ignored, they come from elsewhere: {e.Message}.");
        }
        catch (FormatException e)
        {
            _tuning.Report?.Invoke($"The model's measured choices are damaged and ignored: {e.Message.TrimEnd('.')}.");
        }
    }
}
