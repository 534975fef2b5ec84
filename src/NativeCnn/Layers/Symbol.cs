using NativeCnn.Tensors;

namespace NativeCnn.Layers;

/// <summary>
/// A tensor of a network that is being compiled: its shape and type are known, its memory is not placed yet.
/// </summary>
public sealed class Symbol
{
    private readonly Symbol? _source;

    internal Symbol(string name, Shape shape, ElementType type, SymbolHome home)
    {
        Name = name;
        Shape = shape;
        Type = type;
        Home = home;
    }

    private Symbol(Symbol source, Shape shape)
        : this(source.Name, shape, source.Type, source.Home) => _source = source.Root;

    /// <summary>What it holds, for messages.</summary>
    public string Name { get; }

    /// <summary>The sizes.</summary>
    public Shape Shape { get; }

    /// <summary>What an element is.</summary>
    public ElementType Type { get; }

    /// <summary>Where its memory comes from.</summary>
    internal SymbolHome Home { get; private set; }

    /// <summary>The symbol whose memory this one shares; itself if it is no view.</summary>
    internal Symbol Root => _source ?? this;

    /// <summary>Has its memory, which is its own, stay from run to run.</summary>
    internal void Keep() => Home = SymbolHome.Prepared;

    /// <summary>The size in memory.</summary>
    internal long ByteCount => (long)Shape.Count * Type.Size();

    /// <summary>The same memory under another shape with as many elements.</summary>
    public Symbol View(Shape shape)
    {
        if (shape.Count != Shape.Count)
            throw new ShapeException(
                $"{Shape} has {Shape.Count} elements and cannot be viewed as {shape} with {shape.Count}."
            );
        return shape == Shape ? this : new Symbol(this, shape);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Name} {Type} {Shape}";
}

/// <summary>Where the memory of a <see cref="Symbol"/> comes from.</summary>
internal enum SymbolHome
{
    /// <summary>The arena, where a lifetime decides about its place.</summary>
    Arena,

    /// <summary>The caller, at each run.</summary>
    NetworkInput,

    /// <summary>The network's parameters.</summary>
    Parameter,

    /// <summary>The parameters' gradients, which stay from step to step.</summary>
    ParameterGradient,

    /// <summary>What is computed of parameters alone, and again only after they changed.</summary>
    Prepared,

    /// <summary>What an optimiser keeps for each value.</summary>
    OptimizerState,
}
