using NativeCnn.Backends.Operations;

namespace NativeCnn.OneDnn;

/// <summary>
/// How a filter gradient is shared: some examples and some of the filters are a part. Examples cost a partial sum each
/// time, filters that the input is read again, so large filters are cut and large maps are not. The cut follows from
/// the sizes alone.
/// </summary>
internal readonly struct FilterGradientCut
{
    // Floats that all partial sums may take: 256 MB.
    private const long MostPartialFloats = 64L << 20;

    // Parts that any cut has, where there are examples and filters enough.
    private const int Fewest = 4;

    // Filters of a part: two vectors.
    private const int FewestFilters = 32;
    private const int Lanes = 16;

    // Nanoseconds on one core, of a multiply-add, of a float of a partial sum, and of a float of the input that is read
    // again: windows of several taps have it transposed.
    private const double MultiplyAdd = 1 / 57.0;
    private const double PartialSum = 1.1;
    private const double InputAgain = 0.85;
    private const double PointwiseInputAgain = 0.1;

    // What a part takes is waited for at the end by the threads that have none.
    private const double Unevenness = 0.7;

    /// <summary>The cut of a layer.</summary>
    public FilterGradientCut(in ConvolutionGeometry g)
    {
        int mostExamples = (int)Math.Clamp(MostPartialFloats / g.FilterShape.Count, 1, EqualParts.Most);
        // Filters of one group read the same channels.
        int mostFilters = g.Groups > 1 ? 1 : Math.Clamp(g.Filters / FewestFilters, 1, EqualParts.Most);
        double padded =
            (double)g.FilterShape.Count / g.FiltersPerGroup * ((g.FiltersPerGroup + Lanes - 1) / Lanes * Lanes);
        double best = double.PositiveInfinity;
        for (int examples = 1; examples <= mostExamples; examples *= 2)
        {
            for (int filters = 1; filters <= mostFilters && examples * filters <= EqualParts.Most; filters *= 2)
            {
                var ofExamples = new EqualParts(g.BatchSize, examples);
                var ofFilters = new EqualParts(g.Filters, filters, filters == 1 ? 1 : Lanes);
                int count = ofExamples.Count * ofFilters.Count;
                double overhead =
                    (ofExamples.Count - 1) * padded * PartialSum
                    + (ofFilters.Count - 1) * (double)g.Input.Count * (g.IsPointwise ? PointwiseInputAgain : InputAgain)
                    + g.MultiplyAdds * MultiplyAdd * (Unevenness / count + (count < Fewest ? 1 : 0));
                if (overhead < best)
                    (best, Examples, Filters) = (overhead, ofExamples, ofFilters);
            }
        }
    }

    /// <summary>The examples of the parts.</summary>
    public EqualParts Examples { get; }

    /// <summary>The filters of the parts.</summary>
    public EqualParts Filters { get; }

    /// <summary>How many parts.</summary>
    public int Count => Examples.Count * Filters.Count;
}
