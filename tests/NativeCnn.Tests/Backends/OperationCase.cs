using NativeCnn.Backends;
using NativeCnn.Tensors;

namespace NativeCnn.Tests.Backends;

/// <summary>What an operation does with a tensor.</summary>
public enum Role
{
    /// <summary>Reads it and leaves it untouched.</summary>
    Input,

    /// <summary>Writes every element, whatever was there.</summary>
    Overwritten,

    /// <summary>Adds to what was there.</summary>
    Accumulated,

    /// <summary>Computes the new values from the old.</summary>
    Updated,
}

/// <summary>A tensor that an operation takes.</summary>
/// <param name="Name">As in <see cref="IBackend"/>.</param>
/// <param name="Role">What happens to it.</param>
/// <param name="Shape">Its sizes.</param>
/// <param name="Values">Fills it before the operation; unused for <see cref="Role.Overwritten"/>.</param>
/// <param name="Type">Its element type where that is not the backend's.</param>
public sealed record Operand(string Name, Role Role, Shape Shape, Filler Values, ElementType? Type = null);

/// <summary>Writes values that float32 represents exactly, so that backends of both types start from the same numbers.</summary>
public delegate void Filler(Random random, Span<double> values);

/// <summary>Calls the operation on its tensors, in the order of the operands; returns the loss where the operation has one.</summary>
public delegate double? OperationBody(IBackend backend, IReadOnlyList<Tensor> tensors);

/// <summary>One operation of <see cref="IBackend"/> at one geometry: a row of the registry.</summary>
/// <param name="Name">Unique: the operation, then the geometry.</param>
/// <param name="Operands">Its tensors.</param>
/// <param name="SumLength">
/// How many products an element of the result sums, which sets the tolerance between backends; 0 where they must agree exactly.
/// </param>
/// <param name="Body">Calls it.</param>
public sealed record OperationCase(string Name, IReadOnlyList<Operand> Operands, int SumLength, OperationBody Body)
{
    /// <summary>The operation's name in <see cref="IBackend"/>.</summary>
    public string Operation => Name[..Name.IndexOf(' ', StringComparison.Ordinal)];

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>The distributions that operands are drawn from.</summary>
internal static class Fillers
{
    /// <summary>Uniform between −1 and 1.</summary>
    public static readonly Filler Uniform = Between(-1, 1);

    /// <summary>Whole numbers from −2 to 2, so that windows have ties.</summary>
    public static readonly Filler WithTies = (random, values) =>
    {
        foreach (ref double value in values)
            value = random.Next(-2, 3);
    };

    public static Filler Between(float least, float greatest) =>
        (random, values) =>
        {
            foreach (ref double value in values)
                value = least + (greatest - least) * random.NextSingle();
        };

    /// <summary>What an activation can have put out; ReLU's zeros included.</summary>
    public static Filler OutputOf(Activation activation) =>
        activation.Kind switch
        {
            ActivationKind.Logistic => Between(0, 1),
            ActivationKind.ScaledTanh => Between(-activation.Alpha, activation.Alpha),
            ActivationKind.Relu => (random, values) =>
            {
                foreach (ref double value in values)
                    value = MathF.Max(0, 2 * random.NextSingle() - 1);
            },
            _ => Uniform,
        };

    /// <summary>Places of maxima that lie inside the image.</summary>
    public static Filler Places(PoolingGeometry g) =>
        (random, values) =>
        {
            int k = 0;
            for (int n = 0; n < g.Batch; n++)
            for (int y = 0; y < g.OutputHeight; y++)
            for (int x = 0; x < g.OutputWidth; x++)
            for (int c = 0; c < g.Channels; c++)
            {
                int top = y * g.StrideY - g.PadTop;
                int left = x * g.StrideX - g.PadLeft;
                int row = random.Next(Math.Max(top, 0), Math.Min(top + g.WindowHeight, g.Height));
                int column = random.Next(Math.Max(left, 0), Math.Min(left + g.WindowWidth, g.Width));
                values[k++] = (row - top) * g.WindowWidth + column - left;
            }
        };
}
