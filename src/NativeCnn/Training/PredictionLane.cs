using NativeCnn.Backends;
using NativeCnn.Backends.Operations;
using NativeCnn.Layers;
using NativeCnn.Networks;
using NativeCnn.Tensors;

namespace NativeCnn.Training;

/// <summary>What one caller of a <see cref="Predictor"/> runs on: the weights are the network's, the rest its own.</summary>
internal sealed class PredictionLane : IDisposable
{
    private readonly Backend _backend;
    private readonly bool _ownsBackend;
    private readonly CompiledNetwork _compiled;
    private readonly Kernel? _softmax;
    private readonly Tensor _input;
    private readonly Tensor _probabilities;

    /// <param name="network">The network.</param>
    /// <param name="backend">What computes.</param>
    /// <param name="ownsBackend">
    /// Whether the backend is one of many for one thread each, and disposed with this: packed weights, which each would
    /// have to itself, are not kept then.
    /// </param>
    public PredictionLane(Network network, Backend backend, bool ownsBackend = false)
    {
        _backend = backend;
        _ownsBackend = ownsBackend;
        _compiled = network.Compile(backend, 1, Phase.Inference, keepsPacked: !ownsBackend);
        try
        {
            // Probabilities already, where the network ends in a softmax of its own.
            if (!network.EndsInSoftmax)
                _softmax = backend.Prepare(new SoftmaxForward(_compiled.Output.Shape));
            _input = new Tensor(network.InputShape);
            _probabilities = new Tensor(_compiled.Output.Shape);
        }
        catch
        {
            _compiled.Dispose();
            _input?.Dispose();
            throw;
        }
    }

    /// <summary>The number of classes.</summary>
    public int Classes => _probabilities.Count;

    /// <summary>Writes the probabilities of one example; for one caller at a time.</summary>
    public void Predict(ReadOnlySpan<float> pixels, Span<float> probabilities)
    {
        using TensorHold input = _input.Hold();
        using TensorHold output = _probabilities.Hold();
        pixels.CopyTo(_input.Span);
        _compiled.Forward(_input);
        if (_softmax is null)
            _compiled.Output.CopyTo(_probabilities);
        else
            _softmax.Run([_compiled.Output, _probabilities]);
        _probabilities.Span.CopyTo(probabilities);
    }

    public void Dispose()
    {
        _compiled.Dispose();
        _input.Dispose();
        _probabilities.Dispose();
        if (_ownsBackend)
            _backend.Dispose();
    }
}
