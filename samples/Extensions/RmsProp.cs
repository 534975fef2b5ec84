// An optimiser: it names the operation of a step and gives its scalars. What it keeps for each value is a state of
// the operation.
using NativeCnn.Backends;
using NativeCnn.Backends.Operations;
using NativeCnn.Optimizers;
using NativeCnn.Parameters;
using NativeCnn.Tensors;

namespace Extensions;

/// <summary>
/// RMSProp with learning rate η and smoothing α, as PyTorch defines it: v ← αv + (1 − α)g²; w ← w − η g / (√v + ε).
/// Tieleman and Hinton, "Lecture 6.5, RMSProp", Coursera 2012.
/// </summary>
public sealed class RmsProp : Optimizer
{
    public float Smoothing { get; set; } = 0.99f;

    public float Epsilon { get; set; } = 1e-8f;

    public override UpdateOperation Declare(Shape parameter) => new RmsPropUpdate(parameter);

    public override void WriteScalars(Parameter parameter, long step, Span<double> scalars)
    {
        scalars[0] = LearningRate * parameter.LearningRateFactor;
        scalars[1] = Smoothing;
        scalars[2] = Epsilon;
    }
}

/// <summary>A step of <see cref="RmsProp"/>.</summary>
public sealed class RmsPropUpdate(Shape shape)
    : UpdateOperation(sumLength: 4, shape, states: ["meanSquare"], scalars: ["learningRate", "smoothing", "epsilon"]);

internal sealed class RmsPropKernel(Backend backend, RmsPropUpdate operation) : PlainKernel(backend, operation)
{
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        ReadOnlySpan<T> g = Elements<T>(operands[0]);
        Span<T> v = Elements<T>(operands[1]);
        Span<T> w = Elements<T>(operands[2]);
        T rate = T.CreateTruncating(scalars[0]);
        T smoothing = T.CreateTruncating(scalars[1]);
        T epsilon = T.CreateTruncating(scalars[2]);
        for (int k = 0; k < w.Length; k++)
        {
            v[k] = smoothing * v[k] + (T.One - smoothing) * g[k] * g[k];
            w[k] -= rate * g[k] / (T.Sqrt(v[k]) + epsilon);
        }
    }
}
