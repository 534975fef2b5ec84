using NativeCnn.Layers;

namespace NativeCnn.Networks.Compilation;

/// <summary>What a network computes, as operations on symbols.</summary>
internal sealed class NetworkProgram
{
    /// <summary>The network's inputs.</summary>
    public required IReadOnlyList<Symbol> Inputs { get; init; }

    /// <summary>What leaves the network.</summary>
    public required IReadOnlyList<Symbol> Outputs { get; init; }

    /// <summary>The layers that compute something, with their part of <see cref="Forward"/>.</summary>
    public required IReadOnlyList<LoweredLayer> Layers { get; init; }

    /// <summary>The parameters, and how the optimiser changes them.</summary>
    public required ParameterSymbols Parameters { get; init; }

    /// <summary>One number, a scalar of operations: how many training steps went before.</summary>
    public required double[] Step { get; init; }

    /// <summary>Where the losses write the gradients of <see cref="Outputs"/>; empty at inference.</summary>
    public IReadOnlyList<Symbol> OutputGradients { get; set; } = [];

    /// <summary>The backward pass; empty at inference.</summary>
    public IReadOnlyList<OperationCall> Backward { get; set; } = [];

    /// <summary>The optimiser's steps that no layer takes in the backward pass.</summary>
    public IReadOnlyList<OperationCall> Updates { get; set; } = [];

    /// <summary>The forward pass.</summary>
    public IEnumerable<OperationCall> Forward => Layers.SelectMany(layer => layer.Calls);

    /// <summary>What is computed of parameters alone, and kept.</summary>
    public IEnumerable<Symbol> Prepared =>
        Forward
            .SelectMany(call => call.Operands)
            .OfType<Symbol>()
            .Select(symbol => symbol.Root)
            .Where(symbol => symbol.Home == SymbolHome.Prepared)
            .Distinct();

    /// <summary>Everything that a step computes, in its order.</summary>
    public IEnumerable<OperationCall> Calls => [.. Forward, .. Backward, .. Updates];
}

/// <summary>A layer's part of the forward pass.</summary>
internal sealed record LoweredLayer(GraphNode Node, LayerContext Context, OperationCall[] Calls)
{
    /// <summary>The layer.</summary>
    public Layer Layer => Node.Layer!;
}
