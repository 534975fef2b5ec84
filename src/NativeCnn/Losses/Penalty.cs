using NativeCnn.Backends;
using NativeCnn.Backends.Operations;
using NativeCnn.Parameters;
using NativeCnn.Tensors;

namespace NativeCnn.Losses;

/// <summary>
/// A term that training adds to the loss for parameters, and whose gradient it adds to theirs. A penalty of one's own
/// declares an operation of its own with these operands: values (read), gradient (added to), sum (overwritten,
/// 1×1×1×1).
/// </summary>
public abstract class Penalty
{
    /// <summary>Whether the penalty is on a parameter; on filters and weights by default, not on biases.</summary>
    public virtual bool AppliesTo(Parameter parameter)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        return parameter is { Role: ParameterRole.Trained, IsBias: false };
    }

    /// <summary>The operation for a parameter of a shape.</summary>
    public abstract Operation Declare(Shape parameter);

    /// <summary>Writes the operation's scalars.</summary>
    public abstract void WriteScalars(Span<double> scalars);
}

/// <summary>
/// L2: strength / 2 · Σ w² with the gradient strength · w; L1: strength · Σ |w| with the gradient strength · sign(w).
/// </summary>
/// <remarks>Source: A. Krogh, J. Hertz, "A simple weight decay can improve generalization", 1992 (L2); R. Tibshirani,
/// "Regression shrinkage and selection via the lasso", 1996 (L1).</remarks>
/// <param name="kind">Which.</param>
/// <param name="strength">The strength, 0 or more.</param>
/// <exception cref="ArgumentOutOfRangeException">
/// There is no such norm, or the strength is below 0 or not finite as float32.
/// </exception>
public sealed class WeightPenalty(WeightPenaltyKind kind, double strength) : Penalty
{
    private readonly WeightPenaltyKind _kind = Enum.IsDefined(kind)
        ? kind
        : throw new ArgumentOutOfRangeException(nameof(kind), kind, "There is no such norm.");
    private readonly double _strength = NumberRange.AtLeastZero(strength, nameof(strength));

    /// <inheritdoc/>
    public override Operation Declare(Shape parameter) => new Backends.Operations.WeightPenalty(_kind, parameter);

    /// <inheritdoc/>
    public override void WriteScalars(Span<double> scalars)
    {
        if (scalars.Length != 1)
            throw new ArgumentException($"A penalty has 1 scalar; got room for {scalars.Length}.", nameof(scalars));
        scalars[0] = _strength;
    }
}

/// <summary>The penalties of one compiled network, with their kernels.</summary>
internal sealed class PreparedPenalties : IDisposable
{
    private readonly List<Term> _terms = [];
    private readonly Tensor _sum;

    /// <param name="backend">What computes.</param>
    /// <param name="penalties">The penalties.</param>
    /// <param name="slots">The parameters; those that a penalty is on have a stored gradient.</param>
    public PreparedPenalties(Backend backend, IReadOnlyList<Penalty> penalties, IReadOnlyList<ParameterSlot> slots)
    {
        if (penalties.Contains(null!))
            throw new ArgumentException("A penalty is null.", nameof(penalties));
        foreach (Penalty penalty in penalties)
        foreach (ParameterSlot slot in slots)
        {
            if (!penalty.AppliesTo(slot.Parameter))
                continue;
            Operation operation = penalty.Declare(slot.Parameter.Shape);
            _terms.Add(new Term(penalty, slot, backend.Prepare(operation), new double[operation.Scalars.Count]));
        }
        _sum = new Tensor(Shape.Vector(1, 1), backend.ElementType);
    }

    /// <summary>Adds every penalty's gradient, and returns the sum of the penalties.</summary>
    public double Evaluate()
    {
        using TensorHold hold = _sum.Hold();
        double sum = 0;
        foreach (Term term in _terms)
        {
            term.Penalty.WriteScalars(term.Scalars);
            term.Kernel.Run([term.Slot.Value, term.Slot.Gradient, _sum], term.Scalars);
            sum += _sum.Type == ElementType.Float64 ? _sum.AsSpan<double>()[0] : _sum.Span[0];
        }
        return sum;
    }

    public void Dispose() => _sum.Dispose();

    private sealed record Term(Penalty Penalty, ParameterSlot Slot, Kernel Kernel, double[] Scalars);
}
