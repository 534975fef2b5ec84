using BenchmarkDotNet.Attributes;
using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Native;
using NativeCnn.Tensors;

namespace NativeCnn.Benchmarks;

/// <summary>Local response normalisation of AlexNet as published, forward and backward; each is first checked against the managed backend.</summary>
public class LocalResponseNormBenchmarks
{
    private static readonly LocalResponseWindow Window = new(5, 5e-4f, 0.75f, 2);

    private static readonly Dictionary<string, Shape> Layers = new()
    {
        ["alexnet-2012-norm1"] = new Shape(32, 55, 55, 96),
        ["alexnet-2012-norm2"] = new Shape(32, 27, 27, 256),
    };

    private NativeBackend _backend = null!;
    private Tensor _input = null!;
    private Tensor _output = null!;
    private Tensor _scale = null!;
    private Tensor _outputGradient = null!;
    private Tensor _inputGradient = null!;

    public static IEnumerable<string> LayerNames => Layers.Keys;

    [ParamsSource(nameof(LayerNames))]
    public string Layer { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        Shape shape = Layers[Layer];
        _backend = new NativeBackend();
        _input = BenchmarkData.Noise(shape, 1);
        _outputGradient = BenchmarkData.Noise(shape, 2);
        _output = new Tensor(shape);
        _scale = new Tensor(shape);
        _inputGradient = new Tensor(shape);
        Forward();
        Backward();
        Check(shape);
    }

    [Benchmark]
    public void Forward() => _backend.LocalResponseNormForward(Window, _input, _output, _scale);

    [Benchmark]
    public void Backward() =>
        _backend.LocalResponseNormBackward(Window, _input, _scale, _outputGradient, _inputGradient);

    [GlobalCleanup]
    public void Cleanup()
    {
        foreach (Tensor tensor in (Tensor[])[_input, _output, _scale, _outputGradient, _inputGradient])
            tensor.Dispose();
        _backend.Dispose();
    }

    private void Check(Shape shape)
    {
        using var managed = new ManagedBackend();
        using var output = new Tensor(shape);
        using var scale = new Tensor(shape);
        using var inputGradient = new Tensor(shape);
        managed.LocalResponseNormForward(Window, _input, output, scale);
        managed.LocalResponseNormBackward(Window, _input, scale, _outputGradient, inputGradient);
        BenchmarkData.Check(output, _output, Window.Size, "the forward pass");
        BenchmarkData.Check(inputGradient, _inputGradient, Window.Size, "the backward pass");
    }
}
