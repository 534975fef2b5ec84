using System.Text.Json;

namespace NativeCnn.Data;

/// <summary>
/// What a channel's value in [0, 1] becomes before a network sees it: (x − mean) / deviation, each channel by its own.
/// </summary>
public sealed class ChannelNormalization : IEquatable<ChannelNormalization>
{
    // Below it a channel has one value, and dividing would only magnify rounding.
    private const float LeastDeviation = 1e-3f;

    private readonly float[] _means;
    private readonly float[] _deviations;

    /// <summary>Takes the numbers, one of each for every channel.</summary>
    /// <param name="means">The values that become 0.</param>
    /// <param name="deviations">The differences that become 1, above 0.</param>
    /// <exception cref="ArgumentException">
    /// There are none, they are not as many, or one is not finite or a deviation not above 0.
    /// </exception>
    public ChannelNormalization(ReadOnlySpan<float> means, ReadOnlySpan<float> deviations)
    {
        if (means.IsEmpty || means.Length != deviations.Length)
            throw new ArgumentException($"{means.Length} means and {deviations.Length} deviations are no channels.");
        foreach (float mean in means)
            if (!float.IsFinite(mean))
                throw new ArgumentException($"A mean of {mean} is no number to take away.", nameof(means));
        foreach (float deviation in deviations)
            if (!(float.IsFinite(deviation) && deviation > 0))
                throw new ArgumentException($"A deviation of {deviation} cannot be divided by.", nameof(deviations));
        (_means, _deviations) = (means.ToArray(), deviations.ToArray());
    }

    /// <summary>Of each channel the value in [0, 1] that becomes 0.</summary>
    public IReadOnlyList<float> Means => _means;

    /// <summary>Of each channel the difference that becomes 1.</summary>
    public IReadOnlyList<float> Deviations => _deviations;

    /// <summary>
    /// Measures the mean and the deviation of each channel over all pixels of some examples. A channel of one value
    /// only is divided by 1.
    /// </summary>
    /// <param name="dataset">The examples, as data sets read them: after <see cref="GreyScale"/>.</param>
    /// <param name="most">How many are read at most, evenly spread over the set; 10,000 by default.</param>
    /// <exception cref="ArgumentOutOfRangeException">None would be read.</exception>
    public static ChannelNormalization Measure(IDataset dataset, int most = 10_000)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        int channels = dataset.ExampleShape.Channels;
        float[] values = new float[dataset.ExampleShape.Count];
        double[] sums = new double[channels];
        double[] squares = new double[channels];
        int examples = Math.Min(most, dataset.Count);
        for (int i = 0; i < examples; i++)
        {
            dataset.Read((int)((long)i * dataset.Count / examples), values);
            for (int k = 0; k < values.Length; k++)
            {
                sums[k % channels] += values[k];
                squares[k % channels] += (double)values[k] * values[k];
            }
        }
        double count = (double)examples * values.Length / channels;
        float[] means = new float[channels];
        float[] deviations = new float[channels];
        for (int channel = 0; channel < channels; channel++)
        {
            double mean = sums[channel] / count;
            double deviation = Math.Sqrt(Math.Max(0, squares[channel] / count - mean * mean)) * GreyScale.Deviation;
            means[channel] = (float)(mean * GreyScale.Deviation + GreyScale.Mean);
            deviations[channel] = deviation < LeastDeviation ? 1 : (float)deviation;
        }
        return new ChannelNormalization(means, deviations);
    }

    /// <inheritdoc/>
    public bool Equals(ChannelNormalization? other) =>
        other is not null
        && _means.AsSpan().SequenceEqual(other._means)
        && _deviations.AsSpan().SequenceEqual(other._deviations);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ChannelNormalization);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_means.Length, _means[0], _deviations[0]);

    internal static ChannelNormalization Read(JsonElement json) =>
        new(ReadNumbers(json, "means"), ReadNumbers(json, "deviations"));

    internal void Write(Utf8JsonWriter json)
    {
        WriteNumbers(json, "means", _means);
        WriteNumbers(json, "deviations", _deviations);
    }

    private static float[] ReadNumbers(JsonElement json, string name) =>
        [.. json.GetProperty(name).EnumerateArray().Select(number => number.GetSingle())];

    private static void WriteNumbers(Utf8JsonWriter json, string name, float[] numbers)
    {
        json.WriteStartArray(name);
        foreach (float number in numbers)
            json.WriteNumberValue(number);
        json.WriteEndArray();
    }
}
