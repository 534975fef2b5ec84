using NativeCnn.Backends;
using NativeCnn.Layers;
using NativeCnn.Randomness;
using NativeCnn.Tensors;

namespace NativeCnn.Networks;

/// <summary>
/// A network ready to run for one batch size on one backend: a flat list of steps over tensors in one arena. Running it
/// allocates nothing.
/// </summary>
public sealed class CompiledNetwork : IDisposable
{
    private readonly CompilationPlan _plan;
    private readonly Arena _arena;
    private readonly Arena? _gradientArena;
    private readonly List<Tensor> _copies = [];
    private readonly ParameterSlot[] _parameters;
    private readonly Step[] _steps;

    internal CompiledNetwork(Network network, IBackend backend, CompilationPlan plan, bool fuseUpdates)
    {
        Network = network;
        Backend = backend;
        _plan = plan;
        long gradientBytes = plan.Phase == Phase.Training ? GradientBytes(network, plan.ElementType, fuseUpdates) : 0;
        _arena = new Arena(plan.ArenaBytes);
        _gradientArena = gradientBytes > 0 ? new Arena(gradientBytes) : null;
        _parameters = CreateSlots(fuseUpdates);
        _steps = CreateSteps();
    }

    /// <summary>The network that was compiled.</summary>
    public Network Network { get; }

    /// <summary>What computes.</summary>
    public IBackend Backend { get; }

    /// <summary>Examples per run.</summary>
    public int Batch => _plan.Batch;

    /// <summary>What it was compiled for.</summary>
    public Phase Phase => _plan.Phase;

    /// <summary>The input of one run, N×H×W×C.</summary>
    public Shape InputShape => Network.InputShape.WithBatch(Batch);

    /// <summary>
    /// The last layer's output, valid from <see cref="Forward"/> until <see cref="Backward"/>, which uses its memory again.
    /// </summary>
    public Tensor Output => _steps[^1].Context.Output;

    /// <summary>Where the loss writes its gradient before <see cref="Backward"/>.</summary>
    /// <exception cref="InvalidOperationException">The network was compiled for inference.</exception>
    public Tensor OutputGradient => Training(_steps[^1].Context.OutputGradient);

    /// <summary>The parameters with their gradients, in the order of <see cref="Networks.Network.Parameters"/>.</summary>
    public IReadOnlyList<ParameterSlot> Parameters => _parameters;

    /// <summary>The memory of activations, gradients and what forward leaves for backward, parameters not counted.</summary>
    public long ArenaBytes => _plan.ArenaBytes;

    /// <summary>The layers that run, with their tensors, in their order.</summary>
    internal IEnumerable<(Layer Layer, LayerContext Context)> Layers => _steps.Select(s => (s.Layer, s.Context));

    /// <summary>Computes <see cref="Output"/>.</summary>
    /// <param name="input">N×H×W×C; read again by <see cref="Backward"/>.</param>
    /// <exception cref="ShapeException">The input has another shape than <see cref="InputShape"/>.</exception>
    public void Forward(Tensor input)
    {
        Bind(input);
        foreach (Step step in _steps)
            step.Forward();
    }

    /// <summary>
    /// Propagates <see cref="OutputGradient"/> back through every layer and adds to the parameters' gradients. The gradient
    /// tensors on the way are overwritten.
    /// </summary>
    public void Backward()
    {
        _ = OutputGradient;
        for (int k = _steps.Length - 1; k >= 0; k--)
        {
            Step step = _steps[k];
            if (!step.NeedsGradient)
                continue;
            LayerContext context = step.Context;
            step.Backward();
            foreach ((Tensor values, Tensor accumulator) in step.Joins)
                Backend.Accumulate(values, accumulator);
            context.Step++;
        }
    }

    /// <summary>Sets every parameter's gradient to 0.</summary>
    public void ZeroGradients()
    {
        foreach (ParameterSlot slot in _parameters)
        {
            if (slot.Update is null)
                Training(slot.Gradient).Clear();
        }
    }

    /// <summary>Copies the network's parameters again where the backend computes in float64; needed after they changed.</summary>
    public void RefreshParameters()
    {
        foreach (ParameterSlot slot in _parameters)
        {
            if (slot.Value != slot.Parameter.Value)
                slot.Parameter.Value.CopyTo(slot.Value);
        }
    }

    /// <summary>
    /// Runs forward again and returns the first layer that makes a NaN or an infinity (or whose parameters hold one), or
    /// null. For messages: it looks at every value.
    /// </summary>
    public string? FindNonFinite(Tensor input)
    {
        Bind(input);
        if (!IsFinite(input))
            return "the input";
        foreach (Step step in _steps)
        {
            foreach (Tensor parameter in step.Context.Parameters)
            {
                if (!IsFinite(parameter))
                    return $"'{step.Layer.Name}' (its parameters)";
            }
            step.Forward();
            if (!IsFinite(step.Context.Output))
                return $"'{step.Layer.Name}'";
        }
        return null;
    }

    /// <summary>Frees the arena; parameters stay with the network.</summary>
    public void Dispose()
    {
        _arena.Dispose();
        _gradientArena?.Dispose();
        foreach (Tensor copy in _copies)
            copy.Dispose();
    }

    private static bool IsFinite(Tensor tensor)
    {
        if (tensor.Type == ElementType.Float64)
        {
            foreach (double value in tensor.AsSpan<double>())
            {
                if (!double.IsFinite(value))
                    return false;
            }
            return true;
        }
        foreach (float value in tensor.Span)
        {
            if (!float.IsFinite(value))
                return false;
        }
        return true;
    }

    /// <summary>The memory of the gradients that are stored.</summary>
    internal static long GradientBytes(Network network, ElementType type, bool fuseUpdates) =>
        network
            .Nodes.SelectMany(node => node.Layer.Parameters.Select(parameter => (node.Layer, Parameter: parameter)))
            .Where(p => !fuseUpdates || !Network.FusesUpdate(p.Layer, p.Parameter))
            .Sum(p => NativeBuffer.Align((long)p.Parameter.Shape.Count * type.Size()));

    private Tensor Training(Tensor? gradient) =>
        gradient
        ?? throw new InvalidOperationException(
            $"Network '{Network.Name}' was compiled for inference: it has no gradients."
        );

    private void Bind(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input.Shape != InputShape || input.Type != Backend.ElementType)
        {
            throw new ShapeException(
                $"Network '{Network.Name}' was compiled for {Backend.ElementType} {InputShape}; its input is {input}."
            );
        }
        foreach (Step step in _steps)
        {
            foreach (int slot in step.NetworkInputs)
                step.Context.Inputs[slot] = input;
        }
    }

    private ParameterSlot[] CreateSlots(bool fuseUpdates)
    {
        var slots = new List<ParameterSlot>();
        long offset = 0;
        foreach ((Layer layer, _, _) in Network.Nodes)
        {
            foreach (Parameter parameter in layer.Parameters)
            {
                bool fused = fuseUpdates && Phase == Phase.Training && Network.FusesUpdate(layer, parameter);
                Tensor value = ValueOf(parameter);
                Tensor? gradient = fused ? null : _gradientArena?.At(offset, parameter.Shape, _plan.ElementType);
                offset += gradient is null ? 0 : NativeBuffer.Align(gradient.ByteCount);
                slots.Add(new ParameterSlot(parameter, value, gradient, fused ? new ParameterUpdate() : null));
            }
        }
        return [.. slots];
    }

    private Tensor ValueOf(Parameter parameter)
    {
        Tensor value = parameter.Value;
        if (_plan.ElementType == value.Type)
            return value;
        var copy = new Tensor(parameter.Shape, _plan.ElementType);
        value.CopyTo(copy);
        _copies.Add(copy);
        return copy;
    }

    private Step[] CreateSteps()
    {
        Dictionary<Parameter, ParameterSlot> slots = Parameters.ToDictionary(slot => slot.Parameter);
        var steps = new Step[_plan.Steps.Count];
        for (int k = 0; k < steps.Length; k++)
        {
            PlannedStep planned = _plan.Steps[k];
            ulong key = new RandomStream(Network.Seed, ~(ulong)planned.Node).NextUInt64();
            var context = new LayerContext(Backend, Phase, planned.InputShapes, planned.OutputShape, key)
            {
                Activation = planned.Activation,
                Parameters = [.. planned.Layer.Parameters.Select(p => slots[p].Value)],
            };
            steps[k] = new Step(planned, context);
            BindForward(steps, k);
            if (Phase == Phase.Training)
            {
                context.ParameterGradients = [.. planned.Layer.Parameters.Select(p => slots[p].Gradient!)];
                context.ParameterUpdates = [.. planned.Layer.Parameters.Select(p => slots[p].Update)];
                context.Saved =
                [
                    .. planned
                        .Layer.Saved(planned.InputShapes, _plan.ElementType)
                        .Zip(planned.Saved, (saved, buffer) => _arena.At(buffer.Offset, saved.Shape, saved.Type)),
                ];
                if (planned.Gradient is { } gradient)
                    context.OutputGradient = _arena.At(gradient.Offset, planned.OutputShape, _plan.ElementType);
            }
            planned.Layer.Prepare(context);
        }
        if (Phase == Phase.Training)
        {
            foreach (Step step in steps)
                BindBackward(steps, step);
        }
        return steps;
    }

    private void BindForward(Step[] steps, int k)
    {
        (PlannedStep planned, LayerContext context) = (steps[k].Planned, steps[k].Context);
        for (int slot = 0; slot < planned.Inputs.Length; slot++)
        {
            int input = planned.Inputs[slot];
            if (input >= 0)
                context.Inputs[slot] = steps[input].Context.Output;
        }
        context.Output = _arena.At(planned.Value.Offset, planned.OutputShape, _plan.ElementType);
    }

    private void BindBackward(Step[] steps, Step step)
    {
        if (!step.NeedsGradient)
            return;
        PlannedStep planned = step.Planned;
        var joins = new List<(Tensor, Tensor)>();
        for (int slot = 0; slot < planned.Inputs.Length; slot++)
        {
            int input = planned.Inputs[slot];
            if (input < 0 || !steps[input].NeedsGradient)
                continue;
            Tensor target = steps[input].Context.OutputGradient;
            if (planned.Partial[slot] is { } partial)
            {
                Tensor apart = _arena.At(partial.Offset, target.Shape, target.Type);
                joins.Add((apart, target));
                target = apart;
            }
            step.Context.InputGradients[slot] = target;
            step.CopiesGradient =
                planned.IsView && (joins.Count > 0 || steps[input].Planned.Gradient != planned.Gradient);
        }
        step.Joins = [.. joins];
    }

    private sealed class Step(PlannedStep planned, LayerContext context)
    {
        public PlannedStep Planned { get; } = planned;

        public Layer Layer => Planned.Layer;

        public LayerContext Context { get; } = context;

        public bool NeedsGradient => Planned.NeedsGradient;

        public (Tensor Values, Tensor Accumulator)[] Joins { get; set; } = [];

        // A view that could not share memory (of the network's input, or of a gradient with other readers) is a copy.
        public bool CopiesValue { get; } = planned.Layer.IsView(context.Phase) && !planned.IsView;

        public bool CopiesGradient { get; set; }

        public void Forward()
        {
            if (CopiesValue)
                Context.Input.CopyTo(Context.Output);
            else if (!Planned.IsView)
                Layer.Forward(Context);
        }

        public void Backward()
        {
            if (CopiesGradient)
                Context.OutputGradient.CopyTo(Context.InputGradient!);
            else if (!Planned.IsView)
                Layer.Backward(Context);
        }

        public int[] NetworkInputs { get; } =
        [.. Enumerable.Range(0, planned.Inputs.Length).Where(i => planned.Inputs[i] == NetworkNode.NetworkInput)];
    }
}
