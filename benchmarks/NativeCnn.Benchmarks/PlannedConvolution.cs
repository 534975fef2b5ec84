using NativeCnn.Backends;
using NativeCnn.Backends.Native;

namespace NativeCnn.Benchmarks;

/// <summary>A convolution on a native backend, its three passes checked and ready to be timed.</summary>
internal sealed class PlannedConvolution : IDisposable
{
    /// <summary>The name for what the cost model chooses.</summary>
    public const string Planner = "planner";

    private readonly NativeBackend _backend;
    private readonly ConvolutionTensors _tensors;

    /// <summary>Plans the convolution, runs each pass once and checks the results.</summary>
    /// <param name="tensors">What the passes read and write; they are not disposed with this.</param>
    /// <param name="algorithm">An algorithm's name, or <see cref="Planner"/>.</param>
    /// <param name="threads">Threads.</param>
    /// <exception cref="NotSupportedException">The algorithm cannot compute this convolution.</exception>
    /// <exception cref="InvalidOperationException">A result is wrong.</exception>
    public PlannedConvolution(ConvolutionTensors tensors, string algorithm, int threads)
    {
        _tensors = tensors;
        _backend = new NativeBackend(
            new NativeBackendOptions { Threads = threads, Algorithm = algorithm == Planner ? null : algorithm }
        );
        Plan = _backend.PlanConvolution(tensors.Geometry);
        // Nothing is to be left of another algorithm's results.
        tensors.Output.Span.Fill(float.NaN);
        tensors.InputGradient.Span.Fill(float.NaN);
        tensors.FilterGradient.Clear();
        Forward();
        BackwardData();
        BackwardFilter();
        ConvolutionCheck.Run(tensors, Plan);
    }

    public ConvolutionPlan Plan { get; }

    public void Forward() =>
        _backend.ConvolutionForward(Plan, _tensors.Input, _tensors.Filters, null, Activation.Identity, _tensors.Output);

    public void BackwardData() =>
        _backend.ConvolutionBackwardData(Plan, _tensors.OutputGradient, _tensors.Filters, _tensors.InputGradient);

    /// <summary>Adds to the filter gradient, which grows by its own size with every run: a million runs stay far from infinity.</summary>
    public void BackwardFilter() =>
        _backend.ConvolutionBackwardFilter(Plan, _tensors.Input, _tensors.OutputGradient, _tensors.FilterGradient);

    public void Dispose() => _backend.Dispose();
}
