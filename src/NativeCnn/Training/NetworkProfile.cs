using System.Diagnostics;
using NativeCnn.Backends;
using NativeCnn.Layers;
using NativeCnn.Losses;
using NativeCnn.Networks;
using NativeCnn.Tensors;
using NativeCnn.Threading;

namespace NativeCnn.Training;

/// <summary>One operation of a training step: a pass of a layer, or what belongs to no layer.</summary>
/// <param name="Layer">The layer's name; empty for the loss, the optimiser and zeroing gradients.</param>
/// <param name="Kind">What the layer is; what the operation is where there is no layer.</param>
/// <param name="Pass">
/// <c>forward</c>, <c>backward-data</c>, <c>backward-filter</c>, <c>backward-bias</c>, <c>backward-activation</c> …
/// </param>
/// <param name="Milliseconds">The median over the steps.</param>
/// <param name="Operations">
/// Floating-point operations, two per multiply-add of the definition; 0 where the pass is no product.
/// </param>
/// <param name="Bytes">The bytes of all tensors that are read and written, each once.</param>
/// <param name="Algorithm">The algorithm that computes it, or empty where there is but one.</param>
public sealed record ProfiledOperation(
    string Layer,
    string Kind,
    string Pass,
    double Milliseconds,
    double Operations,
    double Bytes,
    string Algorithm
);

/// <summary>Where the time of a training step goes.</summary>
/// <param name="Step">The whole step, as it runs while each operation is timed.</param>
/// <param name="Operations">The operations in the order in which they first run.</param>
/// <param name="OtherMilliseconds">The step's median less the operations': what runs between them.</param>
/// <param name="SynchronisationShare">
/// The share of the step in which threads are woken and waited for, beyond the busiest one's work; null on other
/// backends than the native one.
/// </param>
/// <param name="ImbalanceShare">
/// The share of the step by which the mean thread has less to do than the busiest; null likewise.
/// </param>
public sealed record NetworkProfile(
    RunTimes Step,
    IReadOnlyList<ProfiledOperation> Operations,
    double OtherMilliseconds,
    double? SynchronisationShare,
    double? ImbalanceShare
)
{
    private const int WarmUps = 3;
    private const int MinSteps = 5;
    private const int MaxSteps = 2000;

    /// <summary>Runs training steps as <see cref="NetworkBenchmark.Train"/> does and times each operation.</summary>
    /// <param name="network">The network. Its parameters change.</param>
    /// <param name="backend">What computes, in float32.</param>
    /// <param name="input">Examples, N×H×W×C.</param>
    /// <param name="labels">N classes.</param>
    /// <param name="duration">How long to measure; at least five steps are.</param>
    internal static NetworkProfile Measure(
        Network network,
        Backend backend,
        Tensor input,
        int[] labels,
        TimeSpan duration
    )
    {
        using TrainingStep step = NetworkBenchmark.CreateStep(network, backend, labels.Length);
        var recorder = new Recorder(step.Compiled);
        step.Observer = recorder;

        long Step()
        {
            long start = Stopwatch.GetTimestamp();
            step.Run(input, Targets.Classes(labels));
            return Stopwatch.GetTimestamp() - start;
        }

        for (int i = 0; i < WarmUps; i++)
            Step();
        recorder.Forget();
        var synchronisation = new SynchronisationTimes();
        WorkerPool? pool = backend.Pool;
        var steps = new List<long>();
        if (pool is not null)
            pool.Times = synchronisation;
        try
        {
            long start = Stopwatch.GetTimestamp();
            while (steps.Count < MinSteps || (steps.Count < MaxSteps && Stopwatch.GetElapsedTime(start) < duration))
            {
                steps.Add(Step());
                recorder.EndStep();
            }
        }
        finally
        {
            if (pool is not null)
                pool.Times = null;
        }
        double all = steps.Sum();
        RunTimes times = RunTimes.Of(steps.ToArray());
        IReadOnlyList<ProfiledOperation> operations = recorder.Operations();
        return new NetworkProfile(
            times,
            operations,
            Math.Max(0, times.Median - operations.Sum(o => o.Milliseconds)),
            pool is null ? null : synchronisation.SynchronisationTicks / all,
            pool is null ? null : synchronisation.ImbalanceTicks / all
        );
    }

    // Adds up each row's times of one step, and keeps them step by step.
    private sealed class Recorder(CompiledNetwork compiled) : IStepObserver
    {
        private readonly Dictionary<object, Entry> _entries = [];

        public void Zeroed(long ticks)
        {
            long bytes = compiled.Parameters.Sum(slot => slot.Gradient?.ByteCount ?? 0);
            EntryOf("zero gradients", () => Row("zero gradients", bytes)).Add(ticks);
        }

        public void Evaluated(Kernel kernel, long ticks) =>
            EntryOf(kernel, () => Row(kernel.Operation.Pass, kernel.Operation.Bytes(kernel.Backend.ElementType)))
                .Add(ticks);

        // What belongs to no layer, the optimiser's steps, is one row.
        public void Finished(OperationCall call, long ticks)
        {
            object key = call.Layer is null ? call.Operation.Pass : call;
            EntryOf(key, () => call.Layer is { } layer ? Row(layer, call) : RowOfAll(call.Operation.Pass)).Add(ticks);
        }

        public void EndStep()
        {
            foreach (Entry entry in _entries.Values)
                entry.EndStep();
        }

        /// <summary>Forgets the times of the steps so far, not which rows there are.</summary>
        public void Forget()
        {
            foreach (Entry entry in _entries.Values)
                entry.Forget();
        }

        public IReadOnlyList<ProfiledOperation> Operations() =>
            [.. _entries.Values.Select(entry => entry.Row with { Milliseconds = entry.Median })];

        private Entry EntryOf(object key, Func<ProfiledOperation> describe)
        {
            if (!_entries.TryGetValue(key, out Entry? entry))
                _entries[key] = entry = new Entry(describe());
            return entry;
        }

        private ProfiledOperation RowOfAll(string pass) =>
            Row(
                pass,
                compiled
                    .Calls.Where(call => call.Layer is null && call.Operation.Pass == pass)
                    .Sum(call => call.Operation.Bytes(compiled.Backend.ElementType))
            );

        private static ProfiledOperation Row(string pass, double bytes) => new("", pass, pass, 0, 0, bytes, "");

        private static ProfiledOperation Row(Layer layer, OperationCall call) =>
            new(
                layer.Name,
                layer.Kind,
                call.Operation.Pass,
                0,
                2.0 * call.Operation.MultiplyAdds,
                call.Operation.Bytes(call.Kernel.Backend.ElementType),
                call.Kernel.Algorithm
            );
    }

    private sealed class Entry(ProfiledOperation row)
    {
        private readonly List<long> _steps = [];
        private long _ticks;

        public ProfiledOperation Row => row;

        public double Median
        {
            get
            {
                long[] sorted = [.. _steps.Order()];
                return RunTimes.Milliseconds(RunTimes.MedianOfSorted(sorted));
            }
        }

        public void Add(long ticks) => _ticks += ticks;

        public void EndStep()
        {
            _steps.Add(_ticks);
            _ticks = 0;
        }

        public void Forget() => _ticks = 0;
    }
}
