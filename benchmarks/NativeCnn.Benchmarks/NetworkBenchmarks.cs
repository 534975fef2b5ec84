using BenchmarkDotNet.Attributes;
using NativeCnn.Backends.Native;
using NativeCnn.Layers;
using NativeCnn.Losses;
using NativeCnn.Networks;
using NativeCnn.Randomness;
using NativeCnn.Tensors;
using NativeCnn.Training;

namespace NativeCnn.Benchmarks;

/// <summary>Whole networks on random examples, the outputs checked first.</summary>
public abstract class NetworkBenchmarks
{
    private NativeBackend _backend = null!;
    private Network _network = null!;

    public static IEnumerable<string> Names => NamedNetworks.Batches.Keys;

    [ParamsSource(nameof(Names))]
    public string Network { get; set; } = "";

    private protected Tensor Input { get; private set; } = null!;

    [GlobalSetup]
    public void Setup()
    {
        int batch = NamedNetworks.Batches[Network];
        _backend = new NativeBackend();
        _network = NamedNetworks.Create(Network);
        using (NetworkBenchmark examples = new(_network, _backend, batch))
            examples.CheckOutputs();
        Input = Fillings.NoiseOf(_network.InputShape.WithBatchSize(batch), 1);
        Prepare(_network, _backend, batch);
    }

    [GlobalCleanup]
    public virtual void Cleanup()
    {
        Input.Dispose();
        _network.Dispose();
        _backend.Dispose();
    }

    private protected abstract void Prepare(Network network, NativeBackend backend, int batch);
}

/// <summary>Inference passes.</summary>
public class InferenceBenchmarks : NetworkBenchmarks
{
    private CompiledNetwork _compiled = null!;

    [Benchmark]
    public void Pass() => _compiled.Forward(Input);

    public override void Cleanup()
    {
        _compiled.Dispose();
        base.Cleanup();
    }

    private protected override void Prepare(Network network, NativeBackend backend, int batch) =>
        _compiled = network.Compile(backend, batch, Phase.Inference);
}

/// <summary>
/// The training steps of <c>nativecnn bench</c>: softmax cross-entropy, SGD with momentum. The loss is checked all
/// along. A step allocates nothing.
/// </summary>
[MemoryDiagnoser]
public class TrainingBenchmarks : NetworkBenchmarks
{
    private TrainingStep _step = null!;
    private int[] _labels = null!;

    [Benchmark]
    public double Step()
    {
        double loss = _step.Run(Input, Targets.Classes(_labels)).Loss;
        if (!(loss >= 0 && double.IsFinite(loss)))
            throw new InvalidOperationException($"The loss is {loss}: the times would mean nothing.");
        return loss;
    }

    public override void Cleanup()
    {
        _step.Dispose();
        base.Cleanup();
    }

    private protected override void Prepare(Network network, NativeBackend backend, int batch)
    {
        _step = NetworkBenchmark.CreateStep(network, backend, batch);
        RandomStream random = new(2);
        _labels = new int[batch];
        foreach (ref int label in _labels.AsSpan())
            label = random.NextInt(network.OutputShape.ElementsPerExample);
    }
}
