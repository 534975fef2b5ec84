using System.Text.Json;
using NativeCnn.Storage;
using NativeCnn.Tensors;

namespace NativeCnn.Data;

/// <summary>
/// What becomes of an image, as <see cref="GreyScale"/> standardizes it, before a network of another input size or
/// other grey values sees it: scaled, put into a border of background, given other values for background and ink, and its
/// rows read as the samples of a signal, in this order and only where asked for. Without options it changes nothing.
/// </summary>
/// <remarks>
/// Training keeps it in the model file's metadata under <see cref="MetadataKey"/>, so that whatever uses the weights
/// treats its examples alike.
/// </remarks>
public sealed record ExampleTransform
{
    /// <summary>The name of its text in a model file's metadata.</summary>
    public const string MetadataKey = "nativecnn.examples";

    // Far beyond any image; what is read from files has to stay countable.
    private const int LargestSide = 1 << 14;

    /// <summary>No change.</summary>
    public static ExampleTransform None { get; } = new();

    /// <summary>
    /// The side of the square that an image is scaled to, 1 to 16,384, each pixel the mean of the area that it covers;
    /// null, the default, for the size that it has.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is outside that.</exception>
    public int? Side
    {
        get;
        init => field = value is null ? null : Checked(value.Value, 1, nameof(Side));
    }

    /// <summary>Rows of background above the image and below it, 0 to 16,384; 0 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is outside that.</exception>
    public int BorderRows
    {
        get;
        init => field = Checked(value, 0, nameof(BorderRows));
    }

    /// <summary>Columns of background left of the image and right of it, 0 to 16,384; 0 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is outside that.</exception>
    public int BorderColumns
    {
        get;
        init => field = Checked(value, 0, nameof(BorderColumns));
    }

    /// <summary>
    /// Whether the examples of a data set lie anywhere within the border, each at a place that its number decides, and
    /// not in the middle; no by default.
    /// </summary>
    public bool IsScattered { get; init; }

    /// <summary>The value of background, grey 0; what <see cref="GreyScale"/> makes of it by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not finite.</exception>
    public float Background
    {
        get;
        init => field = Finite(value, nameof(Background));
    } = GreyScale.Standardize(0);

    /// <summary>The value of ink, grey 1; what <see cref="GreyScale"/> makes of it by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not finite.</exception>
    public float Ink
    {
        get;
        init => field = Finite(value, nameof(Ink));
    } = GreyScale.Standardize(1);

    /// <summary>
    /// The means and deviations of the channels, in place of <see cref="Background"/> and <see cref="Ink"/>; null, the
    /// default, for one scale for all channels.
    /// </summary>
    public ChannelNormalization? Normalization { get; init; }

    /// <summary>
    /// Whether an image of H×W×C becomes a signal of H samples of W·C channels, 1×H×(W·C); no by default.
    /// </summary>
    public bool IsSignal { get; init; }

    /// <summary>Whether the values of grey 0 and 1 are those that examples have anyway.</summary>
    internal bool KeepsValues => Background == None.Background && Ink == None.Ink;

    /// <summary>The shape of an example after it.</summary>
    /// <param name="example">The shape before, 1×H×W×C.</param>
    /// <exception cref="ShapeException">
    /// The result is too large, or <see cref="Normalization"/> is for another number of channels.
    /// </exception>
    public Shape OutputOf(Shape example)
    {
        if (Normalization is { } n && n.Means.Count != example.Channels)
            throw new ShapeException(
                $"An example of {example} has {example.Channels} channels; the normalisation is for {n.Means.Count}."
            );
        int height = (Side ?? example.Height) + 2 * BorderRows;
        int width = (Side ?? example.Width) + 2 * BorderColumns;
        var image = new Shape(1, height, width, example.Channels);
        return IsSignal ? new Shape(1, 1, height, width * example.Channels) : image;
    }

    /// <summary>
    /// The image that lies within the border of a network's input: what a picture of any size becomes.
    /// </summary>
    /// <param name="input">The network's input, for images of one channel where it is a signal.</param>
    /// <exception cref="ShapeException">The input is no larger than the border.</exception>
    public Shape ImageOf(Shape input)
    {
        (int rows, int columns, int channels) = IsSignal
            ? (input.Width, input.Channels, 1)
            : (input.Height, input.Width, input.Channels);
        (int height, int width) = (rows - 2 * BorderRows, columns - 2 * BorderColumns);
        if (height < 1 || width < 1)
            throw new ShapeException(
                $"An input of {input} has no room for an image within {BorderRows} rows and {BorderColumns} columns."
            );
        return new Shape(1, height, width, channels);
    }

    /// <summary>
    /// A data set whose examples are those of another, transformed; the other itself without a change.
    /// </summary>
    /// <param name="dataset">The other.</param>
    public IDataset ApplyTo(IDataset dataset)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        return this == None ? dataset : new TransformedDataset(dataset, this);
    }

    /// <summary>Training and test set, transformed.</summary>
    /// <param name="source">The sets.</param>
    public DataSource ApplyTo(DataSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return source with { Train = ApplyTo(source.Train), Test = source.Test is null ? null : ApplyTo(source.Test) };
    }

    /// <summary>One example, transformed; in the middle of its border.</summary>
    /// <param name="values">H×W×C values.</param>
    /// <param name="example">Their shape, 1×H×W×C.</param>
    /// <exception cref="ShapeException">The values are not as many as the shape says.</exception>
    public float[] Apply(ReadOnlySpan<float> values, Shape example)
    {
        if (values.Length != example.ElementsPerExample)
            throw new ShapeException($"An example of {example} does not have {values.Length} values.");
        float[] result = new float[OutputOf(example).Count];
        new TransformPlan(this, example).Apply(values, null, result);
        return result;
    }

    /// <summary>Reads what <see cref="ToText"/> wrote.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="DataFormatException">It is no such text.</exception>
    public static ExampleTransform Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        try
        {
            using var document = JsonDocument.Parse(text);
            JsonElement json = document.RootElement;
            return new ExampleTransform
            {
                Side = json.TryGetProperty("side", out JsonElement side) ? side.GetInt32() : null,
                BorderRows = json.GetProperty("border_rows").GetInt32(),
                BorderColumns = json.GetProperty("border_columns").GetInt32(),
                IsScattered = json.GetProperty("scattered").GetBoolean(),
                Background = json.GetProperty("background").GetSingle(),
                Ink = json.GetProperty("ink").GetSingle(),
                IsSignal = json.GetProperty("signal").GetBoolean(),
                Normalization = json.TryGetProperty("normalization", out JsonElement normalization)
                    ? ChannelNormalization.Read(normalization)
                    : null,
            };
        }
        catch (Exception e)
            when (e
                    is JsonException
                        or ArgumentException
                        or InvalidOperationException
                        or KeyNotFoundException
                        or FormatException
            )
        {
            throw new DataFormatException($"What becomes of the examples cannot be read: {e.Message}", e);
        }
    }

    /// <summary>The options as JSON, for a model file.</summary>
    public string ToText()
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            if (Side is { } side)
                json.WriteNumber("side", side);
            json.WriteNumber("border_rows", BorderRows);
            json.WriteNumber("border_columns", BorderColumns);
            json.WriteBoolean("scattered", IsScattered);
            json.WriteNumber("background", Background);
            json.WriteNumber("ink", Ink);
            json.WriteBoolean("signal", IsSignal);
            if (Normalization is not null)
            {
                json.WriteStartObject("normalization");
                Normalization.Write(json);
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }

    private static int Checked(int value, int least, string name) =>
        value >= least && value <= LargestSide
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"It is a number from {least} to {LargestSide}.");

    private static float Finite(float value, string name) =>
        float.IsFinite(value) ? value : throw new ArgumentOutOfRangeException(name, value, "The value is not finite.");
}
