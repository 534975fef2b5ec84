using NativeCnn.Backends;
using NativeCnn.Backends.Operations;
using NativeCnn.Layers;
using NativeCnn.Networks.Compilation;
using NativeCnn.Parameters;
using NativeCnn.Tensors;
using NativeCnn.Threading;

namespace NativeCnn.Networks;

/// <summary>
/// A network ready to run for one batch size on one backend: a flat list of kernels on tensors in one arena. Running it
/// allocates nothing.
/// </summary>
/// <remarks>One thread at a time may use it; a second one is refused.</remarks>
public sealed class CompiledNetwork : IDisposable
{
    private readonly CompilationPlan _plan;
    private readonly NetworkTensors _tensors;
    private readonly Tensor?[] _inputs;
    private readonly OperationCall[] _forward;
    private readonly OperationCall[] _backward;
    private readonly OperationCall[] _updates;
    private readonly ParameterUpdate[] _steps;

    // Of each step's scalars the learning rate's place, or −1.
    private readonly int[] _ratePlaces;
    private readonly GradientClearing _gradients;
    private readonly ParameterSlot[] _copied;
    private readonly ExclusiveUse _use;
    private long _step;
    private bool _awaitsUpdate;

    internal CompiledNetwork(CompilationPlan plan)
    {
        _plan = plan;
        _use = new ExclusiveUse(() => $"compiled network '{Network.Name}'");
        _forward = [.. plan.Program.Forward];
        _backward = [.. plan.Program.Backward];
        _updates = [.. plan.Program.Updates];
        _steps = [.. plan.Program.Parameters.Updates];
        _ratePlaces = [.. _steps.Select(step => step.Operation.Scalars.ToList().IndexOf("learningRate"))];
        _inputs = new Tensor?[plan.Program.Inputs.Count];
        _tensors = new NetworkTensors(plan);
        try
        {
            foreach (OperationCall call in plan.Program.Calls)
            {
                call.Reserve();
                call.Bind(_tensors.Find);
            }
            _gradients = new GradientClearing(
                Backend,
                _tensors.Parameters.Select(slot => slot.Gradient).OfType<Tensor>()
            );
        }
        catch
        {
            _tensors.Dispose();
            throw;
        }
        _copied = [.. _tensors.Parameters.Where(slot => slot.Value != slot.Parameter.Value)];
        Outputs = [.. plan.Program.Outputs.Select(symbol => _tensors.Find(symbol)!)];
        OutputGradients = [.. plan.Program.OutputGradients.Select(symbol => _tensors.Find(symbol)!)];
    }

    /// <summary>The network that was compiled.</summary>
    public Network Network => _plan.Network;

    /// <summary>What computes.</summary>
    public Backend Backend => _plan.Options.Backend;

    /// <summary>Examples per run.</summary>
    public int BatchSize => _plan.Options.BatchSize;

    /// <summary>What it was compiled for.</summary>
    public Phase Phase => _plan.Options.Phase;

    /// <summary>The first input of one run, N×H×W×C.</summary>
    public Shape InputShape => _plan.Program.Inputs[0].Shape;

    /// <summary>
    /// The network's outputs, valid from <see cref="Forward"/> until <see cref="Backward"/>, which uses their memory
    /// again.
    /// </summary>
    public IReadOnlyList<Tensor> Outputs { get; }

    /// <summary>The first output.</summary>
    public Tensor Output => Outputs[0];

    /// <summary>
    /// Where the losses write the outputs' gradients before <see cref="Backward"/>; empty at inference.
    /// </summary>
    public IReadOnlyList<Tensor> OutputGradients { get; }

    /// <summary>Where the loss writes the first output's gradient before <see cref="Backward"/>.</summary>
    /// <exception cref="InvalidOperationException">The network was compiled for inference.</exception>
    public Tensor OutputGradient
    {
        get
        {
            CheckTraining();
            return OutputGradients[0];
        }
    }

    /// <summary>
    /// The parameters with their gradients, in the order of <see cref="Networks.Network.Parameters"/>.
    /// </summary>
    public IReadOnlyList<ParameterSlot> Parameters => _tensors.Parameters;

    /// <summary>
    /// The memory of activations, gradients and what forward leaves for backward, parameters not counted.
    /// </summary>
    public long ArenaBytes => _plan.Placement.ByteCount;

    /// <summary>How many of the optimiser's steps were taken.</summary>
    public long StepCount => _step;

    /// <summary>
    /// What the learning rate of the next steps is multiplied by, finite and 0 or more; 1 by default. The optimiser,
    /// which other networks may share, stays as it is: the scalar <c>learningRate</c> of its operation changes.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 0 or not finite.</exception>
    /// <exception cref="InvalidOperationException">
    /// The network was compiled without an optimiser, or with one whose operation has no such scalar.
    /// </exception>
    public double LearningRateFactor
    {
        get;
        set
        {
            NumberRange.AtLeastZero(value);
            if (!Array.TrueForAll(_ratePlaces, place => place >= 0) || _plan.Options.Optimizer is null)
                throw new InvalidOperationException(
                    $"Network '{Network.Name}' was not compiled with an optimiser that has a learningRate: there is nothing for a factor to multiply."
                );
            field = value;
        }
    } = 1;

    /// <summary>Everything that a step computes.</summary>
    internal IEnumerable<OperationCall> Calls => _plan.Program.Calls;

    /// <summary>What the optimiser keeps between steps, by the name of the parameter and of the state.</summary>
    internal IEnumerable<(string Name, Tensor Values)> OptimizerStates =>
        _steps.SelectMany(update => update.States).Select(state => (state.Name, _tensors.Find(state)!));

    /// <summary>The number of the next step's masks.</summary>
    internal double MaskNumber => _plan.Program.Step[0];

    /// <summary>Is told how long each operation takes; null, the default, for nobody.</summary>
    internal ICallObserver? Observer { get; set; }

    /// <summary>Computes <see cref="Outputs"/>.</summary>
    /// <param name="inputs">The network's inputs, N×H×W×C each; read again by <see cref="Backward"/>.</param>
    /// <exception cref="ShapeException">
    /// An input has another shape or type than the network was compiled for.
    /// </exception>
    /// <exception cref="InvalidOperationException">The network or its backend is in use on another thread.</exception>
    public void Forward(params ReadOnlySpan<Tensor> inputs)
    {
        using ExclusiveUse.Scope use = Hold();
        ForwardHeld(inputs);
    }

    /// <summary>
    /// Propagates <see cref="OutputGradients"/> back through every layer and adds to the parameters' gradients. Where
    /// the network was compiled with an optimiser, large dense layers take its steps on the way, and <see
    /// cref="Update"/> has to follow.
    /// </summary>
    /// <exception cref="InvalidOperationException">
    /// The network was compiled for inference, or is in use on another thread.
    /// </exception>
    public void Backward()
    {
        CheckTraining();
        using ExclusiveUse.Scope use = Hold();
        BackwardHeld();
    }

    /// <summary>
    /// Takes the optimiser's step for every parameter whose step no layer took in <see cref="Backward"/>.
    /// </summary>
    /// <exception cref="InvalidOperationException">
    /// The network was compiled without an optimiser, no <see cref="Backward"/> went before, or it is in use on another
    /// thread.
    /// </exception>
    public void Update()
    {
        if (_plan.Options.Optimizer is null || Phase != Phase.Training)
            throw new InvalidOperationException($"Network '{Network.Name}' was compiled without an optimiser.");
        using ExclusiveUse.Scope use = Hold();
        UpdateHeld();
    }

    /// <summary>Sets every stored gradient to 0.</summary>
    /// <exception cref="InvalidOperationException">
    /// The network was compiled for inference, or is in use on another thread.
    /// </exception>
    public void ZeroGradients()
    {
        CheckTraining();
        using ExclusiveUse.Scope use = Hold();
        ZeroGradientsHeld();
    }

    /// <summary>
    /// Copies the network's parameters again where the backend computes in float64; needed after they changed. Has kernels
    /// that keep packed parameters pack them again, and what is kept of parameters be computed again; needed where a span of them was written that was taken before the
    /// last run.
    /// </summary>
    /// <exception cref="InvalidOperationException">The network is in use on another thread.</exception>
    public void RefreshParameters()
    {
        using ExclusiveUse.Scope use = _use.Hold();
        foreach (ParameterSlot slot in _copied)
            slot.Parameter.Value.CopyTo(slot.Value);
        foreach (OperationCall call in _forward)
            call.Forget();
    }

    /// <summary>
    /// Runs forward again and returns the first layer that makes a NaN or an infinity (or whose parameters hold one),
    /// or null. For messages: it looks at every value.
    /// </summary>
    public string? FindNonFinite(params ReadOnlySpan<Tensor> inputs)
    {
        using ExclusiveUse.Scope use = _use.Hold();
        Bind(inputs);
        return NonFinite.Find(_plan.Program, _tensors, inputs);
    }

    /// <summary>Frees the arena and what the optimiser keeps; parameters stay with the network.</summary>
    /// <exception cref="InvalidOperationException">It is in use on another thread.</exception>
    public void Dispose()
    {
        if (!_use.Close())
            return;
        _tensors.Dispose();
        foreach (OperationCall call in _forward)
            call.Kernel.FreePacked();
    }

    /// <summary>
    /// Keeps the network for several of the calls below, so that no other call comes between the passes of a step.
    /// </summary>
    /// <exception cref="InvalidOperationException">It is in use.</exception>
    internal ExclusiveUse.Scope Hold() => _use.Hold();

    /// <summary><see cref="Forward"/> of a network that the caller holds.</summary>
    internal void ForwardHeld(params ReadOnlySpan<Tensor> inputs)
    {
        Bind(inputs);
        Run(_forward);
    }

    /// <summary><see cref="Backward"/> of a network for training that the caller holds.</summary>
    internal void BackwardHeld()
    {
        for (int i = 0; i < _steps.Length; i++)
        {
            ParameterUpdate update = _steps[i];
            _plan.Options.Optimizer!.WriteScalars(update.Parameter, _step + 1, update.Scalars);
            if (LearningRateFactor != 1)
                update.Scalars[_ratePlaces[i]] *= LearningRateFactor;
        }
        Run(_backward);
        _plan.Program.Step[0]++;
        _awaitsUpdate = true;
    }

    /// <summary><see cref="Update"/> of a network with an optimiser that the caller holds.</summary>
    internal void UpdateHeld()
    {
        if (!_awaitsUpdate)
            throw new InvalidOperationException("An update follows a backward pass, once.");
        Run(_updates);
        _step++;
        _awaitsUpdate = false;
        // A backend of another element type changed copies.
        foreach (ParameterSlot slot in _copied)
            slot.Value.CopyTo(slot.Parameter.Value);
    }

    /// <summary><see cref="ZeroGradients"/> of a network for training that the caller holds.</summary>
    internal void ZeroGradientsHeld() => _gradients.Run();

    /// <summary>Continues the counts of another compiled network, whose states this one was given.</summary>
    internal void ContinueFrom(long stepCount, double maskNumber)
    {
        _step = stepCount;
        _plan.Program.Step[0] = maskNumber;
        _awaitsUpdate = false;
    }

    private void Run(OperationCall[] calls)
    {
        foreach (OperationCall call in calls)
            call.Run(Observer);
    }

    private void Bind(ReadOnlySpan<Tensor> inputs)
    {
        IReadOnlyList<Symbol> symbols = _plan.Program.Inputs;
        if (inputs.Length != symbols.Count)
            throw new ShapeException($"Network '{Network.Name}' takes {symbols.Count} inputs; got {inputs.Length}.");
        for (int i = 0; i < inputs.Length; i++)
        {
            ArgumentNullException.ThrowIfNull(inputs[i], nameof(inputs));
            if (inputs[i].Shape != symbols[i].Shape || inputs[i].Type != symbols[i].Type)
                throw new ShapeException(
                    $"Network '{Network.Name}' was compiled for {symbols[i].Type} {symbols[i].Shape}; its input is {inputs[i]}."
                );
        }
        for (int i = 0; i < inputs.Length; i++)
        {
            if (_inputs[i] == inputs[i])
                continue;
            _inputs[i] = inputs[i];
            foreach (OperationCall call in _forward)
                call.Bind(symbols[i], inputs[i]);
            foreach (OperationCall call in _backward)
                call.Bind(symbols[i], inputs[i]);
        }
    }

    private void CheckTraining()
    {
        if (Phase != Phase.Training)
            throw new InvalidOperationException(
                $"Network '{Network.Name}' was compiled for inference: it has no gradients."
            );
    }
}
