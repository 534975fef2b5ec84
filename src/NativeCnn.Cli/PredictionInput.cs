using NativeCnn.Data;
using NativeCnn.Formats;
using NativeCnn.Storage;
using NativeCnn.Tensors;

namespace NativeCnn.Cli;

/// <summary>One example to predict: where it comes from, its values, and its class where that is known.</summary>
internal sealed record PredictionInput(string Source, float[] Values, int? Actual)
{
    public static PredictionInput FromData(IDataset examples, int index)
    {
        float[] values = new float[examples.ExampleShape.Count];
        examples.Read(index, values);
        return new PredictionInput($"{examples.Name} {index}", values, examples.Label(index));
    }

    /// <summary>A picture of any size, scaled and transformed to what the network takes.</summary>
    public static PredictionInput FromFile(string path, Shape input, ExampleTransform transform)
    {
        Shape image = transform.ImageOf(input);
        float[] values = new float[image.ElementsPerExample];
        if (IsPortable(path))
        {
            PortableGraymap.Read(path).CopyTo(image, values);
            GreyScale.Standardize(values);
        }
        else
        {
            PictureFile.Read(path, image, values);
        }
        return new PredictionInput(path, transform.Apply(values, image), null);
    }

    // PGM, PPM and their kin begin with P and a digit; whatever else it is, the reader of pictures says.
    private static bool IsPortable(string path)
    {
        Span<byte> begin = stackalloc byte[2];
        using FileStream file = InputFile.Open(path);
        return file.ReadAtLeast(begin, begin.Length, throwOnEndOfStream: false) == begin.Length
            && begin[0] == 'P'
            && char.IsAsciiDigit((char)begin[1]);
    }
}

/// <summary>What the network says of one example, or why it could not be asked.</summary>
/// <param name="Source">Where the example comes from.</param>
/// <param name="Actual">Its class where that is known.</param>
/// <param name="Probabilities">Of each class; none where the example could not be read.</param>
/// <param name="Problem">Why it could not be read, or null.</param>
internal sealed record PredictionOutput(string Source, int? Actual, float[] Probabilities, string? Problem = null)
{
    public PredictionOutput(PredictionInput input, float[] probabilities)
        : this(input.Source, input.Actual, probabilities) { }

    /// <summary>The most probable class, or −1 where there is none.</summary>
    public int Label { get; } = Probabilities.Length == 0 ? -1 : Array.IndexOf(Probabilities, Probabilities.Max());

    /// <summary>The most probable classes, first the most probable.</summary>
    public IEnumerable<(float Probability, int Label)> Top(int count) =>
        Probabilities
            .Select((probability, label) => (probability, label))
            .OrderByDescending(c => c.probability)
            .Take(count);
}
