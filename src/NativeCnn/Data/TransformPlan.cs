using System.Numerics;
using NativeCnn.Randomness;
using NativeCnn.Tensors;

namespace NativeCnn.Data;

/// <summary>An <see cref="ExampleTransform"/> for examples of one shape; any number of threads may use it.</summary>
internal sealed class TransformPlan
{
    // Of the places of scattered examples: data, and not part of a training's randomness.
    private const ulong ScatterSeed = 3;

    private const int LongestPeriod = 256;

    private readonly ExampleTransform _transform;
    private readonly Shape _source;
    private readonly AreaMean[] _rows;
    private readonly AreaMean[] _columns;
    private readonly int _width;
    private readonly float[] _factors;
    private readonly float[] _offsets;
    private readonly float[] _background;

    public TransformPlan(ExampleTransform transform, Shape source)
    {
        _transform = transform;
        _source = source;
        Output = transform.OutputOf(source);
        _rows = AreaMean.OfAxis(source.Height, transform.Side ?? source.Height);
        _columns = AreaMean.OfAxis(source.Width, transform.Side ?? source.Width);
        _width = _columns.Length + 2 * transform.BorderColumns;
        _factors = new float[source.Channels];
        _offsets = new float[source.Channels];
        _background = new float[source.Channels];
        for (int channel = 0; channel < source.Channels; channel++)
        {
            (float black, float white) = transform.Normalization is { } n
                ? (-n.Means[channel] / n.Deviations[channel], (1 - n.Means[channel]) / n.Deviations[channel])
                : (transform.Background, transform.Ink);
            bool keepsValues = transform.Normalization is null && transform.KeepsValues;
            _factors[channel] = keepsValues ? 1 : (white - black) * GreyScale.Deviation;
            _offsets[channel] = keepsValues ? 0 : black + (white - black) * GreyScale.Mean;
            _background[channel] = black;
        }
    }

    /// <summary>The shape of a result.</summary>
    public Shape Output { get; }

    /// <summary>Whether every value becomes another by its channel alone, where it is.</summary>
    public bool IsPointwise => Output == _source;

    /// <summary>Changes the values of an example where they are, if <see cref="IsPointwise"/>.</summary>
    public void ApplyInPlace(Span<float> values)
    {
        // As many whole pixels as fill whole vectors.
        int channels = _factors.Length;
        int width = Vector<float>.Count;
        int period = channels * width;
        Span<float> rest = values;
        if (period <= LongestPeriod && values.Length >= period)
        {
            Span<float> factors = stackalloc float[LongestPeriod];
            Span<float> offsets = stackalloc float[LongestPeriod];
            for (int k = 0; k < period; k++)
                (factors[k], offsets[k]) = (_factors[k % channels], _offsets[k % channels]);
            while (rest.Length >= period)
            {
                for (int k = 0; k < period; k += width)
                {
                    Vector<float> changed = new Vector<float>(factors[k..]) * new Vector<float>(rest[k..]);
                    (changed + new Vector<float>(offsets[k..])).CopyTo(rest[k..]);
                }
                rest = rest[period..];
            }
        }
        for (int k = 0; k < rest.Length; k++)
            rest[k] = _factors[k % channels] * rest[k] + _offsets[k % channels];
    }

    /// <summary>Writes an example.</summary>
    /// <param name="source">Its values.</param>
    /// <param name="index">Its number, or null for the middle of the border.</param>
    /// <param name="result">As many places as the result has values.</param>
    public void Apply(ReadOnlySpan<float> source, int? index, Span<float> result)
    {
        (int top, int left) = PlaceOf(index);
        int channels = _source.Channels;
        if (_transform.BorderRows > 0 || _transform.BorderColumns > 0)
            for (int k = 0; k < result.Length; k++)
                result[k] = _background[k % channels];
        for (int y = 0; y < _rows.Length; y++)
        for (int x = 0; x < _columns.Length; x++)
        for (int c = 0; c < channels; c++)
        {
            float mean = MeanOf(source, _rows[y], _columns[x], c);
            result[((top + y) * _width + left + x) * channels + c] = _factors[c] * mean + _offsets[c];
        }
    }

    private (int Top, int Left) PlaceOf(int? index)
    {
        (int rows, int columns) = (_transform.BorderRows, _transform.BorderColumns);
        if (index is not { } number || !_transform.IsScattered)
            return (rows, columns);
        RandomStream random = new(ScatterSeed, (ulong)number);
        return (random.NextInt(2 * rows + 1), random.NextInt(2 * columns + 1));
    }

    private float MeanOf(ReadOnlySpan<float> source, AreaMean rows, AreaMean columns, int channel)
    {
        float mean = 0;
        for (int i = 0; i < rows.Weights.Length; i++)
        {
            float sum = 0;
            int row = (rows.First + i) * _source.Width;
            for (int j = 0; j < columns.Weights.Length; j++)
                sum += columns.Weights[j] * source[(row + columns.First + j) * _source.Channels + channel];
            mean += rows.Weights[i] * sum;
        }
        return mean;
    }

    /// <summary>The places of an axis that a place of the scaled axis covers, and the share that each has.</summary>
    private readonly record struct AreaMean(int First, float[] Weights)
    {
        public static AreaMean[] OfAxis(int from, int to) =>
            [.. Enumerable.Range(0, to).Select(place => OfPlace(place, from, to))];

        // In units of 1/to of a source place, so that ends are whole numbers.
        private static AreaMean OfPlace(int place, int from, int to)
        {
            long begin = (long)place * from;
            long end = begin + from;
            int first = (int)(begin / to);
            int last = (int)((end - 1) / to);
            float[] weights = new float[last - first + 1];
            for (int i = 0; i < weights.Length; i++)
            {
                long covered = Math.Min((first + i + 1L) * to, end) - Math.Max((long)(first + i) * to, begin);
                weights[i] = (float)((double)covered / from);
            }
            return new AreaMean(first, weights);
        }
    }
}
