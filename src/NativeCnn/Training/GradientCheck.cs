using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Layers;
using NativeCnn.Losses;
using NativeCnn.Networks;
using NativeCnn.Parameters;
using NativeCnn.Randomness;
using NativeCnn.Tensors;

namespace NativeCnn.Training;

/// <summary>How far a parameter's gradient is from its central differences.</summary>
/// <param name="Parameter">The parameter's name.</param>
/// <param name="WorstRelativeError">
/// The largest |analytic − numeric| / max(|analytic|, |numeric|, a thousandth of the largest) of the checked elements.
/// </param>
/// <param name="Index">The element where it is largest.</param>
/// <param name="Analytic">The gradient there by back-propagation.</param>
/// <param name="Numeric">The gradient there by central differences.</param>
public sealed record ParameterGradientError(
    string Parameter,
    double WorstRelativeError,
    int Index,
    double Analytic,
    double Numeric
);

/// <summary>
/// Compares back-propagated gradients with central differences, (L(w + h) − L(w − h)) / 2h, in float64, on the
/// managed backend unless another is given ([004] §4.4). Works for any network and any loss.
/// </summary>
/// <remarks>
/// At the kinks of ReLU and max pooling no step size is right; an element whose two evaluations fall on different sides
/// of one shows as an error. Random inputs rarely meet one at h = 1e-6.
/// </remarks>
public static class GradientCheck
{
    /// <summary>
    /// The step h: in float64 its truncation error (h²) and rounding error (1e-16/h) are both far below 1e-7.
    /// </summary>
    public const double DefaultStep = 1e-6;

    /// <summary>The worst relative error of each parameter that is trained, in the network's order.</summary>
    /// <param name="network">Any network; it is not changed.</param>
    /// <param name="loss">Any loss.</param>
    /// <param name="input">A batch of inputs, float32 N×H×W×C.</param>
    /// <param name="labels">A class index per example, at most N.</param>
    /// <param name="elements">
    /// How many elements of each parameter are checked; drawn with a fixed seed where it has more.
    /// </param>
    /// <param name="step">The step h.</param>
    /// <param name="backend">
    /// What computes, in float64: where operations of one's own are used, a <see cref="CompositeBackend"/> that has
    /// them. The managed backend if null.
    /// </param>
    /// <exception cref="ArgumentException">
    /// The backend does not compute in float64, or the network has several outputs.
    /// </exception>
    public static IReadOnlyList<ParameterGradientError> Run(
        Network network,
        Loss loss,
        Tensor input,
        ReadOnlySpan<int> labels,
        int elements = 50,
        double step = DefaultStep,
        Backend? backend = null
    )
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(loss);
        ArgumentNullException.ThrowIfNull(input);
        Evaluator.CheckOneOutput(network);
        using var managed = new ManagedBackend(ElementType.Float64);
        backend ??= managed;
        if (backend.ElementType != ElementType.Float64)
            throw new ArgumentException(
                $"Gradients are checked in Float64; the backend '{backend.Name}' computes in {backend.ElementType}.",
                nameof(backend)
            );
        using CompiledNetwork compiled = network.Compile(backend, input.Shape.BatchSize, Phase.Training);
        using PreparedLoss prepared = loss.Prepare(backend, compiled.Output.Shape);
        using var wide = new Tensor(input.Shape, ElementType.Float64);
        input.CopyTo(wide);

        // Differences come first: dropout draws a new mask after each backward pass.
        var sampled = new List<(int[] Indices, double[] Numeric)>();
        ParameterSlot[] slots = [.. compiled.Parameters.Where(slot => slot.Parameter.Role == ParameterRole.Trained)];
        foreach (ParameterSlot slot in slots)
        {
            int[] indices = Sample(slot.Value.Count, elements);
            double[] numeric = new double[indices.Length];
            for (int i = 0; i < indices.Length; i++)
            {
                ref double value = ref slot.Value.AsSpan<double>()[indices[i]];
                double original = value;
                value = original + step;
                double above = LossOf(compiled, prepared, wide, labels);
                value = original - step;
                double below = LossOf(compiled, prepared, wide, labels);
                value = original;
                numeric[i] = (above - below) / (2 * step);
            }
            sampled.Add((indices, numeric));
        }

        compiled.ZeroGradients();
        LossOf(compiled, prepared, wide, labels);
        compiled.Backward();
        return [.. slots.Zip(sampled, (slot, s) => Worst(slot, s.Indices, s.Numeric))];
    }

    private static double LossOf(CompiledNetwork compiled, PreparedLoss loss, Tensor input, ReadOnlySpan<int> labels)
    {
        compiled.Forward(input);
        return loss.Evaluate(compiled.Output, Targets.Classes(labels), 1, compiled.OutputGradient);
    }

    private static int[] Sample(int count, int elements)
    {
        int[] indices = [.. Enumerable.Range(0, count)];
        if (count <= elements)
            return indices;
        new RandomStream(1).Shuffle(indices);
        return indices[..elements];
    }

    private static ParameterGradientError Worst(ParameterSlot slot, int[] indices, double[] numeric)
    {
        ReadOnlySpan<double> gradient = slot.Gradient!.AsSpan<double>();
        // An element near zero is judged by the size of its neighbours: its own digits are rounding.
        double scale = 1e-300;
        foreach (int index in indices)
            scale = Math.Max(scale, Math.Abs(gradient[index]));
        var worst = new ParameterGradientError(slot.Parameter.Name, 0, indices[0], gradient[indices[0]], numeric[0]);
        for (int i = 0; i < indices.Length; i++)
        {
            double analytic = gradient[indices[i]];
            double size = Math.Max(Math.Max(Math.Abs(analytic), Math.Abs(numeric[i])), 1e-3 * scale);
            double error = Math.Abs(analytic - numeric[i]) / size;
            // Written so that NaN counts as the worst.
            if (!(error <= worst.WorstRelativeError))
                worst = worst with
                {
                    WorstRelativeError = error,
                    Index = indices[i],
                    Analytic = analytic,
                    Numeric = numeric[i],
                };
        }
        return worst;
    }
}
