namespace NativeCnn.Verification;

/// <summary>How far one backend is from the reference in one tensor that an operation writes.</summary>
/// <param name="Backend">The backend.</param>
/// <param name="Algorithm">How it computes the operation; empty where there is but one way.</param>
/// <param name="Step">The step with the worst difference, from 1.</param>
/// <param name="Worst">That difference: expected is the reference's value, actual the backend's.</param>
/// <param name="FirstBeyond">The first step that differs by more than is allowed; null if none does.</param>
/// <remarks>
/// Every operation reads the same values on every backend: those of the reference. One unit of a tensor is what
/// rounding makes of it: the largest change of an element when each value that the operation reads moves to a
/// neighbouring float or stays, at random, on the reference; at least one rounding (2⁻²⁴) of the tensor's largest value;
/// and √n/8 times that for a sum of n &gt; 64 terms, which is rounded at each. An algorithm that says of itself that it
/// rounds more than a plain sum (<see cref="Backends.Kernel.RoundingsPerProduct"/>: Winograd's) is allowed as many times
/// more units. What no backend may round, such as the places of maxima, has to be the same.
/// </remarks>
public sealed record TensorDifference(string Backend, string Algorithm, int Step, TensorCheck Worst, int? FirstBeyond);

/// <summary>A tensor that an operation of the network writes, on every backend but the reference.</summary>
/// <param name="Layer">The layer that asked for the operation; empty where it belongs to none, as the loss.</param>
/// <param name="Operation">The operation's name, such as <c>ConvolutionBackwardFilter</c>.</param>
/// <param name="Pass">What it is to a training step, such as <c>backward-filter</c>.</param>
/// <param name="Tensor">The operand's name.</param>
/// <param name="Algorithm">How the reference computes it; empty where there is but one way.</param>
/// <param name="Differences">One for each backend after the reference.</param>
public sealed record ComparedTensor(
    string Layer,
    string Operation,
    string Pass,
    string Tensor,
    string Algorithm,
    IReadOnlyList<TensorDifference> Differences
);

/// <summary>The losses of one backend that trains by itself, from the same parameters on the same batches.</summary>
/// <param name="Backend">The backend.</param>
/// <param name="Losses">The mean loss of each step; fewer than there are steps where one was not finite.</param>
/// <param name="WorstShare">The largest difference from the reference's loss, as a share of that; 0 for the reference.</param>
/// <param name="FirstBeyond">The first step, from 1, whose loss differs by more than is allowed; null if none does.</param>
public sealed record LossCurve(string Backend, IReadOnlyList<double> Losses, double WorstShare, int? FirstBeyond);

/// <summary>What <see cref="BackendComparison"/> found.</summary>
/// <param name="Tensors">Every tensor that an operation writes, in the order of a step.</param>
/// <param name="Curves">The losses, the reference's first.</param>
/// <param name="AllowedUnits">What was allowed for a tensor.</param>
/// <param name="AllowedLossShare">What was allowed for a loss.</param>
public sealed record ComparisonResult(
    IReadOnlyList<ComparedTensor> Tensors,
    IReadOnlyList<LossCurve> Curves,
    double AllowedUnits,
    double AllowedLossShare
)
{
    /// <summary>Whether everything was within what is allowed.</summary>
    public bool Passed => FirstDifference is null && FirstLossDifference is null;

    /// <summary>Where an operation first differs by more than is allowed: the earliest step, then the earliest tensor.</summary>
    public (ComparedTensor Tensor, TensorDifference Difference)? FirstDifference =>
        Pairs
            .Where(pair => pair.Difference.FirstBeyond is not null)
            .OrderBy(pair => pair.Difference.FirstBeyond)
            .Select(pair => ((ComparedTensor, TensorDifference)?)pair)
            .FirstOrDefault();

    /// <summary>The backend whose loss first differs by more than is allowed; null if none does.</summary>
    public LossCurve? FirstLossDifference =>
        Curves.Where(curve => curve.FirstBeyond is not null).MinBy(curve => curve.FirstBeyond);

    /// <summary>The tensor that comes nearest to what is allowed, or exceeds it most.</summary>
    public (ComparedTensor Tensor, TensorDifference Difference) Worst =>
        Pairs.MaxBy(pair => pair.Difference.Worst is { Error: > 0 } worst ? worst.Error / worst.Allowed : 0);

    private IEnumerable<(ComparedTensor Tensor, TensorDifference Difference)> Pairs =>
        Tensors.SelectMany(tensor => tensor.Differences.Select(difference => (tensor, difference)));
}
