using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Native.Convolutions;
using NativeCnn.Interop;
using NativeCnn.Randomness;
using NativeCnn.Tensors;

namespace NativeCnn.Benchmarks;

/// <summary>
/// Checks the three passes of a convolution before they are timed: small ones against the managed backend, value by value, large ones
/// at sampled places against the sums of their definition in float64.
/// </summary>
internal static class ConvolutionCheck
{
    // Up to so many multiply-adds, the managed backend answers within a second.
    private const long MaxManagedMultiplyAdds = 100_000_000;

    // Products that are added for the samples of one pass: a fraction of a second.
    private const long SampledProducts = 10_000_000;
    private const int MinSamples = 16;
    private const int MaxSamples = 2_000;

    // Winograd's tiles of 64 points round several times more than those of 36 and than a plain sum.
    private const double LargeTilesTolerance = 5 * BenchmarkData.SumTolerance;

    /// <summary>Fails unless the results are right; the filter gradient was added to zeros.</summary>
    /// <param name="tensors">What the passes read and wrote.</param>
    /// <param name="plan">What computed them.</param>
    /// <exception cref="InvalidOperationException">A value is wrong; the message names the pass and the place.</exception>
    public static void Run(ConvolutionTensors tensors, ConvolutionPlan plan)
    {
        if (tensors.Geometry.MultiplyAdds <= MaxManagedMultiplyAdds)
            CompareWithManaged(tensors, plan);
        else
            CompareSamples(tensors, plan);
    }

    private static double ToleranceOf(string algorithm) =>
        algorithm.Contains(
            WinogradTiling.NameOf(nativecnn_winograd_kind.NATIVECNN_WINOGRAD_4X4_5X5),
            StringComparison.Ordinal
        )
            ? LargeTilesTolerance
            : BenchmarkData.SumTolerance;

    private static void CompareWithManaged(ConvolutionTensors actual, ConvolutionPlan computed)
    {
        ConvolutionGeometry g = actual.Geometry;
        using var managed = new ManagedBackend();
        using var expected = new ConvolutionTensors(g);
        ConvolutionPlan plan = managed.PlanConvolution(g);
        managed.ConvolutionForward(plan, actual.Input, actual.Filters, null, Activation.Identity, expected.Output);
        managed.ConvolutionBackwardData(plan, actual.OutputGradient, actual.Filters, expected.InputGradient);
        managed.ConvolutionBackwardFilter(plan, actual.Input, actual.OutputGradient, expected.FilterGradient);
        BenchmarkData.Check(expected.Output, actual.Output, g.Taps, "the forward pass", ToleranceOf(computed.Forward));
        BenchmarkData.Check(
            expected.InputGradient,
            actual.InputGradient,
            BackwardTerms(g),
            "the backward-data pass",
            ToleranceOf(computed.BackwardData)
        );
        BenchmarkData.Check(
            expected.FilterGradient,
            actual.FilterGradient,
            g.OutputPixels,
            "the backward-filter pass",
            ToleranceOf(computed.BackwardFilter)
        );
    }

    private static void CompareSamples(ConvolutionTensors t, ConvolutionPlan plan)
    {
        ConvolutionGeometry g = t.Geometry;
        Compare(t.Output, g.Taps, "the forward pass", plan.Forward, place => OutputAt(t, place));
        Compare(
            t.InputGradient,
            BackwardTerms(g),
            "the backward-data pass",
            plan.BackwardData,
            place => InputGradientAt(t, place)
        );
        Compare(
            t.FilterGradient,
            g.OutputPixels,
            "the backward-filter pass",
            plan.BackwardFilter,
            place => FilterGradientAt(t, place)
        );
    }

    // The first and last values, where borders are, and random ones.
    private static void Compare(Tensor actual, int terms, string pass, string algorithm, Func<int, double> expected)
    {
        int samples = (int)Math.Clamp(SampledProducts / terms, MinSamples, MaxSamples);
        var random = new RandomStream(7);
        for (int k = 0; k < samples; k++)
        {
            int place = k switch
            {
                0 => 0,
                1 => actual.Count - 1,
                _ => random.NextInt(actual.Count),
            };
            BenchmarkData.Check(
                expected(place),
                actual.Span[place],
                terms,
                $"{pass} at {place}",
                ToleranceOf(algorithm)
            );
        }
    }

    private static int BackwardTerms(in ConvolutionGeometry g) => g.Filters * g.KernelHeight * g.KernelWidth;

    // z[n,y,x,o] = Σ_{i,j,c} w[o,i,j,c] · x[n, y·s + i − p, x·s + j − p, c]
    private static double OutputAt(ConvolutionTensors t, int place)
    {
        ConvolutionGeometry g = t.Geometry;
        (int n, int y, int x, int o) = Split(place, g.Output);
        double sum = 0;
        for (int i = 0; i < g.KernelHeight; i++)
        for (int j = 0; j < g.KernelWidth; j++)
        {
            int row = y * g.StrideY + i - g.PadTop;
            int column = x * g.StrideX + j - g.PadLeft;
            if (row < 0 || row >= g.Height || column < 0 || column >= g.Width)
                continue;
            for (int c = 0; c < g.Channels; c++)
                sum += (double)At(t.Filters, o, i, j, c) * At(t.Input, n, row, column, c);
        }
        return sum;
    }

    // dx[n,h,v,c] = Σ_{o,i,j} w[o,i,j,c] · dz[n, (h − i + p)/s, (v − j + p)/s, o], where s divides.
    private static double InputGradientAt(ConvolutionTensors t, int place)
    {
        ConvolutionGeometry g = t.Geometry;
        (int n, int row, int column, int c) = Split(place, g.Input);
        double sum = 0;
        for (int i = 0; i < g.KernelHeight; i++)
        for (int j = 0; j < g.KernelWidth; j++)
        {
            (int y, int downRest) = Math.DivRem(row - i + g.PadTop, g.StrideY);
            (int x, int acrossRest) = Math.DivRem(column - j + g.PadLeft, g.StrideX);
            if (downRest != 0 || acrossRest != 0 || y < 0 || y >= g.OutputHeight || x < 0 || x >= g.OutputWidth)
                continue;
            for (int o = 0; o < g.Filters; o++)
                sum += (double)At(t.Filters, o, i, j, c) * At(t.OutputGradient, n, y, x, o);
        }
        return sum;
    }

    // dw[o,i,j,c] = Σ_{n,y,x} dz[n,y,x,o] · x[n, y·s + i − p, x·s + j − p, c]
    private static double FilterGradientAt(ConvolutionTensors t, int place)
    {
        ConvolutionGeometry g = t.Geometry;
        (int o, int i, int j, int c) = Split(place, g.FilterShape);
        double sum = 0;
        for (int n = 0; n < g.Batch; n++)
        for (int y = 0; y < g.OutputHeight; y++)
        for (int x = 0; x < g.OutputWidth; x++)
        {
            int row = y * g.StrideY + i - g.PadTop;
            int column = x * g.StrideX + j - g.PadLeft;
            if (row >= 0 && row < g.Height && column >= 0 && column < g.Width)
                sum += (double)At(t.OutputGradient, n, y, x, o) * At(t.Input, n, row, column, c);
        }
        return sum;
    }

    private static float At(Tensor tensor, int n, int y, int x, int c)
    {
        Shape shape = tensor.Shape;
        return tensor.Span[((n * shape.Height + y) * shape.Width + x) * shape.Channels + c];
    }

    private static (int N, int Y, int X, int C) Split(int place, Shape shape)
    {
        (int pixel, int c) = Math.DivRem(place, shape.Channels);
        (int line, int x) = Math.DivRem(pixel, shape.Width);
        (int n, int y) = Math.DivRem(line, shape.Height);
        return (n, y, x, c);
    }
}
