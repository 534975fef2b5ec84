using NativeCnn.Tensors;

namespace NativeCnn.Backends.Operations;

/// <summary>What an operation does with an operand.</summary>
public enum OperandRole
{
    /// <summary>Reads it and leaves it as it is.</summary>
    Read,

    /// <summary>Writes every element, whatever was there.</summary>
    Overwritten,

    /// <summary>Adds to what was there.</summary>
    Accumulated,

    /// <summary>Computes the new values from the old.</summary>
    Updated,
}

/// <summary>A tensor that an operation takes.</summary>
/// <param name="Name">As messages name it.</param>
/// <param name="Role">What happens to it.</param>
/// <param name="Shape">Its sizes.</param>
public sealed record Operand(string Name, OperandRole Role, Shape Shape)
{
    /// <summary>Its element type; null for the type that the backend computes in.</summary>
    public ElementType? Type { get; init; }

    /// <summary>Whether it is given; if not, null stands in its place. So by default.</summary>
    public bool IsWanted { get; init; } = true;

    /// <summary>
    /// The operand that is read and may be the very same memory, so that the operation works in place; null for none.
    /// </summary>
    public string? MayBe { get; init; }

    /// <summary>
    /// How many rounded terms an element of it sums at most, where that is not the
    /// <see cref="Operation.SumLength"/> of the operation; null where it is.
    /// </summary>
    public int? SumLength { get; init; }

    /// <summary>Its element type on a backend.</summary>
    public ElementType TypeOn(ElementType backend) => Type ?? backend;

    /// <summary>An operand that is read.</summary>
    public static Operand Read(string name, Shape shape, bool isWanted = true) =>
        new(name, OperandRole.Read, shape) { IsWanted = isWanted };

    /// <summary>An operand that is overwritten, perhaps in place of one that is read.</summary>
    public static Operand Overwritten(string name, Shape shape, bool isWanted = true, string? mayBe = null) =>
        new(name, OperandRole.Overwritten, shape) { IsWanted = isWanted, MayBe = mayBe };

    /// <summary>An operand that is added to.</summary>
    public static Operand Accumulated(string name, Shape shape) => new(name, OperandRole.Accumulated, shape);

    /// <summary>An operand whose new values follow from its old ones.</summary>
    public static Operand Updated(string name, Shape shape, bool isWanted = true) =>
        new(name, OperandRole.Updated, shape) { IsWanted = isWanted };
}
