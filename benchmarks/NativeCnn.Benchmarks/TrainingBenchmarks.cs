using BenchmarkDotNet.Attributes;
using NativeCnn.Backends.Native;
using NativeCnn.Layers;
using NativeCnn.Losses;
using NativeCnn.Networks;
using NativeCnn.Optimizers;
using NativeCnn.Randomness;
using NativeCnn.Tensors;

namespace NativeCnn.Benchmarks;

/// <summary>
/// Training steps of whole networks on random examples: zero gradients, forward, softmax cross-entropy, backward, SGD with momentum. The
/// outputs are checked first, the losses all along. A step allocates nothing.
/// </summary>
[MemoryDiagnoser]
public class TrainingBenchmarks
{
    private readonly SoftmaxCrossEntropy _loss = new();

    // Small, so that random labels do not make the weights grow.
    private readonly Sgd _optimizer = new() { LearningRate = 1e-3f, Momentum = 0.9f };

    private NativeBackend _backend = null!;
    private Network _network = null!;
    private CompiledNetwork _compiled = null!;
    private Tensor _input = null!;
    private int[] _labels = null!;

    public static IEnumerable<string> Names => NamedNetworks.Batches.Keys;

    [ParamsSource(nameof(Names))]
    public string Network { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        int batch = NamedNetworks.Batches[Network];
        _backend = new NativeBackend();
        _network = NamedNetworks.Create(Network);
        NamedNetworks.Check(_network, _backend, batch);
        _compiled = _network.Compile(_backend, batch, Phase.Training, _optimizer);
        _optimizer.Prepare(_compiled.Parameters);
        _input = BenchmarkData.Noise(_compiled.InputShape, 1);
        var random = new RandomStream(2);
        _labels = new int[batch];
        foreach (ref int label in _labels.AsSpan())
            label = random.NextInt(_network.OutputShape.ExampleCount);
    }

    [Benchmark]
    public double Step()
    {
        _compiled.ZeroGradients();
        _compiled.Forward(_input);
        double loss = _loss.Evaluate(
            _backend,
            _compiled.Output,
            _labels,
            1.0 / _labels.Length,
            _compiled.OutputGradient
        );
        if (!(loss >= 0 && double.IsFinite(loss)))
            throw new InvalidOperationException($"The loss is {loss}: the times would mean nothing.");
        _optimizer.BeginStep();
        _compiled.Backward();
        _optimizer.Update(_backend);
        return loss;
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _compiled.Dispose();
        _network.Dispose();
        _input.Dispose();
        _optimizer.Dispose();
        _loss.Dispose();
        _backend.Dispose();
    }
}
