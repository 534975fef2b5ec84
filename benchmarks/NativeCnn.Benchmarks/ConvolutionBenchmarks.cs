using BenchmarkDotNet.Attributes;
using NativeCnn.Threading;

namespace NativeCnn.Benchmarks;

/// <summary>The three passes of the named layers by every algorithm that can compute them and by the planner's choice; each is checked first.</summary>
public class ConvolutionBenchmarks
{
    private ConvolutionTensors _tensors = null!;
    private PlannedConvolution _convolution = null!;

    public static IEnumerable<LayerAndAlgorithm> Cases =>
        from layer in NamedLayers.All
        from algorithm in layer.Algorithms.Append(PlannedConvolution.Planner)
        select new LayerAndAlgorithm(layer.Name, algorithm);

    [ParamsSource(nameof(Cases))]
    public LayerAndAlgorithm Case { get; set; } = null!;

    [GlobalSetup]
    public void Setup()
    {
        _tensors = new ConvolutionTensors(NamedLayers.Find(Case.Layer)!.Geometry);
        _convolution = new PlannedConvolution(_tensors, Case.Algorithm, ThreadCount.Default);
    }

    [Benchmark]
    public void Forward() => _convolution.Forward();

    [Benchmark]
    public void BackwardData() => _convolution.BackwardData();

    [Benchmark]
    public void BackwardFilter() => _convolution.BackwardFilter();

    [GlobalCleanup]
    public void Cleanup()
    {
        _convolution.Dispose();
        _tensors.Dispose();
    }

    /// <summary>A row of the table. BenchmarkDotNet prints it, and filters by it.</summary>
    public sealed record LayerAndAlgorithm(string Layer, string Algorithm)
    {
        public override string ToString() => $"{Layer} {Algorithm}";
    }
}
