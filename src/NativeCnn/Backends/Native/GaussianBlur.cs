using System.Numerics;
using NativeCnn.Backends.Operations;

namespace NativeCnn.Backends.Native;

/// <summary>
/// Means over a Gaussian window and all maps. The window is a product of a row and a column, and so is its sum at a
/// border: a window of n×n takes 2n products.
/// </summary>
/// <remarks>The maps are one per example, small beside the example itself.</remarks>
internal sealed unsafe class GaussianBlur
{
    private readonly int _height;
    private readonly int _width;
    private readonly float[] _rowWeights;
    private readonly float[] _columnWeights;
    private readonly float[] _rowScales;
    private readonly float[] _columnScales;

    public GaussianBlur(GaussianWindow window, int height, int width, int channels)
    {
        (_height, _width) = (height, width);
        // No further than there are pixels.
        _rowWeights = Weights(window, height);
        _columnWeights = Weights(window, width);
        _rowScales =
        [
            .. Enumerable.Range(0, height).Select(y => (float)(1 / (window.SumInside(y, height) * channels))),
        ];
        _columnScales = [.. Enumerable.Range(0, width).Select(x => (float)(1 / window.SumInside(x, width)))];
    }

    /// <summary>The floats of scratch memory that a map takes: one more map, and a row with its borders.</summary>
    public long ScratchFloats => (long)_height * _width + _width + _columnWeights.Length;

    /// <summary>Sums over the channels become Σ_j K ∗ x_j.</summary>
    public void Average(float* map, float* scratch)
    {
        Blur(map, scratch);
        Scale(map);
    }

    /// <summary>The adjoint of <see cref="Average"/>.</summary>
    public void Spread(float* map, float* scratch)
    {
        Scale(map);
        Blur(map, scratch);
    }

    private static float[] Weights(GaussianWindow window, int length)
    {
        int radius = Math.Min(window.Radius, length - 1);
        return [.. Enumerable.Range(-radius, 2 * radius + 1).Select(distance => (float)window.Weight(distance))];
    }

    private void Scale(float* map)
    {
        for (int y = 0; y < _height; y++)
        {
            var row = new Span<float>(map + (long)y * _width, _width);
            for (int x = 0; x < row.Length; x++)
                row[x] *= _rowScales[y] * _columnScales[x];
        }
    }

    private void Blur(float* map, float* scratch)
    {
        float* padded = scratch + (long)_height * _width;
        int radius = _columnWeights.Length / 2;
        new Span<float>(padded, _width + 2 * radius).Clear();
        for (int y = 0; y < _height; y++)
        {
            long row = (long)y * _width;
            new ReadOnlySpan<float>(map + row, _width).CopyTo(new Span<float>(padded + radius, _width));
            Correlate(padded, 1, _columnWeights, scratch + row);
        }
        int reach = _rowWeights.Length / 2;
        for (int y = 0; y < _height; y++)
        {
            int first = Math.Max(0, y - reach);
            int count = Math.Min(_height - 1, y + reach) - first + 1;
            ReadOnlySpan<float> weights = _rowWeights.AsSpan(first - y + reach, count);
            Correlate(scratch + (long)first * _width, _width, weights, map + (long)y * _width);
        }
    }

    // result[x] = Σ_t weights[t] source[x + t step]
    private void Correlate(float* source, int step, ReadOnlySpan<float> weights, float* result)
    {
        int x = 0;
        for (; x <= _width - Vector<float>.Count; x += Vector<float>.Count)
        {
            Vector<float> sum = Vector<float>.Zero;
            float* place = source + x;
            foreach (float weight in weights)
            {
                sum += Vector.Load(place) * weight;
                place += step;
            }
            Vector.Store(sum, result + x);
        }
        for (; x < _width; x++)
        {
            float sum = 0;
            float* place = source + x;
            foreach (float weight in weights)
            {
                sum += *place * weight;
                place += step;
            }
            result[x] = sum;
        }
    }
}
