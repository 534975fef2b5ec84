using System.Diagnostics;
using NativeCnn.Backends;
using NativeCnn.Backends.Native;
using NativeCnn.Layers;
using NativeCnn.Losses;
using NativeCnn.Networks;
using NativeCnn.Optimizers;
using NativeCnn.Tensors;
using NativeCnn.Threading;

namespace NativeCnn.Training;

/// <summary>One operation of a training step: a pass of a layer, or what belongs to no layer.</summary>
/// <param name="Layer">The layer's name; empty for the loss, the optimiser and zeroing gradients.</param>
/// <param name="Kind">What the layer is; what the operation is where there is no layer.</param>
/// <param name="Pass"><c>forward</c>, <c>backward-data</c>, <c>backward-filter</c>, <c>backward-bias</c>, <c>backward-activation</c> …</param>
/// <param name="Milliseconds">The median over the steps.</param>
/// <param name="Operations">Floating-point operations, two per multiply-add of the definition; 0 where the pass is no product.</param>
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
/// The share of the step in which threads are woken and waited for, beyond the busiest one's work; null on other backends than the
/// native one.
/// </param>
/// <param name="ImbalanceShare">The share of the step by which the mean thread has less to do than the busiest; null likewise.</param>
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
        IBackend backend,
        Tensor input,
        int[] labels,
        TimeSpan duration
    )
    {
        var recorder = new Recorder();
        using var profiling = new ProfilingBackend(backend, recorder);
        using Optimizer optimizer = NetworkBenchmark.CreateOptimizer();
        using CompiledNetwork compiled = network.Compile(profiling, labels.Length, Phase.Training, optimizer);
        using Loss loss = new SoftmaxCrossEntropy();
        optimizer.Prepare(compiled.Parameters);
        recorder.Watch(compiled);

        long Step()
        {
            long start = Stopwatch.GetTimestamp();
            compiled.ZeroGradients();
            recorder.Zeroed(Stopwatch.GetTimestamp() - start, compiled);
            compiled.Forward(input);
            loss.Evaluate(profiling, compiled.Output, labels, 1.0 / labels.Length, compiled.OutputGradient);
            optimizer.BeginStep();
            compiled.Backward();
            optimizer.Update(profiling);
            return Stopwatch.GetTimestamp() - start;
        }

        for (int i = 0; i < WarmUps; i++)
            Step();
        recorder.Forget();
        var times = new SynchronisationTimes();
        WorkerPool? pool = (backend as NativeBackend)?.Pool;
        var steps = new List<long>();
        if (pool is not null)
            pool.Times = times;
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
        RunTimes step = RunTimes.Of(steps.ToArray());
        IReadOnlyList<ProfiledOperation> operations = recorder.Operations();
        return new NetworkProfile(
            step,
            operations,
            Math.Max(0, step.Median - operations.Sum(o => o.Milliseconds)),
            pool is null ? null : times.SynchronisationTicks / all,
            pool is null ? null : times.ImbalanceTicks / all
        );
    }

    // Adds up each operation's times of one step, and keeps them step by step.
    private sealed class Recorder : IOperationObserver
    {
        private readonly Dictionary<(int Layer, ProfiledPass Pass), Entry> _entries = [];
        private readonly Dictionary<Tensor, int> _outputs = [];
        private readonly Dictionary<Tensor, int> _gradients = [];
        private readonly Entry _zeroing = new(-1, "zero gradients");
        private (Layer Layer, LayerContext Context)[] _layers = [];

        public void Watch(CompiledNetwork compiled)
        {
            _layers = [.. compiled.Layers];
            for (int i = 0; i < _layers.Length; i++)
            {
                _outputs[_layers[i].Context.Output] = i;
                if (_layers[i].Context.OutputGradient is { } gradient)
                    _gradients[gradient] = i;
            }
        }

        public bool IsGradient(Tensor tensor) => _gradients.ContainsKey(tensor);

        public void Finished(ProfiledPass pass, Tensor? tensor, long ticks, long bytes)
        {
            int layer = tensor is null ? -1 : Owner(tensor);
            // An addition's forward pass is a sum of tensors, as joining gradients is.
            if (pass == ProfiledPass.JoinGradients && tensor is not null && _outputs.ContainsKey(tensor))
                pass = ProfiledPass.Forward;
            if (!_entries.TryGetValue((layer, pass), out Entry? entry))
                _entries[(layer, pass)] = entry = new Entry(layer, Name(layer, pass)) { Pass = pass };
            entry.Add(ticks, bytes);
        }

        public void Zeroed(long ticks, CompiledNetwork compiled) =>
            _zeroing.Add(ticks, compiled.Parameters.Sum(slot => slot.Value.ByteCount));

        public void EndStep()
        {
            foreach (Entry entry in All)
                entry.EndStep();
        }

        /// <summary>Forgets the times of the steps so far, not which operations there are.</summary>
        public void Forget()
        {
            foreach (Entry entry in All)
                entry.Forget();
        }

        public IReadOnlyList<ProfiledOperation> Operations() => [.. All.Select(Describe)];

        private IEnumerable<Entry> All => _entries.Values.Prepend(_zeroing);

        // A gradient that is joined with others later lies apart and belongs to no layer's output.
        private int Owner(Tensor tensor) =>
            _outputs.TryGetValue(tensor, out int layer) || _gradients.TryGetValue(tensor, out layer) ? layer : -1;

        private ProfiledOperation Describe(Entry entry)
        {
            if (entry.Layer < 0)
                return new ProfiledOperation("", entry.Name, entry.Name, entry.Median, 0, entry.Bytes, "");
            (Layer layer, LayerContext context) = _layers[entry.Layer];
            bool isProduct =
                entry.Pass is ProfiledPass.Forward or ProfiledPass.BackwardData or ProfiledPass.BackwardParameters;
            double operations = isProduct ? 2.0 * layer.MultiplyAdds([.. context.InputShapes]) : 0;
            string? algorithm = entry.Pass switch
            {
                ProfiledPass.Forward => context.Plan?.Forward,
                ProfiledPass.BackwardData => context.Plan?.BackwardData,
                ProfiledPass.BackwardParameters => context.Plan?.BackwardFilter,
                _ => null,
            };
            return new ProfiledOperation(
                layer.Name,
                layer.Kind,
                entry.Name,
                entry.Median,
                operations,
                entry.Bytes,
                algorithm ?? ""
            );
        }

        private string Name(int layer, ProfiledPass pass) =>
            pass switch
            {
                ProfiledPass.Forward => "forward",
                ProfiledPass.BackwardData => "backward-data",
                ProfiledPass.BackwardParameters when _layers[layer].Context.Plan is not null => "backward-filter",
                ProfiledPass.BackwardParameters => "backward-weights",
                ProfiledPass.BackwardBias => "backward-bias",
                ProfiledPass.BackwardActivation => "backward-activation",
                ProfiledPass.BackwardActivationBias => "backward-activation and bias",
                ProfiledPass.JoinGradients => "join gradients",
                ProfiledPass.Loss => "loss",
                _ => "optimiser",
            };
    }

    private sealed class Entry(int layer, string name)
    {
        private readonly List<long> _steps = [];
        private long _ticks;
        private long _bytes;

        public int Layer => layer;

        public string Name => name;

        public ProfiledPass Pass { get; init; }

        public double Median
        {
            get
            {
                long[] sorted = [.. _steps.Order()];
                return RunTimes.Milliseconds(RunTimes.MedianOfSorted(sorted));
            }
        }

        /// <summary>Of one step.</summary>
        public double Bytes { get; private set; }

        public void Add(long ticks, long bytes)
        {
            _ticks += ticks;
            _bytes += bytes;
        }

        public void EndStep()
        {
            _steps.Add(_ticks);
            Bytes = _bytes;
            (_ticks, _bytes) = (0, 0);
        }

        public void Forget() => (_ticks, _bytes) = (0, 0);
    }
}
