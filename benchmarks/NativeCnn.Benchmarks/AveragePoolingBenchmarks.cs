using BenchmarkDotNet.Attributes;
using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Native;
using NativeCnn.Tensors;

namespace NativeCnn.Benchmarks;

/// <summary>Average pooling on named layers, forward and backward; each is first checked against the managed backend.</summary>
public class AveragePoolingBenchmarks
{
    private NativeBackend _backend = null!;
    private PoolingGeometry _geometry;
    private Tensor _input = null!;
    private Tensor _output = null!;
    private Tensor _outputGradient = null!;
    private Tensor _inputGradient = null!;

    public static IEnumerable<string> LayerNames => PoolingLayers.All.Keys;

    [ParamsSource(nameof(LayerNames))]
    public string Layer { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        _geometry = PoolingLayers.All[Layer];
        _backend = new NativeBackend();
        _input = BenchmarkData.Noise(_geometry.Input, 1);
        _outputGradient = BenchmarkData.Noise(_geometry.Output, 2);
        _output = new Tensor(_geometry.Output);
        _inputGradient = new Tensor(_geometry.Input);
        Forward();
        Backward();
        Check();
    }

    [Benchmark]
    public void Forward() => _backend.AveragePoolingForward(_geometry, _input, _output);

    [Benchmark]
    public void Backward() => _backend.AveragePoolingBackward(_geometry, _outputGradient, _inputGradient);

    [GlobalCleanup]
    public void Cleanup()
    {
        foreach (Tensor tensor in (Tensor[])[_input, _output, _outputGradient, _inputGradient])
            tensor.Dispose();
        _backend.Dispose();
    }

    private void Check()
    {
        using var managed = new ManagedBackend();
        using var output = new Tensor(_geometry.Output);
        using var inputGradient = new Tensor(_geometry.Input);
        managed.AveragePoolingForward(_geometry, _input, output);
        managed.AveragePoolingBackward(_geometry, _outputGradient, inputGradient);
        // Means of a window: no longer than one term once divided.
        BenchmarkData.Check(output, _output, 1, "the forward pass");
        BenchmarkData.Check(inputGradient, _inputGradient, 1, "the backward pass");
    }
}
