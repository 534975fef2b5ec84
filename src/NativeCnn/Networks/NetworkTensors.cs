using NativeCnn.Layers;
using NativeCnn.Networks.Compilation;
using NativeCnn.Parameters;
using NativeCnn.Tensors;

namespace NativeCnn.Networks;

/// <summary>
/// The memory of a compiled network: an arena, the stored gradients, the optimiser's state, and parameters in another
/// type or form.
/// </summary>
internal sealed class NetworkTensors : IDisposable
{
    private readonly CompilationPlan _plan;
    private readonly Arena _arena;
    private readonly Dictionary<Symbol, Tensor> _kept = [];
    private readonly List<Tensor> _owned = [];

    public NetworkTensors(CompilationPlan plan)
    {
        _plan = plan;
        _arena = new Arena(plan.Placement.ByteCount);
        ParameterSymbols symbols = plan.Program.Parameters;
        Parameters = [.. plan.Network.Parameters.Select(parameter => SlotOf(parameter, symbols))];
        foreach (Symbol state in symbols.Updates.SelectMany(update => update.States))
            _kept[state] = Own(state.Shape, state.Type);
        foreach (Symbol prepared in plan.Program.Prepared)
            _kept[prepared] = Own(prepared.Shape, prepared.Type);
    }

    /// <summary>The parameters, in the network's order.</summary>
    public IReadOnlyList<ParameterSlot> Parameters { get; }

    /// <summary>A symbol's tensor; null for a network's input, which is the caller's.</summary>
    public Tensor? Find(Symbol symbol) =>
        symbol.Root.Home switch
        {
            SymbolHome.NetworkInput => null,
            SymbolHome.Arena => _arena.At(_plan.Placement.OffsetOf(symbol), symbol.Shape, symbol.Type),
            _ when symbol == symbol.Root => _kept[symbol],
            _ => _kept[symbol.Root].View(symbol.Shape),
        };

    public void Dispose()
    {
        _arena.Dispose();
        foreach (Tensor tensor in _owned)
            tensor.Dispose();
    }

    private ParameterSlot SlotOf(Parameter parameter, ParameterSymbols symbols)
    {
        Symbol value = symbols.Value(parameter);
        Tensor tensor = parameter.Value;
        if (value.Type != tensor.Type)
        {
            tensor = Own(parameter.Shape, value.Type);
            parameter.Value.CopyTo(tensor);
        }
        _kept[value] = tensor;
        Tensor? gradient = null;
        if (symbols.StoredGradient(parameter) is { } stored)
            _kept[stored] = gradient = Own(stored.Shape, stored.Type);
        return new ParameterSlot(parameter, tensor, gradient);
    }

    private Tensor Own(Shape shape, ElementType type)
    {
        var tensor = new Tensor(shape, type);
        _owned.Add(tensor);
        return tensor;
    }
}
