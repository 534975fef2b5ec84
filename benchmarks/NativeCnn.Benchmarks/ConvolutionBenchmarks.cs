using BenchmarkDotNet.Attributes;
using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Native;
using NativeCnn.Tensors;

namespace NativeCnn.Benchmarks;

/// <summary>The three passes of named layers as the planner computes them; each is first checked against the managed backend.</summary>
public class ConvolutionBenchmarks
{
    private static readonly Dictionary<string, ConvolutionGeometry> Layers = new()
    {
        ["lenet conv1"] = new(new Shape(64, 28, 28, 1), 20, 5),
        ["lenet conv2"] = new(new Shape(64, 12, 12, 20), 50, 5),
    };

    private NativeBackend _backend = null!;
    private ConvolutionPlan _plan = null!;
    private Tensor _input = null!;
    private Tensor _filters = null!;
    private Tensor _output = null!;
    private Tensor _outputGradient = null!;
    private Tensor _inputGradient = null!;
    private Tensor _filterGradient = null!;

    public static IEnumerable<string> LayerNames => Layers.Keys;

    [ParamsSource(nameof(LayerNames))]
    public string Layer { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        ConvolutionGeometry geometry = Layers[Layer];
        _backend = new NativeBackend();
        _plan = _backend.PlanConvolution(geometry);
        _input = BenchmarkData.Noise(geometry.Input, 1);
        _filters = BenchmarkData.Noise(geometry.FilterShape, 2);
        _outputGradient = BenchmarkData.Noise(geometry.Output, 3);
        _output = new Tensor(geometry.Output);
        _inputGradient = new Tensor(geometry.Input);
        _filterGradient = new Tensor(geometry.FilterShape);
        Forward();
        BackwardData();
        BackwardFilter();
        CheckAgainstManaged(geometry);
        // What accumulates must not grow without end while it is timed.
        _outputGradient.Clear();
    }

    [Benchmark]
    public void Forward() => _backend.ConvolutionForward(_plan, _input, _filters, null, Activation.Identity, _output);

    [Benchmark]
    public void BackwardData() => _backend.ConvolutionBackwardData(_plan, _outputGradient, _filters, _inputGradient);

    [Benchmark]
    public void BackwardFilter() => _backend.ConvolutionBackwardFilter(_plan, _input, _outputGradient, _filterGradient);

    [GlobalCleanup]
    public void Cleanup()
    {
        foreach (
            Tensor tensor in (Tensor[])[_input, _filters, _output, _outputGradient, _inputGradient, _filterGradient]
        )
            tensor.Dispose();
        _backend.Dispose();
    }

    private void CheckAgainstManaged(in ConvolutionGeometry geometry)
    {
        using var managed = new ManagedBackend();
        ConvolutionPlan plan = managed.PlanConvolution(geometry);
        using var output = new Tensor(geometry.Output);
        using var inputGradient = new Tensor(geometry.Input);
        using var filterGradient = new Tensor(geometry.FilterShape);
        managed.ConvolutionForward(plan, _input, _filters, null, Activation.Identity, output);
        managed.ConvolutionBackwardData(plan, _outputGradient, _filters, inputGradient);
        managed.ConvolutionBackwardFilter(plan, _input, _outputGradient, filterGradient);
        BenchmarkData.Check(output, _output, geometry.Taps);
        BenchmarkData.Check(
            inputGradient,
            _inputGradient,
            geometry.Filters * geometry.KernelHeight * geometry.KernelWidth
        );
        BenchmarkData.Check(filterGradient, _filterGradient, geometry.OutputPixels);
    }
}
