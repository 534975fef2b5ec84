using System.Buffers;
using NativeCnn.Randomness;
using NativeCnn.Tensors;

namespace NativeCnn.Data;

/// <summary>The examples of a data set after an <see cref="Augmentation"/>; without a random stream, as they are.</summary>
internal sealed class AugmentedDataset(IDataset source, Augmentation augmentation) : IRandomDataset
{
    private readonly Shape _shape = source.ExampleShape;

    public string Name => source.Name;

    public int Count => source.Count;

    public Shape ExampleShape => _shape;

    public IReadOnlyList<string> ClassNames => source.ClassNames;

    public int Label(int index) => source.Label(index);

    public void Read(int index, Span<float> values) => source.Read(index, values);

    public void Read(int index, RandomStream random, Span<float> values)
    {
        if (source is IViewedDataset pictures)
        {
            (int width, int height) = pictures.SizeOf(index);
            PictureView middle = PictureView.Middle(width, height, _shape.Width, _shape.Height);
            pictures.Read(index, augmentation.DrawView(ref random, (width, height), middle), values);
        }
        else
        {
            PictureView view = augmentation.DrawView(ref random, (_shape.Width, _shape.Height), PictureView.Whole);
            if (view == PictureView.Whole)
                source.Read(index, values);
            else
                Sample(index, view, values);
        }
        augmentation.Change(ref random, _shape, values);
    }

    private void Sample(int index, in PictureView view, Span<float> values)
    {
        int count = _shape.Count;
        if (values.Length != count)
            throw new ShapeException($"An example of {Name} has {count} values; the place has {values.Length}.");
        float[] read = ArrayPool<float>.Shared.Rent(count);
        try
        {
            source.Read(index, read.AsSpan(0, count));
            AffineMap map = AffineMap.Of(view, _shape.Width, _shape.Height, 1, _shape.Width, _shape.Height);
            Sample(read.AsSpan(0, count), map, values);
        }
        finally
        {
            ArrayPool<float>.Shared.Return(read);
        }
    }

    // Bilinear, the picture going on beyond its edge with the colour of the edge, as the shim samples pictures.
    private void Sample(ReadOnlySpan<float> picture, in AffineMap map, Span<float> values)
    {
        (int width, int channels) = (_shape.Width, _shape.Channels);
        int at = 0;
        for (int y = 0; y < _shape.Height; y++)
        for (int x = 0; x < width; x++)
        {
            double column = map.XByX * (x + 0.5) + map.XByY * (y + 0.5) + map.X0 - 0.5;
            double row = map.YByX * (x + 0.5) + map.YByY * (y + 0.5) + map.Y0 - 0.5;
            (int left, int right, float across) = Neighbours(column, width);
            (int above, int below, float down) = Neighbours(row, _shape.Height);
            for (int channel = 0; channel < channels; channel++)
            {
                float upper = Between(
                    picture[(above * width + left) * channels + channel],
                    picture[(above * width + right) * channels + channel],
                    across
                );
                float lower = Between(
                    picture[(below * width + left) * channels + channel],
                    picture[(below * width + right) * channels + channel],
                    across
                );
                values[at++] = Between(upper, lower, down);
            }
        }
    }

    private static (int First, int Second, float Share) Neighbours(double place, int count)
    {
        if (!(place > 0))
            return (0, 0, 0);
        if (place >= count - 1)
            return (count - 1, count - 1, 0);
        int first = (int)place;
        return (first, first + 1, (float)(place - first));
    }

    private static float Between(float first, float second, float share) => first + share * (second - first);
}
