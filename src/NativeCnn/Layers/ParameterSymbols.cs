using System.Diagnostics.CodeAnalysis;
using NativeCnn.Backends;
using NativeCnn.Backends.Operations;
using NativeCnn.Optimizers;
using NativeCnn.Parameters;

namespace NativeCnn.Layers;

/// <summary>The optimiser's step of one parameter in a network that is being compiled.</summary>
/// <param name="Parameter">What is changed.</param>
/// <param name="Operation">The step.</param>
/// <param name="States">What the optimiser keeps for the parameter.</param>
/// <param name="Scalars">The step's numbers, which are written before each step.</param>
internal sealed record ParameterUpdate(
    Parameter Parameter,
    UpdateOperation Operation,
    Symbol[] States,
    double[] Scalars
)
{
    /// <summary>Whether a layer takes the step in its backward pass.</summary>
    public bool IsFused { get; set; }
}

/// <summary>
/// The parameters of a network that is being compiled: their symbols, their gradients', and the optimiser's steps.
/// </summary>
internal sealed class ParameterSymbols
{
    // Below it a gradient stays in a core's own cache between its computation and its use.
    private const int SmallestFusedUpdate = 1 << 16;

    private readonly Backend _backend;
    private readonly bool _keepsGradients;
    private readonly Dictionary<Parameter, Symbol> _values = [];
    private readonly Dictionary<Parameter, Symbol> _gradients = [];
    private readonly Dictionary<Parameter, ParameterUpdate> _updates = [];

    /// <param name="parameters">All parameters of the network.</param>
    /// <param name="backend">What will compute.</param>
    /// <param name="optimizer">
    /// What will change the parameters; null if that is not known, or where nothing is trained.
    /// </param>
    /// <param name="keepsGradients">Whether every gradient is stored.</param>
    public ParameterSymbols(
        IEnumerable<Parameter> parameters,
        Backend backend,
        Optimizer? optimizer,
        bool keepsGradients
    )
    {
        _backend = backend;
        _keepsGradients = keepsGradients;
        foreach (Parameter parameter in parameters)
        {
            _values[parameter] = New(parameter.Name, parameter, SymbolHome.Parameter);
            if (optimizer is null || parameter.Role != ParameterRole.Trained)
                continue;
            UpdateOperation update = optimizer.Declare(parameter.Shape);
            Symbol[] states =
            [
                .. update.States.Select(state =>
                    New($"{parameter.Name} {state}", parameter, SymbolHome.OptimizerState)
                ),
            ];
            _updates[parameter] = new ParameterUpdate(parameter, update, states, new double[update.Scalars.Count]);
        }
    }

    /// <summary>The optimiser's steps.</summary>
    public IReadOnlyCollection<ParameterUpdate> Updates => _updates.Values;

    /// <summary>A parameter's values.</summary>
    public Symbol Value(Parameter parameter) => _values[parameter];

    /// <summary>Where a parameter's gradient is added to.</summary>
    public Symbol Gradient(Parameter parameter)
    {
        if (parameter.Role != ParameterRole.Trained)
            throw new InvalidOperationException($"'{parameter.Name}' is state: it has no gradient.");
        if (!_gradients.TryGetValue(parameter, out Symbol? gradient))
            _gradients[parameter] = gradient = New(
                $"{parameter.Name} gradient",
                parameter,
                SymbolHome.ParameterGradient
            );
        return gradient;
    }

    /// <summary>A parameter's gradient, or null where it is never stored.</summary>
    public Symbol? StoredGradient(Parameter parameter) => _gradients.GetValueOrDefault(parameter);

    /// <summary>
    /// Has a layer take a parameter's step where it computes the gradient, if that can be done and pays.
    /// </summary>
    public bool TryFuse(
        Parameter parameter,
        Func<UpdateOperation, Operation> declare,
        [NotNullWhen(true)] out Operation? operation,
        [NotNullWhen(true)] out ParameterUpdate? update
    )
    {
        operation = null;
        if (
            !_updates.TryGetValue(parameter, out update)
            || _keepsGradients
            || parameter.Shape.Count < SmallestFusedUpdate
            || _gradients.ContainsKey(parameter)
        )
            return false;
        operation = declare(update.Operation);
        return update.IsFused = _backend.Plan(operation) is not null;
    }

    private Symbol New(string name, Parameter parameter, SymbolHome home) =>
        new(name, parameter.Shape, _backend.ElementType, home);
}
