using NativeCnn.Tensors;

namespace NativeCnn.Formats;

/// <summary>
/// A picture: height × width × channels values in [0, 1], channels fastest; one channel is grey, three are red, green,
/// blue.
/// </summary>
public sealed class Image
{
    /// <summary>A picture of given values.</summary>
    /// <exception cref="ArgumentException">
    /// The values are not as many as the sizes say, or there are neither 1 nor 3 channels.
    /// </exception>
    public Image(int height, int width, int channels, float[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        Shape = new Shape(1, height, width, channels);
        if (channels is not (1 or 3))
            throw new ArgumentException($"A picture has 1 or 3 channels, not {channels}.", nameof(channels));
        if (values.Length != Shape.Count)
            throw new ArgumentException(
                $"{values.Length} values are no picture of {height}×{width}×{channels}.",
                nameof(values)
            );
        Values = values;
    }

    /// <summary>The sizes, 1×H×W×C.</summary>
    public Shape Shape { get; }

    /// <summary>The values.</summary>
    public float[] Values { get; }

    /// <summary>
    /// Writes the picture in the shape of a network's input. Sizes: each pixel becomes the mean of the area that it
    /// covers (box filter), each axis scaled by itself. Channels: colour becomes grey by 0.299 R + 0.587 G + 0.114 B
    /// (ITU-R BT.601), grey becomes three equal channels.
    /// </summary>
    /// <param name="input">The network's input; its batch size does not matter.</param>
    /// <param name="values">As many places as one example has values.</param>
    /// <exception cref="ShapeException">
    /// The input has neither 1 nor 3 channels, or the place is of another size.
    /// </exception>
    public void CopyTo(Shape input, Span<float> values)
    {
        if (input.Channels is not (1 or 3) || values.Length != input.ElementsPerExample)
        {
            throw new ShapeException(
                $"A picture of {Shape} cannot become an example of {input} in {values.Length} places; pictures have 1 or 3 channels."
            );
        }
        if (input.WithBatchSize(1) == Shape)
            Values.CopyTo(values);
        else
            new Resampling(this, input).Fill(values);
    }

    /// <summary>
    /// Box filtering row by row: memory for a few rows, and time for the pixels of both pictures and little more,
    /// whatever their sizes.
    /// </summary>
    private sealed class Resampling
    {
        private readonly Image _source;
        private readonly Shape _target;

        // Grey if one of the two pictures is.
        private readonly int _channels;
        private readonly bool _isHeightFirst;
        private readonly float[] _greyRow;

        // A row that is scaled on one axis: the source's width if that axis is H, the target's if it is W.
        private readonly float[] _halfway;
        private readonly float[] _result;

        public Resampling(Image source, Shape target)
        {
            _source = source;
            _target = target;
            _channels = source.Shape.Channels == target.Channels ? target.Channels : 1;
            (long h, long w) = (source.Shape.Height, source.Shape.Width);
            (long toH, long toW) = (target.Height, target.Width);
            // Scaling an axis of a rows × b columns to c × b takes max(a, c) · b additions.
            double heightFirst = (double)Math.Max(h, toH) * w + (double)toH * Math.Max(w, toW);
            double widthFirst = (double)h * Math.Max(w, toW) + (double)Math.Max(h, toH) * toW;
            _isHeightFirst = heightFirst < widthFirst;
            _greyRow = source.Shape.Channels > _channels ? new float[w] : [];
            _halfway = new float[(_isHeightFirst ? w : toW) * _channels];
            _result = new float[toW * _channels];
        }

        public void Fill(Span<float> values)
        {
            float[] sum = _isHeightFirst ? _halfway : _result;
            int held = -1;
            for (int y = 0; y < _target.Height; y++)
            {
                Array.Clear(sum);
                foreach ((int k, float weight) in new CoveredPlaces(y, _source.Shape.Height, _target.Height))
                {
                    if (_isHeightFirst)
                    {
                        Add(sum, weight, Row(k));
                        continue;
                    }
                    if (held != k)
                        ScaleRow(Row(k), _halfway);
                    held = k;
                    Add(sum, weight, _halfway);
                }
                if (_isHeightFirst)
                    ScaleRow(_halfway, _result);
                int length = _target.Width * _target.Channels;
                Write(values.Slice(y * length, length));
            }
        }

        private ReadOnlySpan<float> Row(int y)
        {
            int length = _source.Shape.Width * _source.Shape.Channels;
            ReadOnlySpan<float> row = _source.Values.AsSpan(y * length, length);
            if (_greyRow.Length == 0)
                return row;
            for (int x = 0; x < _greyRow.Length; x++)
                _greyRow[x] = 0.299f * row[3 * x] + 0.587f * row[3 * x + 1] + 0.114f * row[3 * x + 2];
            return _greyRow;
        }

        private void Write(Span<float> target)
        {
            if (_channels == _target.Channels)
            {
                _result.CopyTo(target);
                return;
            }
            for (int x = 0; x < _result.Length; x++)
                target.Slice(3 * x, 3).Fill(_result[x]);
        }

        private void ScaleRow(ReadOnlySpan<float> source, Span<float> target)
        {
            target.Clear();
            for (int x = 0; x < _target.Width; x++)
            {
                Span<float> sum = target.Slice(x * _channels, _channels);
                foreach ((int k, float weight) in new CoveredPlaces(x, _source.Shape.Width, _target.Width))
                    Add(sum, weight, source.Slice(k * _channels, _channels));
            }
        }

        private static void Add(Span<float> sum, float weight, ReadOnlySpan<float> values)
        {
            for (int i = 0; i < sum.Length; i++)
                sum[i] += weight * values[i];
        }
    }

    /// <summary>
    /// The places of an axis of <paramref name="from"/> that place <paramref name="target"/> of <paramref name="to"/>
    /// covers, and which share of it each has.
    /// </summary>
    private struct CoveredPlaces(int target, int from, int to)
    {
        private readonly double _scale = (double)from / to;
        private int _k = -1;

        private readonly double Begin => target * _scale;

        private readonly double End => Math.Min(Begin + _scale, from);

        public readonly (int Place, float Weight) Current =>
            (_k, (float)((Math.Min(_k + 1, End) - Math.Max(_k, Begin)) / _scale));

        public readonly CoveredPlaces GetEnumerator() => this;

        public bool MoveNext()
        {
            _k = _k < 0 ? (int)Begin : _k + 1;
            return _k < End;
        }
    }
}
