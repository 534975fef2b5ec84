using NativeCnn.Backends.Operations;

namespace NativeCnn.Backends.Managed;

/// <summary>Means over a Gaussian window and all maps, window by window.</summary>
internal static class GaussianMeans
{
    /// <summary>Σ_j K ∗ x_j at each pixel, from the sums over the channels.</summary>
    public static double[] Of(GaussianWindow window, double[] sums, int height, int width, int channels)
    {
        var means = new double[sums.Length];
        Visit(window, height, width, (to, from, weight) => means[to] += weight / channels * sums[from]);
        return means;
    }

    /// <summary>The adjoint of <see cref="Of"/>.</summary>
    public static double[] Adjoint(GaussianWindow window, double[] means, int height, int width, int channels)
    {
        var sums = new double[means.Length];
        Visit(window, height, width, (to, from, weight) => sums[from] += weight / channels * means[to]);
        return sums;
    }

    private static void Visit(GaussianWindow window, int height, int width, Action<int, int, double> visit)
    {
        for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
        {
            double inside = window.SumInside(y, height) * window.SumInside(x, width);
            for (int i = Math.Max(0, y - window.Radius); i <= Math.Min(height - 1, y + window.Radius); i++)
            for (int j = Math.Max(0, x - window.Radius); j <= Math.Min(width - 1, x + window.Radius); j++)
                visit(y * width + x, i * width + j, window.Weight(i - y) * window.Weight(j - x) / inside);
        }
    }
}
