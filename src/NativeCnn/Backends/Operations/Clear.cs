using NativeCnn.Tensors;

namespace NativeCnn.Backends.Operations;

/// <summary>x = 0, element by element: before something is added up in an intermediate result.</summary>
/// <param name="shape">N×H×W×C.</param>
public sealed class Clear(Shape shape) : Operation("clear", 0, [Operand.Overwritten("values", shape)]);
