using System.Globalization;

namespace NativeCnn.Benchmarks;

/// <summary>The predictions of a recorded step, as text and for JSON.</summary>
internal sealed class ScalingReport
{
    private readonly string _model;
    private readonly int _batch;
    private readonly SimulatedMachine _machine;
    private readonly Recording _recording;
    private readonly Func<int, Recording> _recordingFor;
    private readonly Row[] _rows;
    private readonly int _at;
    private readonly OperationRow[] _operations;

    /// <param name="model">The network's name.</param>
    /// <param name="batch">Examples of a step.</param>
    /// <param name="machine">What is simulated.</param>
    /// <param name="recording">What was recorded of work that is divided for one and two threads.</param>
    /// <param name="recordingFor">What was recorded of work that is divided for a number of threads.</param>
    /// <param name="threads">The numbers of threads to predict.</param>
    /// <param name="at">The number of threads at which losses are told apart.</param>
    public ScalingReport(
        string model,
        int batch,
        SimulatedMachine machine,
        Recording recording,
        Func<int, Recording> recordingFor,
        int[] threads,
        int at
    )
    {
        (_model, _batch, _machine, _recording, _recordingFor, _at) = (
            model,
            batch,
            machine,
            recording,
            recordingFor,
            at
        );
        // How many times as fast as one thread that works as one thread does.
        double alone = recording.Operations.Sum(operation => operation.OneThread);
        _rows = [.. threads.Select(count => RowOf(count, alone, Total(count)))];
        IReadOnlyList<RecordedOperation> operations = recordingFor(at).Operations;
        PredictedTime[] times = StepPrediction.Predict(operations, at, machine);
        _operations =
        [
            .. operations
                .Select((operation, i) => OperationRow.Of(operation, times[i]))
                .OrderByDescending(row => row.LostMs),
        ];
        OneThread = new Validation(Ms(Total(1).Time), Ms(recording.OnOne));
        TwoThreads = new Validation(Ms(Total(2).Time), Ms(recording.OnTwo));
    }

    private Validation OneThread { get; }

    private Validation TwoThreads { get; }

    /// <summary>What becomes JSON.</summary>
    public object Figures() =>
        new
        {
            Model = _model,
            Batch = _batch,
            Machine = _machine,
            _recording.Rounds,
            OneThread,
            TwoThreads,
            Predictions = _rows,
            LossesAt = _at,
            Operations = _operations,
        };

    /// <summary>Prints the predictions, and the operations that lose most.</summary>
    public void Print(int operations)
    {
        Line($"{_model}, batch {_batch}: the fastest of {_recording.Rounds} steps each");
        PrintMachine();
        Line($"1 thread:  {OneThread}");
        Line($"2 threads: {TwoThreads}");
        Console.WriteLine("threads   step ms  speed-up  lost to: serial   chunks   memory  hand-over (ms)");
        foreach (Row row in _rows)
        {
            Write($"{row.Threads, 7}{row.StepMs, 10:f2}{row.SpeedUp, 10:f2}{row.SerialMs, 17:f3}");
            Line($"{row.ChunksMs, 9:f3}{row.BandwidthMs, 9:f3}{row.HandOverMs, 11:f3}");
        }
        Line($"lost most at {_at} threads (ms):");
        Write($"{"operation", -48}{"alone", 9}{"here", 9}{"serial", 9}{"chunks", 9}{"memory", 9}{"hand-over", 11}");
        Console.WriteLine("  chunks of its runs");
        foreach (OperationRow row in _operations.Take(operations))
        {
            Write($"{row.Operation + " " + row.Algorithm, -48}{row.OneThreadMs, 9:f3}{row.Ms, 9:f3}");
            Write($"{row.SerialMs, 9:f3}{row.ChunksMs, 9:f3}{row.BandwidthMs, 9:f3}{row.HandOverMs, 11:f3}");
            Line($"  {string.Join(" ", row.Chunks)}");
        }
    }

    private void PrintMachine()
    {
        HandOver cost = _machine.Cost;
        Write($"hand-over (µs): prepare {1e6 * cost.Prepare:f2}, wake {1e6 * cost.Wake:f2}, ");
        Line($"transfer {1e6 * cost.Transfer:f3}, finish {1e6 * cost.Finish:f2};");
        Write($"  parked after {1e6 * cost.Spinning:f0}: signal {1e6 * cost.Signal:f1}, ");
        Line($"wake {1e6 * cost.ParkedWake:f1}");
        Line($"memory: {_machine.Bandwidth / 1e9:f0} GB/s, caches {_machine.CacheBytes / 1e6:f0} MB");
    }

    private PredictedTime Total(int threads) =>
        StepPrediction.Predict(_recordingFor(threads).Operations, threads, _machine).Aggregate((a, b) => a + b);

    private static Row RowOf(int threads, double alone, PredictedTime time) =>
        new(
            threads,
            Ms(time.Time),
            alone / time.Time,
            Ms(time.Serial),
            Ms(time.Chunks),
            Ms(time.Bandwidth),
            Ms(time.HandOver)
        );

    private static double Ms(double seconds) => 1e3 * seconds;

    private static void Write(FormattableString text) => Console.Write(text.ToString(CultureInfo.InvariantCulture));

    private static void Line(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));

    private sealed record Validation(double PredictedMs, double MeasuredMs)
    {
        public double Error => PredictedMs / MeasuredMs - 1;

        public override string ToString() =>
            string.Create(
                CultureInfo.InvariantCulture,
                $"predicted {PredictedMs:f2} ms, measured {MeasuredMs:f2} ms: {100 * Error:f1} %"
            );
    }

    private sealed record Row(
        int Threads,
        double StepMs,
        double SpeedUp,
        double SerialMs,
        double ChunksMs,
        double BandwidthMs,
        double HandOverMs
    );

    private sealed record OperationRow(
        string Operation,
        string Algorithm,
        double OneThreadMs,
        double Ms,
        double LostMs,
        double SerialMs,
        double ChunksMs,
        double BandwidthMs,
        double HandOverMs,
        int[] Chunks
    )
    {
        public static OperationRow Of(RecordedOperation operation, PredictedTime time) =>
            new(
                operation.Name,
                operation.Algorithm,
                ScalingReport.Ms(operation.OneThread),
                ScalingReport.Ms(time.Time),
                ScalingReport.Ms(time.Lost),
                ScalingReport.Ms(time.Serial),
                ScalingReport.Ms(time.Chunks),
                ScalingReport.Ms(time.Bandwidth),
                ScalingReport.Ms(time.HandOver),
                [.. operation.Runs.Select(run => run.Length)]
            );
    }
}
