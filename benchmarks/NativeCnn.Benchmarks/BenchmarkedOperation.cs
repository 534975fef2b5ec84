using NativeCnn.Backends.Operations;

namespace NativeCnn.Benchmarks;

/// <summary>An operation at the sizes of a layer of a published network, and what else its runs take.</summary>
/// <param name="layer">Network and layer; behind them what tells it from others of the layer and operation.</param>
/// <param name="operation">What is measured.</param>
/// <param name="scalars">As declared. Runs follow each other on the same tensors, which must stay finite.</param>
public sealed class BenchmarkedOperation(string layer, Operation operation, params double[] scalars)
{
    /// <summary>Network and layer, as in <c>vgg16-conv1_2</c>.</summary>
    public string Layer => layer;

    /// <summary>What is measured.</summary>
    public Operation Operation => operation;

    /// <summary>The convolution algorithm that is measured; null where the backend has but one way.</summary>
    public string? Algorithm { get; init; }

    /// <summary>Whether the planner would choose this algorithm.</summary>
    public bool IsPlanned { get; init; }

    /// <summary>
    /// The operation that runs first, as in a network, so that what it writes, such as places of maxima, is what this
    /// one reads: operands of one name are the same. Null where all that is read can be random.
    /// </summary>
    internal Operation? After { get; init; }

    /// <summary>What fills operands by their names, where <see cref="Fillings.Noise"/> will not do.</summary>
    internal Dictionary<string, Filling> Filled { get; } = [];

    /// <summary>The numbers of a run.</summary>
    internal ReadOnlySpan<double> Scalars => scalars;

    /// <summary>Unique; what filters are matched with.</summary>
    public override string ToString() =>
        $"{layer} {operation.Name}{(Algorithm is null ? "" : $" {Algorithm}")}{(IsPlanned ? " (planner)" : "")}";
}
