using NativeCnn.Randomness;

namespace NativeCnn.Initializers;

/// <summary>
/// Fills filters of which each sees some input maps only: each by itself, with the fan-in that it has, and 0 where it
/// is not connected.
/// </summary>
/// <param name="Inner">What fills the connected weights.</param>
/// <param name="Rows">For each filter the input maps that it sees.</param>
/// <param name="Taps">K_h·K_w.</param>
internal sealed record ConnectedInitializer(Initializer Inner, IReadOnlyList<IReadOnlyList<int>> Rows, int Taps)
    : Initializer
{
    protected override void Draw(Span<float> values, int fanIn, int fanOut, ref RandomStream random)
    {
        int length = values.Length / Rows.Count;
        int channels = length / Taps;
        values.Clear();
        for (int o = 0; o < Rows.Count; o++)
        {
            IReadOnlyList<int> row = Rows[o];
            Span<float> filter = values.Slice(o * length, length);
            var drawn = new float[Taps * row.Count];
            Inner.Fill(drawn, drawn.Length, fanOut, ref random);
            for (int t = 0; t < Taps; t++)
            for (int k = 0; k < row.Count; k++)
                filter[t * channels + row[k]] = drawn[t * row.Count + k];
        }
    }
}
