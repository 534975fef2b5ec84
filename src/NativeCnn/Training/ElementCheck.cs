using NativeCnn.Parameters;
using NativeCnn.Tensors;

namespace NativeCnn.Training;

/// <summary>Compares the gradient of one element of a parameter with differences of a loss.</summary>
/// <param name="losses">The loss, in float64.</param>
/// <param name="step">The step h.</param>
/// <param name="tolerance">The relative error up to which they agree.</param>
internal sealed class ElementCheck(DifferentiableLoss losses, double step, double tolerance)
{
    // Roundings of 2⁻⁵² by which sums of a few losses may be off, of which an eighth must still be told from a kink.
    private const double Roundings = 128;
    private const double Rounding = 1.0 / (1L << 52);

    private readonly double _loss = losses.Evaluate();

    /// <summary>The difference quotient and how far the gradient is from it; null on a kink that says neither.</summary>
    /// <param name="slot">The parameter.</param>
    /// <param name="index">The element.</param>
    /// <param name="analytic">Its gradient.</param>
    /// <param name="smallest">What the error of an element near zero is relative to.</param>
    public (double Numeric, double RelativeError)? Compare(
        ParameterSlot slot,
        int index,
        double analytic,
        double smallest
    )
    {
        Quotients whole = QuotientsOf(slot, index, step);
        // Below its own rounding a difference says nothing.
        double roundingError = Roundings * Rounding * Math.Abs(_loss) / step;
        double size = Math.Max(
            Math.Max(Math.Abs(analytic), Math.Abs(whole.Central)),
            Math.Max(Math.Max(smallest, roundingError / tolerance), double.Epsilon)
        );
        double error = Math.Abs(analytic - whole.Central) / size;
        if (error <= tolerance || !double.IsFinite(error))
            return (whole.Central, error);
        // A kink that moves the central difference by the tolerance moves one of the two by an eighth of it at least,
        // wherever it lies between w − h and w + h.
        Quotients half = QuotientsOf(slot, index, step / 2);
        double allowed = tolerance * size / 8;
        bool isSmooth =
            Math.Abs(half.Central - whole.Central) <= allowed && Math.Abs(whole.Jump - 2 * half.Jump) <= allowed;
        if (isSmooth)
            return (whole.Central, error);
        double side = Math.Abs(analytic - half.Right) < Math.Abs(analytic - half.Left) ? half.Right : half.Left;
        double sideError = Math.Abs(analytic - side) / size;
        return sideError <= tolerance ? (side, sideError) : null;
    }

    private Quotients QuotientsOf(ParameterSlot slot, int index, double h)
    {
        using TensorHold hold = slot.Value.Hold();
        ref double value = ref slot.Value.AsSpan<double>()[index];
        double original = value;
        value = original + h;
        double above = losses.Evaluate();
        value = original - h;
        double below = losses.Evaluate();
        value = original;
        return new Quotients((above - _loss) / h, (_loss - below) / h);
    }

    // The differences to both sides.
    private readonly record struct Quotients(double Right, double Left)
    {
        public double Central => (Right + Left) / 2;

        public double Jump => Right - Left;
    }
}
