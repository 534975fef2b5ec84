using BenchmarkDotNet.Attributes;
using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Native;
using NativeCnn.Tensors;

namespace NativeCnn.Benchmarks;

/// <summary>
/// The passes of dense layers, the weights' gradient both stored and used at once by the optimiser; each is first checked against the
/// managed backend.
/// </summary>
public class DenseBenchmarks
{
    // The same step is timed again and again: the weights grow by some hundredths of the gradient each time and stay finite.
    private static readonly SgdStep Update = new(1e-3f, 0.9f, 0);

    // Name: batch, inputs, outputs.
    private static readonly Dictionary<string, (int Batch, int Inputs, int Outputs)> Layers = new()
    {
        ["lenet-dense1"] = (64, 800, 500),
        ["alexnet-dense1"] = (32, 9216, 4096),
        ["alexnet-dense2"] = (32, 4096, 4096),
        ["vgg16-dense1"] = (4, 25088, 4096),
    };

    private NativeBackend _backend = null!;
    private Tensor _input = null!;
    private Tensor _weights = null!;
    private Tensor _velocity = null!;
    private Tensor _output = null!;
    private Tensor _outputGradient = null!;
    private Tensor _inputGradient = null!;
    private Tensor _weightGradient = null!;

    public static IEnumerable<string> LayerNames => Layers.Keys;

    [ParamsSource(nameof(LayerNames))]
    public string Layer { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        (int batch, int inputs, int outputs) = Layers[Layer];
        _backend = new NativeBackend();
        _input = BenchmarkData.Noise(Shape.Vector(batch, inputs), 1);
        _weights = BenchmarkData.Noise(Shape.Vector(outputs, inputs), 2);
        _outputGradient = BenchmarkData.Noise(Shape.Vector(batch, outputs), 3);
        _velocity = new Tensor(_weights.Shape);
        _output = new Tensor(_outputGradient.Shape);
        _inputGradient = new Tensor(_input.Shape);
        _weightGradient = new Tensor(_weights.Shape);
        Forward();
        BackwardData();
        BackwardWeights();
        UpdateWeights();
        Check();
    }

    [Benchmark]
    public void Forward() => _backend.DenseForward(_input, _weights, null, Activation.Identity, _output);

    [Benchmark]
    public void BackwardData() => _backend.DenseBackwardData(_outputGradient, _weights, _inputGradient);

    [Benchmark]
    public void BackwardWeights() => _backend.DenseBackwardWeights(_input, _outputGradient, _weightGradient);

    [Benchmark]
    public void UpdateWeights() => _backend.DenseUpdateWeights(_input, _outputGradient, Update, _velocity, _weights);

    [GlobalCleanup]
    public void Cleanup()
    {
        foreach (
            Tensor tensor in (Tensor[])
                [_input, _weights, _velocity, _output, _outputGradient, _inputGradient, _weightGradient]
        )
            tensor.Dispose();
        _backend.Dispose();
    }

    private void Check()
    {
        using var managed = new ManagedBackend();
        using Tensor weights = BenchmarkData.Noise(_weights.Shape, 2);
        using var output = new Tensor(_output.Shape);
        using var inputGradient = new Tensor(_input.Shape);
        using var weightGradient = new Tensor(_weights.Shape);
        managed.DenseForward(_input, weights, null, Activation.Identity, output);
        managed.DenseBackwardData(_outputGradient, weights, inputGradient);
        managed.DenseBackwardWeights(_input, _outputGradient, weightGradient);
        int batch = _input.Shape.Batch;
        BenchmarkData.Check(output, _output, _input.Shape.Channels, "the forward pass");
        BenchmarkData.Check(inputGradient, _inputGradient, _output.Shape.Channels, "the backward-data pass");
        BenchmarkData.Check(weightGradient, _weightGradient, batch, "the backward-weights pass");
        // After one step from rest the velocity is the gradient.
        BenchmarkData.Check(weightGradient, _velocity, batch, "the update's velocity");
        using var velocity = new Tensor(_weights.Shape);
        managed.SgdUpdate(Update, weightGradient, velocity, weights);
        BenchmarkData.Check(weights, _weights, 1, "the update");
    }
}
