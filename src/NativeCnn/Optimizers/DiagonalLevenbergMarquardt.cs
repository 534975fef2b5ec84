using NativeCnn.Backends.Operations;
using NativeCnn.Parameters;
using NativeCnn.Tensors;

namespace NativeCnn.Optimizers;

/// <summary>
/// The stochastic diagonal Levenberg–Marquardt method: w ← w − η/(h + μ) (g + λw), h the second derivative of the loss
/// by this weight, so that each weight has a rate of its own: short steps where the loss is strongly curved, long ones
/// where it is flat, and none above η/μ.
/// </summary>
/// <remarks>
/// <para>
/// Source: Y. LeCun, L. Bottou, G. Orr, K.-R. Müller, "Efficient BackProp", 1998, sections 7 to 9; LeCun, Bottou,
/// Bengio, Haffner, "Gradient-based learning applied to document recognition", 1998, appendix C.
/// </para>
/// <para>
/// h is the diagonal in the Gauss–Newton approximation, which leaves out f'' and is never negative. Back through a
/// unit y = f(a), a_i = Σ_j w_ij x_j + b_i: h(a) = f'(a)² h(y), h(x_j) = Σ_i w_ij² h(a_i), h(w_ij) = h(a_i) x_j², and
/// of a shared weight the sum of that over its uses, as in appendix C; the mean over examples. Every layer of the
/// networks of 1989 and 1998 propagates it; others, and losses without it, are refused by name when the training step
/// is made.
/// </para>
/// <para>
/// A trainer estimates h before each epoch on <see cref="SampleCount"/> examples, as appendix C does, which costs
/// little as the derivatives change slowly. The running average is over these estimates: h ← γ h + (1 − γ) h_sample,
/// the first as it is. A training step before any estimate makes one from its own batch. A network that is compiled
/// with this optimiser and used without either has h = 0: all rates are η/μ.
/// </para>
/// <para>
/// LeNet-5's η, one example per step, is 0.0005 for two passes, 0.0002 for three, 0.0001 for three, 0.00005 for four,
/// then 0.00001: the default <see cref="Optimizer.LearningRate"/> and the milestones (2, 0.4), (5, 0.2), (8, 0.1) and
/// (12, 0.02) of a schedule. The mean gradient of a larger batch takes a larger η.
/// </para>
/// </remarks>
public sealed class DiagonalLevenbergMarquardt : Optimizer
{
    /// <summary>The method with the paper's first η, 0.0005.</summary>
    public DiagonalLevenbergMarquardt() => LearningRate = 5e-4f;

    /// <summary>μ, above 0, which keeps the rate finite where the loss is flat; 0.02, LeNet-5's, by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not above 0, or not finite.</exception>
    public float Damping
    {
        get;
        set => field = NumberRange.AboveZero(value);
    } = 0.02f;

    /// <summary>
    /// γ, 0 ≤ γ &lt; 1: what part of the running average a new estimate keeps; 0.5 by default. With 0 only the last
    /// estimate counts, as in the papers' experiments; the γ of "Efficient BackProp" is 1 less this.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is outside that.</exception>
    public float Smoothing
    {
        get;
        set => field = NumberRange.BelowOne(value);
    } = 0.5f;

    /// <summary>
    /// Examples of an estimate, 1 or more; 500 by default, as in the paper. A smaller training set is used whole.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    public int SampleCount
    {
        get;
        set => field = NumberRange.Count(value);
    } = 500;

    /// <summary>λ, 0 or more; 0 by default. A parameter's own factor multiplies it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 0 or not finite.</exception>
    public float WeightDecay
    {
        get;
        set => field = NumberRange.AtLeastZero(value);
    }

    /// <inheritdoc/>
    public override UpdateOperation Declare(Shape parameter) => new DiagonalLevenbergMarquardtUpdate(parameter);

    /// <inheritdoc/>
    public override void WriteScalars(Parameter parameter, long step, Span<double> scalars)
    {
        Check(parameter, scalars, 3);
        scalars[0] = LearningRate * parameter.LearningRateFactor;
        scalars[1] = Damping;
        scalars[2] = WeightDecay * parameter.WeightDecayFactor;
    }
}
