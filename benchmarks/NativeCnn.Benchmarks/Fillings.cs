using NativeCnn.Randomness;
using NativeCnn.Tensors;

namespace NativeCnn.Benchmarks;

/// <summary>Writes the values that an operand has before the operation runs.</summary>
internal delegate void Filling(ref RandomStream random, Tensor tensor);

/// <summary>The values that operands may need.</summary>
internal static class Fillings
{
    /// <summary>Between −1 and 1, as <see cref="NativeCnn.Backends.Tolerance.OfSum"/> assumes.</summary>
    public static void Noise(ref RandomStream random, Tensor tensor)
    {
        foreach (ref float value in tensor.Span)
            value = 2 * random.NextSingle() - 1;
    }

    /// <summary>Between 0 and 1.</summary>
    public static void NotNegative(ref RandomStream random, Tensor tensor)
    {
        foreach (ref float value in tensor.Span)
            value = random.NextSingle();
    }

    /// <summary>Rows of channels that sum to 1.</summary>
    public static void Probabilities(ref RandomStream random, Tensor tensor)
    {
        NotNegative(ref random, tensor);
        int classes = tensor.Shape.Channels;
        for (int first = 0; first < tensor.Count; first += classes)
        {
            Span<float> row = tensor.Span.Slice(first, classes);
            double sum = 0;
            foreach (float value in row)
                sum += value;
            foreach (ref float value in row)
                value = (float)(value / sum);
        }
    }

    /// <summary>Classes.</summary>
    public static Filling Labels(int classes) =>
        (ref random, tensor) =>
        {
            foreach (ref int label in tensor.AsSpan<int>())
                label = random.NextInt(classes);
        };

    /// <summary>A new tensor of values between −1 and 1.</summary>
    public static Tensor NoiseOf(Shape shape, ulong seed)
    {
        Tensor tensor = new(shape);
        RandomStream random = new(seed);
        Noise(ref random, tensor);
        return tensor;
    }
}
