using NativeCnn.Backends;
using NativeCnn.Tensors;

namespace NativeCnn.Tests.Backends;

/// <summary>A loss as a function of one tensor, and the gradient that the backward operations compute of it.</summary>
/// <param name="Name">Unique.</param>
/// <param name="Variable">The tensor's sizes.</param>
/// <param name="Values">Fills it, away from kinks.</param>
/// <param name="Loss">The loss.</param>
/// <param name="Gradient">Writes the gradient into a zeroed tensor, the last argument.</param>
internal sealed record GradientCase(
    string Name,
    Shape Variable,
    Filler Values,
    Func<IBackend, Tensor, double> Loss,
    Action<IBackend, Tensor, Tensor> Gradient
);

/// <summary>The rows of <see cref="OperationGradientTests"/>.</summary>
internal static class GradientCases
{
    /// <summary>−1 to 1 without the neighbourhood of 0, where ReLU has its kink.</summary>
    private static readonly Filler AwayFromZero = (random, values) =>
    {
        foreach (ref double value in values)
            value = (random.Next(2) == 0 ? -1 : 1) * (0.1 + 0.9 * random.NextDouble());
    };

    /// <summary>All different by far more than the step of the differences, so that no maximum changes its place.</summary>
    private static readonly Filler AllDifferent = (random, values) =>
    {
        for (int k = 0; k < values.Length; k++)
            values[k] = 0.01 * k;
        random.Shuffle(values);
    };

    public static IEnumerable<GradientCase> All => [.. Convolutions(), .. Dense(), .. Pooling(), .. Others()];

    private delegate void Forward(IBackend backend, Tensor x, Tensor y);

    private delegate void Backward(IBackend backend, Tensor x, Tensor y, Tensor dy, Tensor dx);

    private static IEnumerable<GradientCase> Convolutions()
    {
        // Differences take about a hundred forward passes.
        foreach (ConvolutionGeometry g in OperationCases.ConvolutionGeometries.Where(g => g.MultiplyAdds < 200_000))
        {
            Tensor x = Draw(g.Input);
            Tensor w = Draw(g.FilterShape);
            Tensor b = Draw(Shape.Vector(1, g.Filters));
            yield return OfOutput(
                $"ConvolutionBackwardData {g}",
                g.Input,
                Fillers.Uniform,
                g.Output,
                (k, v, y) => k.ConvolutionForward(k.PlanConvolution(g), v, w, b, Activation.Identity, y),
                (k, v, y, dy, dv) => k.ConvolutionBackwardData(k.PlanConvolution(g), dy, w, dv)
            );
            yield return OfOutput(
                $"ConvolutionBackwardFilter {g}",
                g.FilterShape,
                Fillers.Uniform,
                g.Output,
                (k, v, y) => k.ConvolutionForward(k.PlanConvolution(g), x, v, b, Activation.Identity, y),
                (k, v, y, dy, dv) => k.ConvolutionBackwardFilter(k.PlanConvolution(g), x, dy, dv)
            );
            yield return OfOutput(
                $"BiasBackward {g}",
                b.Shape,
                Fillers.Uniform,
                g.Output,
                (k, v, y) => k.ConvolutionForward(k.PlanConvolution(g), x, w, v, Activation.Identity, y),
                (k, v, y, dy, dv) => k.BiasBackward(dy, dv)
            );
        }
    }

    private static IEnumerable<GradientCase> Dense()
    {
        Shape input = new(3, 2, 3, 4);
        Shape output = new(3, 1, 1, 5);
        Shape[] weightShapes = [new(5, 2, 3, 4), new(5, 1, 1, 24)];
        foreach (Shape weights in weightShapes)
        {
            Tensor x = Draw(input);
            Tensor w = Draw(weights);
            Tensor b = Draw(Shape.Vector(1, 5));
            yield return OfOutput(
                $"DenseBackwardData {weights}",
                input,
                Fillers.Uniform,
                output,
                (k, v, y) => k.DenseForward(v, w, b, Activation.Identity, y),
                (k, v, y, dy, dv) => k.DenseBackwardData(dy, w, dv)
            );
            yield return OfOutput(
                $"DenseBackwardWeights {weights}",
                weights,
                Fillers.Uniform,
                output,
                (k, v, y) => k.DenseForward(x, v, b, Activation.Identity, y),
                (k, v, y, dy, dv) => k.DenseBackwardWeights(x, dy, dv)
            );
            yield return OfOutput(
                $"DenseForward with tanh, ActivationBackward and DenseBackwardWeights {weights}",
                weights,
                Fillers.Uniform,
                output,
                (k, v, y) => k.DenseForward(x, v, b, Activation.Tanh, y),
                (k, v, y, dy, dv) =>
                {
                    using Tensor sumGradient = new(output, ElementType.Float64);
                    k.ActivationBackward(Activation.Tanh, y, dy, sumGradient);
                    k.DenseBackwardWeights(x, sumGradient, dv);
                }
            );
        }
    }

    private static IEnumerable<GradientCase> Pooling()
    {
        foreach (PoolingGeometry g in OperationCases.PoolingGeometries.Where(g => g.Input.Count < 2000))
        {
            yield return OfOutput(
                $"MaxPoolingBackward {g}",
                g.Input,
                AllDifferent,
                g.Output,
                (k, v, y) => k.MaxPoolingForward(g, v, y, null),
                (k, v, y, dy, dv) =>
                {
                    using Tensor argmax = new(g.Output, g.IndexType);
                    k.MaxPoolingForward(g, v, y, argmax);
                    k.MaxPoolingBackward(g, dy, argmax, dv);
                }
            );
            foreach (bool countPadding in new[] { false, true })
            {
                PoolingGeometry average = OperationCases.CountingPadding(g, countPadding);
                yield return OfOutput(
                    $"AveragePoolingBackward {g}, padding {(countPadding ? "" : "not ")}counted",
                    g.Input,
                    Fillers.Uniform,
                    g.Output,
                    (k, v, y) => k.AveragePoolingForward(average, v, y),
                    (k, v, y, dy, dv) => k.AveragePoolingBackward(average, dy, dv)
                );
            }
        }
    }

    private static IEnumerable<GradientCase> Others()
    {
        Shape shape = new(3, 2, 2, 4);
        foreach (Activation f in OperationCases.Activations)
        {
            yield return OfOutput(
                $"ActivationBackward {f.Kind}",
                shape,
                AwayFromZero,
                shape,
                (k, v, y) => k.ActivationForward(f, v, y),
                (k, v, y, dy, dv) => k.ActivationBackward(f, y, dy, dv)
            );
        }
        Shape maps = new(2, 1, 2, 9);
        foreach (LocalResponseWindow w in OperationCases.LocalResponseWindows)
        {
            yield return OfOutput(
                $"LocalResponseNormBackward {w}",
                maps,
                Fillers.Uniform,
                maps,
                (k, v, y) => k.LocalResponseNormForward(w, v, y, null),
                (k, v, y, dy, dv) =>
                {
                    using Tensor scale = new(maps, ElementType.Float64);
                    k.LocalResponseNormForward(w, v, y, scale);
                    k.LocalResponseNormBackward(w, v, scale, dy, dv);
                }
            );
        }
        DropoutMask mask = new(7, 0.4f);
        yield return OfOutput(
            "DropoutApply",
            shape,
            Fillers.Uniform,
            shape,
            (k, v, y) => k.DropoutApply(mask, v, y),
            (k, v, y, dy, dv) => k.DropoutApply(mask, dy, dv)
        );
        yield return OfOutput(
            "SoftmaxBackward",
            shape,
            Fillers.Uniform,
            shape,
            (k, v, y) => k.SoftmaxForward(v, y),
            (k, v, y, dy, dv) => k.SoftmaxBackward(y, dy, dv)
        );
        const double Scale = 0.3;
        Shape logits = Shape.Vector(4, 5);
        int[] labels = [2, 0, 4];
        yield return new(
            "SoftmaxCrossEntropy",
            logits,
            Fillers.Between(-3, 3),
            (k, v) => Scale * k.SoftmaxCrossEntropy(v, labels, 1, null),
            (k, v, dv) => k.SoftmaxCrossEntropy(v, labels, Scale, dv)
        );
        Tensor targets = Draw(shape);
        foreach (double factor in new[] { 0.5, 1 })
        {
            yield return new(
                $"SquaredError, factor {factor}",
                shape,
                Fillers.Uniform,
                (k, v) => Scale * k.SquaredError(v, targets, 2, factor, 1, null),
                (k, v, dv) => k.SquaredError(v, targets, 2, factor, Scale, dv)
            );
        }
    }

    /// <summary>The loss Σ r · y for a fixed random r, whose gradient with respect to y is r.</summary>
    private static GradientCase OfOutput(
        string name,
        Shape variable,
        Filler values,
        Shape output,
        Forward forward,
        Backward backward
    )
    {
        Tensor r = Draw(output);
        return new(
            name,
            variable,
            values,
            (backend, x) =>
            {
                using Tensor y = new(output, ElementType.Float64);
                forward(backend, x, y);
                double sum = 0;
                for (int k = 0; k < y.Count; k++)
                    sum += r.AsSpan<double>()[k] * y.AsSpan<double>()[k];
                return sum;
            },
            (backend, x, dx) =>
            {
                using Tensor y = new(output, ElementType.Float64);
                forward(backend, x, y);
                backward(backend, x, y, r, dx);
            }
        );
    }

    private static Tensor Draw(Shape shape)
    {
        Tensor tensor = new(shape, ElementType.Float64);
        Fillers.Uniform(new Random(shape.Count), tensor.AsSpan<double>());
        return tensor;
    }
}
