using NativeCnn.Backends.Operations;
using NativeCnn.Parameters;
using NativeCnn.Tensors;

namespace NativeCnn.Layers;

/// <summary>
/// Records the operations of which a layer consists, in one network that is being compiled. The layer's methods run
/// once, on symbols; what they call runs at every step, on tensors.
/// </summary>
public sealed class LayerContext
{
    private readonly Layer _layer;
    private readonly LayerInputs _inputs;
    private readonly ParameterSymbols _parameters;
    private readonly Shape _outputShape;
    private readonly Symbol?[] _inputGradients;
    private readonly List<OperationCall> _calls = [];
    private Symbol? _output;

    internal LayerContext(Layer layer, LayerInputs inputs, Shape outputShape, ParameterSymbols parameters)
    {
        _layer = layer;
        _inputs = inputs;
        _outputShape = outputShape;
        _parameters = parameters;
        _inputGradients = new Symbol?[inputs.Symbols.Count];
    }

    /// <summary>What the network is compiled for.</summary>
    public required Phase Phase { get; init; }

    /// <summary>The type that activations, parameters and gradients have.</summary>
    public required ElementType ElementType { get; init; }

    /// <summary>What the backward pass propagates.</summary>
    public BackwardOrder Order { get; internal init; }

    /// <summary>The activation that the compiler fused into this layer; identity where there is none.</summary>
    public Activation Activation { get; internal init; } = Activation.Identity;

    /// <summary>The batch normalisation that the compiler folded into this layer; null where there is none.</summary>
    internal FoldedNorm? Norm { get; init; }

    /// <summary>A number of this layer's own, from the network's seed: the key of its random numbers.</summary>
    public ulong Key { get; internal init; }

    /// <summary>One scalar: how many training steps went before. It makes each step's random numbers its own.</summary>
    public double[] Step { get; internal init; } = [0];

    /// <summary>The inputs, N×H×W×C each.</summary>
    public IReadOnlyList<Symbol> Inputs => _inputs.Symbols;

    /// <summary>The first input.</summary>
    public Symbol Input => Inputs[0];

    /// <summary>
    /// The output: new memory of the inferred shape, unless <see cref="Layer.Forward"/> sets it to what is there
    /// already, such as a view of the input.
    /// </summary>
    public Symbol Output
    {
        get => _output ??= NewSymbol("output", _outputShape);
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            _output =
                value.Shape == _outputShape
                    ? value
                    : throw new ShapeException($"the output is {_outputShape}; it was set to {value.Shape}.");
        }
    }

    /// <summary>What forward leaves for backward, such as the places of maxima.</summary>
    public IReadOnlyList<Symbol> SavedForBackward { get; set; } = [];

    /// <summary>The gradient of the loss with respect to the output.</summary>
    public Symbol OutputGradient { get; internal set; } = null!;

    /// <summary>The values of a parameter, by its place in <see cref="Layer.Parameters"/>.</summary>
    public Symbol Parameter(int index) => _parameters.Value(ParameterAt(index));

    /// <summary>
    /// Where the gradient of a parameter is added to, by its place in <see cref="Layer.Parameters"/>.
    /// </summary>
    public Symbol ParameterGradient(int index) => _parameters.Gradient(ParameterAt(index));

    /// <summary>
    /// Where the gradient with respect to an input has to be written; null where nobody needs it. A layer whose input
    /// gradient is there already calls <see cref="PassGradient"/> instead.
    /// </summary>
    public Symbol? InputGradient(int input = 0) =>
        _inputs.WantsGradient[CheckInput(input)]
            ? _inputGradients[input] ??= NewSymbol("input gradient", Inputs[input].Shape)
            : null;

    /// <summary>
    /// Says that the gradient with respect to an input is a tensor that is there already, perhaps under another shape.
    /// </summary>
    public void PassGradient(int input, Symbol gradient)
    {
        ArgumentNullException.ThrowIfNull(gradient);
        if (_inputs.WantsGradient[CheckInput(input)])
            _inputGradients[input] = gradient.View(Inputs[input].Shape);
    }

    /// <summary>
    /// A tensor of this layer's own: what forward leaves for backward, or an intermediate result. It lives as long as
    /// it is used.
    /// </summary>
    /// <param name="name">What it holds, for messages.</param>
    /// <param name="shape">Its sizes.</param>
    /// <param name="type">Its element type; that of the activations if null.</param>
    public Symbol NewSymbol(string name, Shape shape, ElementType? type = null) =>
        new($"{_layer.Name} {name}", shape, type ?? ElementType, SymbolHome.Arena);

    /// <summary>
    /// Records the squares of a tensor's values, with which a pass that propagates a gradient propagates the diagonal
    /// of second derivatives.
    /// </summary>
    public Symbol Squared(Symbol value)
    {
        ArgumentNullException.ThrowIfNull(value);
        Symbol squares = NewSymbol("squares", value.Shape);
        Call(new Square(value.Shape), value, squares);
        return squares;
    }

    /// <summary>Records an operation.</summary>
    public void Call(Operation operation, params ReadOnlySpan<Symbol?> operands) => Call(operation, [], operands);

    /// <summary>Records an operation with scalars.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="scalars">As declared; the array is read at every run.</param>
    /// <param name="operands">As declared, null for those that are not wanted.</param>
    /// <exception cref="ShapeException">The operands are not those that the operation declares.</exception>
    public void Call(Operation operation, double[] scalars, params ReadOnlySpan<Symbol?> operands)
    {
        ArgumentNullException.ThrowIfNull(operation);
        ArgumentNullException.ThrowIfNull(scalars);
        CheckOperands(operation, operands);
        _calls.Add(new OperationCall(operation, operands.ToArray(), scalars) { Layer = _layer });
    }

    /// <summary>
    /// The filters and bias that a layer computes with: its own, or those into which a batch normalisation is folded.
    /// </summary>
    internal (Symbol Filters, Symbol? Bias) Fold(Symbol filters, Symbol? bias)
    {
        if (Norm is not var (norm, folding))
            return (filters, bias);
        Symbol foldedFilters = NewSymbol("folded filters", filters.Shape);
        Symbol foldedBias = NewSymbol("folded bias", folding.Operands[^1].Shape);
        Symbol[] constants = [.. norm.Parameters.Select(_parameters.Value)];
        Symbol?[] operands = [filters, bias, .. constants, foldedFilters, foldedBias];
        CheckOperands(folding, operands);
        _calls.Add(new OperationCall(folding, operands, []) { Layer = norm });
        return (foldedFilters, foldedBias);
    }

    /// <summary>
    /// Records an operation that computes a parameter's gradient and takes the optimiser's step with it at once, so
    /// that the gradient is never stored. Where that is not possible or not worth while, nothing is recorded.
    /// </summary>
    /// <param name="parameter">The parameter's place in <see cref="Layer.Parameters"/>.</param>
    /// <param name="declare">
    /// The operation, given the step. Its last operands are the step's states and the parameter.
    /// </param>
    /// <param name="operands">The operands before those.</param>
    /// <returns>
    /// Whether it was recorded; if not, the gradient has to be added to <see cref="ParameterGradient"/>.
    /// </returns>
    public bool TryUpdate(
        int parameter,
        Func<UpdateOperation, Operation> declare,
        params ReadOnlySpan<Symbol?> operands
    )
    {
        ArgumentNullException.ThrowIfNull(declare);
        if (
            !_parameters.TryFuse(ParameterAt(parameter), declare, out Operation? operation, out ParameterUpdate? update)
        )
            return false;
        Call(operation, update.Scalars, [.. operands, .. update.States, Parameter(parameter)]);
        return true;
    }

    /// <summary>
    /// What the backward pass of a layer that can fuse an activation begins with: the gradient before the activation,
    /// and the bias gradient.
    /// </summary>
    /// <param name="biasGradient">
    /// One value per channel of the output, or per unit of an example of it; null without a bias.
    /// </param>
    /// <returns>
    /// The gradient with respect to what the activation was applied to; or its second derivatives, f'² times those of
    /// the output, where these are propagated.
    /// </returns>
    public Symbol BackwardActivationAndBias(Symbol? biasGradient)
    {
        // f' is taken from the output; what needs its input is not fused.
        Symbol outputGradient = OutputGradient;
        bool isIdentity = Activation == Activation.Identity;
        if (!isIdentity && Order == BackwardOrder.SecondDerivatives)
        {
            // The first of two factors f'.
            outputGradient = NewSymbol("second derivatives times slope", _outputShape);
            Call(new ActivationBackward(Activation, _outputShape), Output, OutputGradient, outputGradient);
        }
        Symbol gradient = outputGradient;
        if (!isIdentity)
            gradient = NewSymbol("gradient before activation", _outputShape);
        if (biasGradient is null)
        {
            if (!isIdentity)
                Call(new ActivationBackward(Activation, _outputShape), Output, outputGradient, gradient);
            return gradient;
        }
        // A bias per unit is one per channel of examples that are vectors.
        bool isPerMap = biasGradient.Shape.Count == _outputShape.Channels;
        Shape shape = isPerMap ? _outputShape : Shape.Vector(_outputShape.BatchSize, _outputShape.ElementsPerExample);
        Symbol sums = biasGradient.View(Shape.Vector(1, shape.Channels));
        if (isIdentity)
            Call(new BiasBackward(shape), gradient.View(shape), sums);
        else
            Call(
                new ActivationBiasBackward(Activation, shape),
                Output.View(shape),
                outputGradient.View(shape),
                gradient.View(shape),
                sums
            );
        return gradient;
    }

    /// <summary>Whether a gradient has to come back through the layer.</summary>
    internal bool WantsGradient =>
        _inputs.WantsGradient.Contains(true) || _layer.Parameters.Any(p => p.Role == ParameterRole.Trained);

    /// <summary>Whether a symbol is a parameter of a layer.</summary>
    internal bool IsParameterOf(Layer layer, Symbol symbol) =>
        layer.Parameters.Any(parameter => _parameters.Value(parameter) == symbol);

    /// <summary>Makes the output a copy of what it is a view of.</summary>
    internal void CopyOutput()
    {
        Symbol source = Output.Root;
        Symbol copy = NewSymbol("copy", source.Shape);
        Call(new ActivationForward(Activation.Identity, source.Shape), source, copy);
        Output = copy.View(_outputShape);
    }

    /// <summary>Takes the operations recorded so far.</summary>
    internal OperationCall[] TakeCalls()
    {
        OperationCall[] calls = [.. _calls];
        _calls.Clear();
        return calls;
    }

    /// <summary>What the backward pass left as an input's gradient; null where none is wanted.</summary>
    /// <exception cref="InvalidOperationException">
    /// It is wanted, and the layer neither wrote nor passed one.
    /// </exception>
    internal Symbol? TakeInputGradient(int input)
    {
        if (_inputs.WantsGradient[input] && _inputGradients[input] is null)
            throw new InvalidOperationException(
                $"Layer '{_layer.Name}' ({_layer.Kind}): its backward pass has no gradient for input {input}."
            );
        return _inputGradients[input];
    }

    private int CheckInput(int input) =>
        input >= 0 && input < Inputs.Count
            ? input
            : throw new ArgumentOutOfRangeException(
                nameof(input),
                $"Layer '{_layer.Name}' has {Inputs.Count} inputs; there is no input {input}."
            );

    private Parameter ParameterAt(int index) =>
        index >= 0 && index < _layer.Parameters.Count
            ? _layer.Parameters[index]
            : throw new ArgumentOutOfRangeException(
                nameof(index),
                $"Layer '{_layer.Name}' has {_layer.Parameters.Count} parameters; there is no parameter {index}."
            );

    private void CheckOperands(Operation operation, ReadOnlySpan<Symbol?> operands)
    {
        if (operands.Length != operation.Operands.Count)
            throw new ShapeException(
                $"{operation.Name} takes {operation.Operands.Count} operands; layer '{_layer.Name}' gives {operands.Length}."
            );
        for (int i = 0; i < operands.Length; i++)
        {
            Operand declared = operation.Operands[i];
            bool fits = operands[i] is { } given
                ? declared.IsWanted && given.Shape == declared.Shape && given.Type == declared.TypeOn(ElementType)
                : !declared.IsWanted;
            if (!fits)
                throw new ShapeException(
                    $"{operation.Name}: layer '{_layer.Name}' gives {operands[i]?.ToString() ?? "nothing"} for {declared.Name}; expected {(declared.IsWanted ? $"{declared.TypeOn(ElementType)} {declared.Shape}" : "nothing")}."
                );
        }
    }
}

/// <summary>What a layer reads, and which of it wants a gradient.</summary>
internal sealed record LayerInputs(IReadOnlyList<Symbol> Symbols, IReadOnlyList<bool> WantsGradient);

/// <summary>A batch normalisation that is part of the filters before it, and what makes these.</summary>
internal sealed record FoldedNorm(BatchNorm Norm, BatchNormFolding Operation);
