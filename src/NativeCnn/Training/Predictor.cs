using NativeCnn.Backends;
using NativeCnn.Networks;
using NativeCnn.Tensors;

namespace NativeCnn.Training;

/// <summary>
/// Classifies single examples: the softmax of a network's outputs, unless it ends in one already. Any number of threads may call it at once.
/// </summary>
/// <remarks>
/// A caller that is alone has all of the backend's threads. Callers that come at the same time run side by side, each on
/// one thread with activations and scratch memory of its own, as many at a time as the backend has threads; the weights
/// are shared, and the answers are the same bits. Where a backend cannot be had a second time (<see
/// cref="Backend.CreateForOneThread"/>), callers take turns. The network must not be trained meanwhile; between
/// predictions its parameters may change. What kernels make of them, such as transformed filters, is kept for the caller
/// that is alone until the engine writes them or a span of them is taken (<see cref="Tensor.AsSpan{T}"/>).
/// </remarks>
public sealed class Predictor : IDisposable
{
    private readonly Network _network;
    private readonly Backend _backend;
    private readonly PredictionLane _whole;
    private readonly int _inputs;

    // All of the following changes under the lock.
    private readonly object _lock = new();
    private readonly Stack<PredictionLane> _idle = new();
    private int _lanesLeft;
    private int _lanesMade;
    private int _callers;
    private bool _isDisposed;

    /// <summary>Compiles the network for one example at a time.</summary>
    /// <param name="network">The network; its outputs are logits, or probabilities if a softmax layer ends it.</param>
    /// <param name="backend">What computes, in float32; it must outlive the predictor.</param>
    /// <exception cref="ArgumentException">The backend does not compute in float32.</exception>
    /// <exception cref="ObjectDisposedException">The network or the backend was disposed.</exception>
    /// <exception cref="InvalidOperationException">The backend is computing on another thread.</exception>
    public Predictor(Network network, Backend backend)
        : this(network, backend, backend?.Threads ?? 0) { }

    /// <summary>For tests and measurements: with at most so many callers side by side, 0 for taking turns.</summary>
    internal Predictor(Network network, Backend backend, int lanes)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(backend);
        if (backend.ElementType != ElementType.Float32)
            throw new ArgumentException($"Prediction runs in Float32; this backend computes in {backend.ElementType}.");
        _network = network;
        _backend = backend;
        _inputs = network.InputShape.Count;
        _lanesLeft = lanes;
        lock (backend.Turn)
            _whole = new PredictionLane(network, backend);
    }

    /// <summary>The probability of each class.</summary>
    /// <param name="pixels">H×W×C values, channels fastest, scaled as the training data were.</param>
    /// <exception cref="ShapeException">There are not as many values as the network's input has.</exception>
    /// <exception cref="ObjectDisposedException">The predictor, the network or the backend was disposed.</exception>
    /// <exception cref="InvalidOperationException">
    /// Something else than a predictor computes on the backend, on another thread; nothing was computed.
    /// </exception>
    public float[] Predict(ReadOnlySpan<float> pixels)
    {
        float[] probabilities = new float[_whole.Classes];
        Predict(pixels, probabilities);
        return probabilities;
    }

    /// <summary>Writes the probability of each class; allocates nothing.</summary>
    /// <param name="pixels">H×W×C values, channels fastest, scaled as the training data were.</param>
    /// <param name="probabilities">As many places as there are classes.</param>
    /// <exception cref="ShapeException">
    /// There are not as many values as the network's input has, or not as many places as there are classes.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The predictor, the network or the backend was disposed.</exception>
    /// <exception cref="InvalidOperationException">
    /// Something else than a predictor computes on the backend, on another thread; nothing was computed.
    /// </exception>
    public void Predict(ReadOnlySpan<float> pixels, Span<float> probabilities)
    {
        if (pixels.Length != _inputs)
            throw new ShapeException(
                $"The network takes {_network.InputShape} = {_inputs} values; got {pixels.Length}."
            );
        if (probabilities.Length != _whole.Classes)
            throw new ShapeException($"There are {_whole.Classes} classes; got {probabilities.Length} places.");
        PredictionLane lane = Enter();
        try
        {
            lane.Predict(pixels, probabilities);
        }
        finally
        {
            Leave(lane);
        }
    }

    /// <summary>The class with the largest probability.</summary>
    /// <inheritdoc cref="Predict(ReadOnlySpan{float})"/>
    public int PredictClass(ReadOnlySpan<float> pixels) => Accuracy.Predicted(Predict(pixels));

    /// <summary>Waits for the callers under way and frees the compiled networks; later callers are refused.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
            Monitor.PulseAll(_lock);
            while (_callers > 0)
                Monitor.Wait(_lock);
        }
        _whole.Dispose();
        foreach (PredictionLane lane in _idle)
            lane.Dispose();
    }

    private PredictionLane Enter()
    {
        lock (_lock)
        {
            CheckOpen();
            _callers++;
            // Whoever is alone; a predictor of the same backend may be at it on another thread.
            if (_callers == 1 && _backend.Turn.TryEnter())
                return _whole;
        }
        try
        {
            if (TakeLane() is { } lane)
                return lane;
            _backend.Turn.Enter();
            return _whole;
        }
        catch
        {
            Leave(null);
            throw;
        }
    }

    // An idle lane, one that is made now, or the next that a caller leaves; null for the turn on the whole backend.
    private PredictionLane? TakeLane()
    {
        lock (_lock)
        {
            while (true)
            {
                CheckOpen();
                if (_idle.TryPop(out PredictionLane? idle))
                    return idle;
                if (_lanesLeft > 0)
                    break;
                if (_lanesMade == 0)
                    return null;
                Monitor.Wait(_lock);
            }
            _lanesLeft--;
        }
        // Not under the lock: others go on meanwhile.
        PredictionLane? lane = MakeLane();
        lock (_lock)
        {
            if (lane is null)
                _lanesLeft = 0;
            else
                _lanesMade++;
        }
        return lane;
    }

    private PredictionLane? MakeLane()
    {
        Backend? backend = null;
        try
        {
            backend = _backend.CreateForOneThread();
            return backend is null ? null : new PredictionLane(_network, backend, ownsBackend: true);
        }
        catch (InsufficientMemoryException)
        {
            backend?.Dispose();
            return null;
        }
        catch
        {
            backend?.Dispose();
            throw;
        }
    }

    private void Leave(PredictionLane? lane)
    {
        if (lane == _whole)
            _backend.Turn.Exit();
        lock (_lock)
        {
            if (lane is not null && lane != _whole)
                _idle.Push(lane);
            _callers--;
            Monitor.PulseAll(_lock);
        }
    }

    private void CheckOpen() => ObjectDisposedException.ThrowIf(_isDisposed, this);
}
