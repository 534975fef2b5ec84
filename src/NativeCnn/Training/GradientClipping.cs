using NativeCnn.Backends;
using NativeCnn.Backends.Operations;
using NativeCnn.Parameters;
using NativeCnn.Tensors;

namespace NativeCnn.Training;

/// <summary>How gradients are kept small before an optimiser's step. NaN is not swallowed.</summary>
public sealed class GradientClipping
{
    private GradientClipping(bool isByNorm, double limit)
    {
        IsByNorm = isByNorm;
        Limit = limit;
    }

    /// <summary>Whether all gradients together are limited; if not, each of their values is.</summary>
    public bool IsByNorm { get; }

    /// <summary>The largest norm, or the largest absolute value.</summary>
    public double Limit { get; }

    /// <summary>
    /// Where the norm of all gradients together, √Σ g² over all parameters, is larger than a limit, all are multiplied
    /// by limit / (norm + 10⁻⁶), as PyTorch's clip_grad_norm_ does. Of a norm that is NaN all become NaN; an infinite
    /// value becomes NaN and the others 0.
    /// </summary>
    /// <param name="limit">Finite as float32 and above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The limit is not.</exception>
    public static GradientClipping ByNorm(double limit) =>
        new(isByNorm: true, NumberRange.AboveZeroAsSingle(limit, nameof(limit)));

    /// <summary>
    /// Each value is limited to ±limit, as PyTorch's clip_grad_value_ does; NaN stays NaN, and infinity becomes the
    /// limit.
    /// </summary>
    /// <param name="limit">Finite as float32 and above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The limit is not.</exception>
    public static GradientClipping ByValue(double limit) =>
        new(isByNorm: false, NumberRange.AboveZeroAsSingle(limit, nameof(limit)));
}

/// <summary>What is done to all stored gradients of a compiled network between backward pass and step.</summary>
internal sealed class PreparedGradients : IDisposable
{
    // As PyTorch has it.
    private const double SmallestNorm = 1e-6;

    private readonly GradientClipping? _clipping;
    private readonly List<Term> _terms = [];
    private readonly Tensor _norm;

    /// <param name="backend">What computes.</param>
    /// <param name="clipping">How gradients are kept small; null for not at all.</param>
    /// <param name="slots">The parameters, whose gradients are stored.</param>
    public PreparedGradients(Backend backend, GradientClipping? clipping, IReadOnlyList<ParameterSlot> slots)
    {
        _clipping = clipping;
        foreach (Tensor gradient in slots.Select(slot => slot.Gradient).OfType<Tensor>())
        {
            Shape shape = gradient.Shape;
            Kernel? norm = clipping is { IsByNorm: true } ? backend.Prepare(new GradientNorm(shape)) : null;
            Kernel? clamp = clipping is { IsByNorm: false } ? backend.Prepare(new GradientClamp(shape)) : null;
            _terms.Add(new Term(gradient, backend.Prepare(new GradientScaling(shape)), norm, clamp));
        }
        _norm = new Tensor(Shape.Vector(1, 1), backend.ElementType);
    }

    /// <summary>Multiplies all gradients.</summary>
    public void Scale(double factor)
    {
        foreach (Term term in _terms)
            term.Scaling.Run([term.Gradient], [factor]);
    }

    /// <summary>Keeps them small, if that is wanted.</summary>
    public void Clip()
    {
        if (_clipping is { IsByNorm: true })
        {
            double norm = Norm();
            // Also of a NaN.
            if (!(norm <= _clipping.Limit))
                Scale(_clipping.Limit / (norm + SmallestNorm));
        }
        else if (_clipping is not null)
        {
            foreach (Term term in _terms)
                term.Clamp!.Run([term.Gradient], [_clipping.Limit]);
        }
    }

    public void Dispose() => _norm.Dispose();

    private double Norm()
    {
        using TensorHold hold = _norm.Hold();
        double sum = 0;
        foreach (Term term in _terms)
        {
            term.Norm!.Run([term.Gradient, _norm], []);
            double norm = _norm.Type == ElementType.Float64 ? _norm.AsSpan<double>()[0] : _norm.Span[0];
            sum += norm * norm;
        }
        return Math.Sqrt(sum);
    }

    private sealed record Term(Tensor Gradient, Kernel Scaling, Kernel? Norm, Kernel? Clamp);
}
