using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Operations;
using NativeCnn.Losses;
using NativeCnn.Networks;
using NativeCnn.Parameters;
using NativeCnn.Randomness;
using NativeCnn.Tensors;

namespace NativeCnn.Training;

/// <summary>
/// Compares back-propagated gradients with central differences, (L(w + h) − L(w − h)) / 2h ([004] §4.4), of any network
/// and any loss, on any backend. Differences are always taken in float64.
/// </summary>
/// <remarks>
/// <para>
/// At a kink, such as those of ReLU and max pooling, central differences mean nothing. A gradient that disagrees with
/// them is therefore looked at again: the differences to both sides, D₊ = (L(w + h) − L(w)) / h and D₋, are taken with h
/// and h/2. Where the loss is smooth, D₊ − D₋ halves with the step and the central differences stay as they are; where
/// it does neither, there is a kink. A gradient at a kink is right if it is that of one side; if it is neither's, as
/// where several kinks meet, the element is left out and counted.
/// </para>
/// <para>
/// A wrong gradient cannot hide so: whether there is a kink is decided by the losses alone, and where most elements of a
/// parameter are left out, the result is not right (<see cref="GradientCheckResult.IsRight"/>).
/// </para>
/// </remarks>
public static class GradientCheck
{
    /// <summary>
    /// The step h for float64: its truncation error (h²) and rounding error (1e-16/h) are both far below 1e-7.
    /// </summary>
    public const double DefaultStep = 1e-6;

    /// <summary>
    /// The step h for float32: more than a float32 activation is off by, so that one which rounding puts on the other
    /// side of a kink counts as being on it. Its truncation error is 1e-8.
    /// </summary>
    public const double Float32Step = 1e-4;

    /// <summary>The relative error up to which a gradient in float64 is right: what differences are off by.</summary>
    public const double DefaultTolerance = 1e-5;

    /// <summary>
    /// The relative error up to which a gradient in float32 is right: sums are off by up to some 300 roundings of 2⁻²⁴
    /// a layer (Winograd), 2e-5 of a parameter's largest gradients, and those a hundredth as large are off by as much.
    /// </summary>
    public const double Float32Tolerance = 1e-2;

    // An element near zero is judged by the size of its neighbours: its own digits are rounding.
    private const double SmallestOfScale = 1e-2;

    /// <summary>Checks each parameter that is trained.</summary>
    /// <param name="network">Any network with one output; it is not changed, but must not be used meanwhile.</param>
    /// <param name="loss">Any loss.</param>
    /// <param name="input">A batch of inputs, float32 N×H×W×C.</param>
    /// <param name="labels">A class index per example, at most N.</param>
    /// <param name="elements">
    /// How many elements of each parameter are checked, 1 or more; drawn with a fixed seed where it has more.
    /// </param>
    /// <param name="step">
    /// The step h; null for <see cref="DefaultStep"/>, or <see cref="Float32Step"/> where the backend computes in
    /// float32.
    /// </param>
    /// <param name="backend">
    /// Whose gradients are checked: the managed backend in float64 if null. One that computes in float32, such as the
    /// native backend, is held against differences in float64, to <see cref="Float32Tolerance"/>.
    /// </param>
    /// <param name="differences">
    /// What computes the differences, in float64; <paramref name="backend"/> itself where that does, otherwise the
    /// managed backend. Needed to check float32 operations of one's own: a <see cref="CompositeBackend"/> that has them
    /// in float64.
    /// </param>
    /// <exception cref="ArgumentException">
    /// A number is out of range, the differences would not be in float64, or the network has several outputs.
    /// </exception>
    /// <exception cref="NotSupportedException">A backend lacks a kernel; the message names it.</exception>
    public static GradientCheckResult Run(
        Network network,
        Loss loss,
        Tensor input,
        ReadOnlySpan<int> labels,
        int elements = 50,
        double? step = null,
        Backend? backend = null,
        Backend? differences = null
    )
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(loss);
        ArgumentNullException.ThrowIfNull(input);
        NumberRange.Count(elements, nameof(elements));
        Evaluator.CheckOneOutput(network);
        bool isFloat32 = backend?.ElementType == ElementType.Float32;
        double h = NumberRange.AboveZero(step ?? (isFloat32 ? Float32Step : DefaultStep), nameof(step));
        double tolerance = isFloat32 ? Float32Tolerance : DefaultTolerance;
        using var managed = new ManagedBackend(ElementType.Float64);
        differences ??= isFloat32 ? managed : backend ?? managed;
        if (differences.ElementType != ElementType.Float64)
            throw new ArgumentException(
                $"Differences are taken in Float64; the backend '{differences.Name}' computes in {differences.ElementType}.",
                nameof(differences)
            );
        double[][] gradients;
        using (var losses = new DifferentiableLoss(network, loss, input, labels, backend ?? differences))
            gradients = losses.Gradients();
        using (var losses = new DifferentiableLoss(network, loss, input, labels, differences, wantsGradient: false))
        {
            var check = new ElementCheck(losses, h, tolerance);
            return new GradientCheckResult(
                [.. losses.Trained.Zip(gradients, (slot, gradient) => Check(check, slot, gradient, elements))],
                tolerance
            );
        }
    }

    private static ParameterGradientError Check(ElementCheck check, ParameterSlot slot, double[] gradient, int elements)
    {
        int[] indices = Sample(gradient.Length, elements);
        double smallest = SmallestOfScale * indices.Max(i => Math.Abs(gradient[i]));
        var error = new ParameterGradientError(slot.Parameter.Name, 0, 0, 0, indices[0], gradient[indices[0]], 0);
        foreach (int index in indices)
        {
            double analytic = gradient[index];
            error = check.Compare(slot, index, analytic, smallest) is (double numeric, double relative)
                ? WithChecked(error, relative, index, analytic, numeric)
                : error with
                {
                    LeftOut = error.LeftOut + 1,
                };
        }
        return error;
    }

    private static ParameterGradientError WithChecked(
        ParameterGradientError error,
        double relative,
        int index,
        double analytic,
        double numeric
    )
    {
        bool isFirst = error.Checked == 0;
        error = error with { Checked = error.Checked + 1 };
        // NaN is the worst, and stays it.
        return !isFirst && (relative <= error.WorstRelativeError || double.IsNaN(error.WorstRelativeError))
            ? error
            : error with
            {
                WorstRelativeError = relative,
                Index = index,
                Analytic = analytic,
                Numeric = numeric,
            };
    }

    private static int[] Sample(int count, int elements)
    {
        int[] indices = [.. Enumerable.Range(0, count)];
        if (count <= elements)
            return indices;
        new RandomStream(1).Shuffle(indices);
        return indices[..elements];
    }
}
