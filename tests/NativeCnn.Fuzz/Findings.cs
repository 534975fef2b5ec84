using System.Diagnostics;

namespace NativeCnn.Fuzz;

/// <summary>
/// What must not be: inputs are kept in the corpus, one for each place where something fails. A watch ends the process
/// where an input takes too long, since nothing else can.
/// </summary>
internal sealed class Findings : IDisposable
{
    /// <summary>The exit code after a hang; the input is kept already.</summary>
    public const int HangExitCode = 3;

    private const int MostFindings = 20;

    private readonly HashSet<string> _known = [];
    private readonly Lock _lock = new();
    private readonly Timer _watch;
    private readonly TimeSpan _limit;
    private readonly Func<string, byte[], string> _keep;
    private FuzzTarget? _target;
    private byte[] _input = [];
    private long _start;

    /// <param name="limit">What one input may take.</param>
    /// <param name="keep">Keeps an input of a format and says where; in the corpus if null.</param>
    public Findings(TimeSpan limit, Func<string, byte[], string>? keep = null)
    {
        _limit = limit;
        _keep = keep ?? Corpus.Add;
        _watch = new Timer(_ => Watch(), null, limit, TimeSpan.FromSeconds(0.25));
    }

    /// <summary>How many there were.</summary>
    public int Count => _known.Count;

    public bool MayGoOn => Count < MostFindings;

    /// <summary>An input is about to run.</summary>
    public void Begin(FuzzTarget target, byte[] input)
    {
        lock (_lock)
            (_target, _input, _start) = (target, input, Stopwatch.GetTimestamp());
    }

    /// <summary>It came to an end.</summary>
    public void End()
    {
        lock (_lock)
            _target = null;
    }

    /// <summary>The input under way failed.</summary>
    /// <param name="problem">What happened; its lines but the first are where.</param>
    public void Add(string problem)
    {
        // The same place, whatever numbers the message has.
        string place = new([.. problem.Where(c => !char.IsAsciiDigit(c)).Take(600)]);
        if (!_known.Add(place))
            return;
        Console.Error.WriteLine($"{_target!.Name}: {problem}");
        Console.Error.WriteLine($"  kept as {_keep(_target.Name, _input)}");
    }

    public void Dispose() => _watch.Dispose();

    private void Watch()
    {
        lock (_lock)
        {
            if (_target is null || Stopwatch.GetElapsedTime(_start) < _limit)
                return;
            Add($"An input took longer than {_limit.TotalSeconds} s.");
            Environment.Exit(HangExitCode);
        }
    }
}
