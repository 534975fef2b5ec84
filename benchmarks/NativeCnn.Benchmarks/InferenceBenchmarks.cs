using BenchmarkDotNet.Attributes;
using NativeCnn.Backends.Native;
using NativeCnn.Layers;
using NativeCnn.Networks;
using NativeCnn.Tensors;

namespace NativeCnn.Benchmarks;

/// <summary>Inference passes of whole networks, the outputs checked first.</summary>
public class InferenceBenchmarks
{
    private NativeBackend _backend = null!;
    private Network _network = null!;
    private CompiledNetwork _compiled = null!;
    private Tensor _input = null!;

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
        _compiled = _network.Compile(_backend, batch, Phase.Inference);
        _input = BenchmarkData.Noise(_compiled.InputShape, 1);
    }

    [Benchmark]
    public void Pass() => _compiled.Forward(_input);

    [GlobalCleanup]
    public void Cleanup()
    {
        _compiled.Dispose();
        _network.Dispose();
        _input.Dispose();
        _backend.Dispose();
    }
}
