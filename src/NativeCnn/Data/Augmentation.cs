using NativeCnn.Randomness;
using NativeCnn.Tensors;

namespace NativeCnn.Data;

/// <summary>
/// How examples of a training set are changed at random, anew in each epoch: which part of the picture is shown and
/// how, then its colours, then a hole. Without options nothing is changed. What an example becomes depends on the
/// loader's seed, the epoch and the example alone.
/// </summary>
public sealed record Augmentation
{
    private const int Tries = 10;
    private const double GreatestAspect = 4.0 / 3;

    /// <summary>No change.</summary>
    public static Augmentation None { get; } = new();

    /// <summary>
    /// Random resized crop: a part of the picture, at least this share of its area, above 0 to 1, and its sides as 3:4 to
    /// 4:3, scaled to the example's size (Szegedy et al. 2015). Null, the default, for none.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is outside that.</exception>
    public double? SmallestCrop
    {
        get;
        init =>
            field = value is null or (> 0 and <= 1) ? value : throw Impossible(nameof(SmallestCrop), value.Value, "1");
    }

    /// <summary>Whether every second picture is mirrored, left for right; no by default.</summary>
    public bool Flip { get; init; }

    /// <summary>
    /// By which part of its sides a picture is shifted at most, 0 to 1; 0 by default. What comes in has the colours of
    /// the edge.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is outside that.</exception>
    public double Shift
    {
        get;
        init => field = Checked(value, 1, nameof(Shift));
    }

    /// <summary>By how many degrees a picture is turned at most, either way, 0 to 180; 0 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is outside that.</exception>
    public double Rotation
    {
        get;
        init => field = Checked(value, 180, nameof(Rotation));
    }

    /// <summary>
    /// All values are multiplied by 1 − this to 1 + this, 0 to 1; 0 by default.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is outside that.</exception>
    public double Brightness
    {
        get;
        init => field = Checked(value, 1, nameof(Brightness));
    }

    /// <summary>
    /// All differences from the mean of the picture are multiplied by 1 − this to 1 + this, 0 to 1; 0 by default.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is outside that.</exception>
    public double Contrast
    {
        get;
        init => field = Checked(value, 1, nameof(Contrast));
    }

    /// <summary>
    /// A pixel's differences from its grey are multiplied by 1 − this to 1 + this, 0 to 1; 0 by default. Of pictures with
    /// other than 3 channels nothing is changed.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is outside that.</exception>
    public double Saturation
    {
        get;
        init => field = Checked(value, 1, nameof(Saturation));
    }

    /// <summary>
    /// Cutout: the side of a square in shares of the example's, 0 to 1, that is filled with the picture's mean, its
    /// centre anywhere (DeVries and Taylor 2017); 0, the default, for none.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is outside that.</exception>
    public double Cutout
    {
        get;
        init => field = Checked(value, 1, nameof(Cutout));
    }

    /// <summary>A data set whose examples are changed; the data set itself without a change to make.</summary>
    /// <param name="dataset">The examples to learn from, before any <see cref="ExampleTransform"/>.</param>
    public IDataset ApplyTo(IDataset dataset)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        return this == None ? dataset : new AugmentedDataset(dataset, this);
    }

    /// <summary>Draws what is shown of a picture.</summary>
    /// <param name="random">What decides.</param>
    /// <param name="size">The picture's sides.</param>
    /// <param name="otherwise">What is shown where no crop is asked for, or none is found.</param>
    internal PictureView DrawView(ref RandomStream random, (int Width, int Height) size, PictureView otherwise)
    {
        PictureView view = SmallestCrop is { } least ? DrawCrop(ref random, size, least) ?? otherwise : otherwise;
        if (Flip)
            view = view with { IsMirrored = (random.NextUInt64() & 1) != 0 };
        if (Shift > 0)
            view = view with
            {
                CentreX = view.CentreX + Around(ref random, 0, Shift) * view.Width,
                CentreY = view.CentreY + Around(ref random, 0, Shift) * view.Height,
            };
        if (Rotation > 0)
            view = view with { Turn = Turn.ByDegrees(Around(ref random, 0, Rotation)) };
        return view;
    }

    /// <summary>Changes colours, and makes the hole.</summary>
    /// <param name="random">What decides.</param>
    /// <param name="shape">The example's shape.</param>
    /// <param name="values">Its values, after <see cref="GreyScale"/>.</param>
    internal void Change(ref RandomStream random, Shape shape, Span<float> values)
    {
        // On the scale of light: 0 is black.
        const float Black = -GreyScale.Mean / GreyScale.Deviation;
        if (Brightness > 0)
        {
            float factor = (float)Around(ref random, 1, Brightness);
            Scale(values, factor, Black * (1 - factor));
        }
        if (Contrast > 0)
        {
            float factor = (float)Around(ref random, 1, Contrast);
            Scale(values, factor, Mean(values) * (1 - factor));
        }
        if (Saturation > 0 && shape.Channels == 3)
            Saturate(values, (float)Around(ref random, 1, Saturation));
        if (Cutout > 0)
            CutOut(ref random, shape, values);
    }

    private static PictureView? DrawCrop(ref RandomStream random, (int Width, int Height) size, double least)
    {
        double area = (double)size.Width * size.Height;
        for (int i = 0; i < Tries; i++)
        {
            double share = least + (1 - least) * random.NextDouble();
            // As often wide as high, without a logarithm, whose last bits differ between machines.
            double aspect = 1 + (GreatestAspect - 1) * random.NextDouble();
            if ((random.NextUInt64() & 1) != 0)
                aspect = 1 / aspect;
            double width = Math.Sqrt(area * share * aspect) / size.Width;
            double height = Math.Sqrt(area * share / aspect) / size.Height;
            double left = random.NextDouble();
            double top = random.NextDouble();
            if (width <= 1 && height <= 1)
                return new PictureView(
                    left * (1 - width) + width / 2,
                    top * (1 - height) + height / 2,
                    width,
                    height,
                    Turn.None
                );
        }
        return null;
    }

    private void CutOut(ref RandomStream random, Shape shape, Span<float> values)
    {
        int height = (int)(Cutout * shape.Height + 0.5);
        int width = (int)(Cutout * shape.Width + 0.5);
        int top = random.NextInt(shape.Height) - height / 2;
        int left = random.NextInt(shape.Width) - width / 2;
        float mean = Mean(values);
        for (int y = Math.Max(top, 0); y < Math.Min(top + height, shape.Height); y++)
        {
            int begin = (y * shape.Width + Math.Max(left, 0)) * shape.Channels;
            int end = (y * shape.Width + Math.Min(left + width, shape.Width)) * shape.Channels;
            values[begin..end].Fill(mean);
        }
    }

    private static void Scale(Span<float> values, float factor, float offset)
    {
        foreach (ref float value in values)
            value = factor * value + offset;
    }

    private static float Mean(Span<float> values)
    {
        double sum = 0;
        foreach (float value in values)
            sum += value;
        return (float)(sum / values.Length);
    }

    private static void Saturate(Span<float> values, float factor)
    {
        for (int i = 0; i < values.Length; i += 3)
        {
            Span<float> pixel = values.Slice(i, 3);
            float grey = 0.299f * pixel[0] + 0.587f * pixel[1] + 0.114f * pixel[2];
            for (int k = 0; k < 3; k++)
                pixel[k] = grey + factor * (pixel[k] - grey);
        }
    }

    private static double Around(ref RandomStream random, double centre, double distance) =>
        centre + distance * (2 * random.NextDouble() - 1);

    private static double Checked(double value, double most, string name) =>
        value >= 0 && value <= most ? value : throw Impossible(name, value, $"{most}");

    private static ArgumentOutOfRangeException Impossible(string name, double value, string most) =>
        new(name, value, $"It is a number from 0 to {most}.");
}
