using NativeCnn.Backends;
using NativeCnn.Tensors;

namespace NativeCnn.Benchmarks;

/// <summary>What the three passes of a convolution read and write: normal random values and zeros.</summary>
internal sealed class ConvolutionTensors(in ConvolutionGeometry geometry) : IDisposable
{
    public ConvolutionGeometry Geometry { get; } = geometry;

    public Tensor Input { get; } = BenchmarkData.Noise(geometry.Input, 1);

    public Tensor Filters { get; } = BenchmarkData.Noise(geometry.FilterShape, 2);

    public Tensor OutputGradient { get; } = BenchmarkData.Noise(geometry.Output, 3);

    public Tensor Output { get; } = new(geometry.Output);

    public Tensor InputGradient { get; } = new(geometry.Input);

    public Tensor FilterGradient { get; } = new(geometry.FilterShape);

    public void Dispose()
    {
        foreach (Tensor tensor in (Tensor[])[Input, Filters, OutputGradient, Output, InputGradient, FilterGradient])
            tensor.Dispose();
    }
}
