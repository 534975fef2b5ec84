using NativeCnn.Data;
using NativeCnn.Formats;
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
        PortableGraymap.Read(path).CopyTo(image, values);
        GreyScale.Standardize(values);
        return new PredictionInput(path, transform.Apply(values, image), null);
    }
}

/// <summary>What the network says of one example.</summary>
internal sealed record PredictionOutput(PredictionInput Input, float[] Probabilities)
{
    /// <summary>The most probable class.</summary>
    public int Label { get; } = Array.IndexOf(Probabilities, Probabilities.Max());
}
