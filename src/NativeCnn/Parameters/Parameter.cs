using NativeCnn.Initializers;
using NativeCnn.Tensors;

namespace NativeCnn.Parameters;

/// <summary>What changes a parameter's values.</summary>
public enum ParameterRole
{
    /// <summary>The optimiser, by their gradient.</summary>
    Trained,

    /// <summary>
    /// The layer's own forward pass in training, such as running averages. There is no gradient; files keep the values.
    /// </summary>
    State,
}

/// <summary>
/// Values that a network keeps: the filters of a convolution, the weights of a dense layer, a bias, a running average.
/// </summary>
public sealed class Parameter
{
    private readonly Lock _lock = new();
    private readonly int? _freeCount;
    private volatile Tensor? _value;
    private volatile RandomSource? _pending;
    private bool _isFreed;

    /// <summary>A parameter of a layer.</summary>
    /// <param name="name">
    /// What the layer calls it, such as <c>weight</c>; the network puts the layer's name before it.
    /// </param>
    /// <param name="shape">
    /// Its sizes; for filters output channels × kernel height × kernel width × input channels.
    /// </param>
    /// <param name="initializer">What fills it.</param>
    /// <param name="fanIn">How many inputs one output sums over.</param>
    /// <param name="fanOut">How many outputs one input feeds.</param>
    public Parameter(string name, Shape shape, Initializer initializer, int fanIn = 1, int fanOut = 1)
    {
        Name = name;
        Shape = shape;
        Initializer = initializer;
        FanIn = fanIn;
        FanOut = fanOut;
    }

    /// <summary>The name, unique in its network: <c>layer.parameter</c>.</summary>
    public string Name { get; internal set; }

    /// <summary>The sizes.</summary>
    public Shape Shape { get; }

    /// <summary>Whether the values are added to a sum rather than multiplied; penalties leave biases alone.</summary>
    public bool IsBias { get; init; }

    /// <summary>What changes the values; the optimiser by default.</summary>
    public ParameterRole Role { get; init; }

    /// <summary>What fills the values when the network is initialised.</summary>
    public Initializer Initializer { get; }

    /// <summary>How many inputs one output sums over.</summary>
    public int FanIn { get; }

    /// <summary>How many outputs one input feeds.</summary>
    public int FanOut { get; }

    /// <summary>
    /// How many of the values training can change: all of them, but for those that a connection table keeps at 0.
    /// </summary>
    public int FreeCount
    {
        get => _freeCount ?? Shape.Count;
        internal init => _freeCount = value;
    }

    /// <summary>What the optimiser's learning rate is multiplied by here: 1 by default, 0 to leave the values alone.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 0 or not finite.</exception>
    public float LearningRateFactor
    {
        get;
        set => field = Factor(value, "learning rate");
    } = 1;

    /// <summary>
    /// What the optimiser's weight decay is multiplied by here: 1 by default, for biases too, as PyTorch does.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 0 or not finite.</exception>
    public float WeightDecayFactor
    {
        get;
        set => field = Factor(value, "weight decay");
    } = 1;

    /// <summary>
    /// The values, float32. The memory is taken, and filled, when they are first asked for, by one of the threads that
    /// ask.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The network was disposed.</exception>
    /// <exception cref="InsufficientMemoryException">There is no memory for them.</exception>
    public Tensor Value => _pending is null && _value is { } value ? value : Fill();

    /// <summary>Has the initialiser fill the values when they are next asked for.</summary>
    internal void Initialize(ulong seed, ulong stream)
    {
        lock (_lock)
            _pending = new RandomSource(seed, stream);
    }

    /// <summary>Frees the memory, if any was taken, and takes none any more.</summary>
    internal void Free()
    {
        lock (_lock)
        {
            _isFreed = true;
            _pending = null;
            _value?.Dispose();
        }
    }

    private float Factor(float value, string what) =>
        value >= 0 && float.IsFinite(value)
            ? value
            : throw new ArgumentOutOfRangeException(
                nameof(value),
                $"The factor of the {what} of '{Name}' is finite and at least 0; got {value}."
            );

    private Tensor Fill()
    {
        lock (_lock)
        {
            if (_isFreed && _value is null)
                throw new ObjectDisposedException(Name, $"The network of parameter '{Name}' was disposed.");
            if (_pending is null)
                return _value ??= new Tensor(Shape);
            // Nobody sees the values before all of them are there, and the old ones stay if the initialiser throws.
            var filled = new Tensor(Shape);
            try
            {
                ParameterInitialization.Fill(this, filled, _pending.Seed, _pending.Stream);
            }
            catch
            {
                filled.Dispose();
                throw;
            }
            if (_value is null)
            {
                _value = filled;
            }
            else
            {
                // Compiled networks have the tensor.
                filled.CopyTo(_value);
                filled.Dispose();
            }
            _pending = null;
            return _value;
        }
    }

    private sealed record RandomSource(ulong Seed, ulong Stream);
}
