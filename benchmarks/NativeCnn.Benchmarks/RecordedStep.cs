using System.Diagnostics;
using NativeCnn.Backends;
using NativeCnn.Layers;
using NativeCnn.Networks;
using NativeCnn.Threading;
using NativeCnn.Training;

namespace NativeCnn.Benchmarks;

/// <summary>One operation of a step on one thread.</summary>
/// <param name="Name">The layer and the pass.</param>
/// <param name="Algorithm">What computes it, or empty where there is but one.</param>
/// <param name="Bytes">All operands, each once.</param>
/// <param name="Serial">Seconds outside the pool's runs, and in runs of one chunk.</param>
/// <param name="Runs">Of each other run, the seconds of its chunks.</param>
public sealed record RecordedOperation(
    string Name,
    string Algorithm,
    double Bytes,
    double Serial,
    IReadOnlyList<double[]> Runs
)
{
    /// <summary>Seconds on one thread.</summary>
    public double OneThread => Serial + Runs.Sum(run => run.Sum());
}

/// <summary>Records training steps on a backend of one thread: what the pool ran in each operation.</summary>
internal sealed class StepRecorder : IStepObserver
{
    private readonly RunLog _log = new();
    private readonly WorkerPool _pool;
    private readonly CompiledNetwork _compiled;
    private readonly List<Row> _rows = [];
    private readonly List<long> _between = [];
    private int _row;
    private long _inside;

    /// <param name="pool">The pool of the backend on which the network was compiled, of one worker.</param>
    /// <param name="compiled">The network.</param>
    public StepRecorder(WorkerPool pool, CompiledNetwork compiled)
    {
        _pool = pool;
        _compiled = compiled;
    }

    /// <summary>Records one step.</summary>
    public void Record(TrainingStep step, Action run)
    {
        (_row, _inside) = (0, 0);
        _log.Clear();
        _pool.Log = _log;
        step.Observer = this;
        long start = Stopwatch.GetTimestamp();
        try
        {
            run();
        }
        finally
        {
            _pool.Log = null;
            step.Observer = null;
        }
        _between.Add(Stopwatch.GetTimestamp() - start - _inside);
    }

    /// <summary>The operations, each time the shortest of the steps: the least disturbed by whatever else ran.</summary>
    public IReadOnlyList<RecordedOperation> Operations() =>
        [
            .. _rows.Select(row => row.Fastest()),
            new RecordedOperation("between operations", "", 0, Seconds(_between), []),
        ];

    void IStepObserver.Zeroed(long ticks)
    {
        long start = Stopwatch.GetTimestamp();
        double bytes = _compiled.Parameters.Sum(slot => (double)(slot.Gradient?.ByteCount ?? 0));
        Add("zero gradients", "", bytes, ticks, start);
    }

    void IStepObserver.Evaluated(Kernel kernel, long ticks)
    {
        long start = Stopwatch.GetTimestamp();
        Add(kernel.Operation.Pass, "", kernel.Operation.Bytes(kernel.Backend.ElementType), ticks, start);
    }

    void ICallObserver.Finished(OperationCall call, long ticks)
    {
        long start = Stopwatch.GetTimestamp();
        Add(
            $"{call.Layer?.Name} {call.Operation.Pass}".Trim(),
            call.Kernel.Algorithm,
            call.Operation.Bytes(call.Kernel.Backend.ElementType),
            ticks,
            start
        );
    }

    // What passes from the observer's start on is recording, which is no part of the step.
    private void Add(string name, string algorithm, double bytes, long ticks, long start)
    {
        if (_row == _rows.Count)
            _rows.Add(new Row(name, algorithm, bytes, [.. _log.Runs.Select(run => run.Length)]));
        _rows[_row++].Add(name, _log.Runs, ticks);
        _log.Clear();
        _inside += ticks + Stopwatch.GetTimestamp() - start;
    }

    private static double Seconds(List<long> ticks) => ticks.Min() / (double)Stopwatch.Frequency;

    private sealed class Row(string name, string algorithm, double bytes, int[] chunks)
    {
        private readonly List<long[][]> _steps = [];
        private readonly List<long> _serial = [];

        public void Add(string added, IReadOnlyList<long[]> runs, long ticks)
        {
            if (added != name || !runs.Select(run => run.Length).SequenceEqual(chunks))
                throw new InvalidOperationException(
                    $"'{added}' ran otherwise in a later step: nothing can be predicted."
                );
            _steps.Add([.. runs]);
            _serial.Add(ticks - runs.Where(run => run.Length > 1).Sum(run => run.Sum()));
        }

        public RecordedOperation Fastest() =>
            new(
                name,
                algorithm,
                bytes,
                Math.Max(0, Seconds(_serial)),
                [
                    .. from run in Enumerable.Range(0, chunks.Length)
                    where chunks[run] > 1
                    select (double[])
                        [
                            .. Enumerable
                                .Range(0, chunks[run])
                                .Select(chunk => Seconds([.. _steps.Select(step => step[run][chunk])])),
                        ],
                ]
            );
    }
}
