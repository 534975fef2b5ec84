using NativeCnn.Backends;
using NativeCnn.Backends.Operations;
using NativeCnn.Layers;
using NativeCnn.Networks;
using NativeCnn.Tensors;
using NativeCnn.Threading;

namespace NativeCnn.Training;

/// <summary>Classifies single examples: the softmax of a network's outputs.</summary>
public sealed class Predictor : IDisposable
{
    private readonly Kernel _softmax;
    private readonly CompiledNetwork _compiled;
    private readonly Tensor _input;
    private readonly Tensor _probabilities;
    private readonly ExclusiveUse _use = new(() => "predictor");

    /// <summary>Compiles the network for one example at a time.</summary>
    /// <param name="network">The network; its outputs are logits.</param>
    /// <param name="backend">What computes, in float32.</param>
    public Predictor(Network network, Backend backend)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(backend);
        _compiled = network.Compile(backend, 1, Phase.Inference);
        _input = new Tensor(network.InputShape);
        _probabilities = new Tensor(_compiled.Output.Shape);
        _softmax = backend.Prepare(new SoftmaxForward(_compiled.Output.Shape));
    }

    /// <summary>The probability of each class, valid until the next call.</summary>
    /// <param name="pixels">H×W×C values, channels fastest, scaled as the training data were.</param>
    /// <exception cref="ShapeException">There are not as many values as the network's input has.</exception>
    /// <exception cref="InvalidOperationException">It is in use on another thread; nothing was computed.</exception>
    public ReadOnlySpan<float> Predict(ReadOnlySpan<float> pixels)
    {
        if (pixels.Length != _input.Count)
            throw new ShapeException($"The network takes {_input.Shape} = {_input.Count} values; got {pixels.Length}.");
        using ExclusiveUse.Scope use = _use.Hold();
        pixels.CopyTo(_input.Span);
        _compiled.Forward(_input);
        _softmax.Run([_compiled.Output, _probabilities]);
        return _probabilities.Span;
    }

    /// <summary>The class with the largest probability.</summary>
    public int PredictClass(ReadOnlySpan<float> pixels) => Accuracy.Predicted(Predict(pixels));

    /// <summary>Frees the compiled network.</summary>
    public void Dispose()
    {
        if (!_use.Close())
            return;
        _compiled.Dispose();
        _input.Dispose();
        _probabilities.Dispose();
    }
}
