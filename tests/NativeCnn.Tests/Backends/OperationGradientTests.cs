using NativeCnn.Backends.Managed;
using NativeCnn.Tensors;

namespace NativeCnn.Tests.Backends;

/// <summary>
/// The backward pass of every operation of the reference against central differences of its forward pass, in float64, one
/// operation at a time: d/dx Σ r · f(x) for a random r.
/// </summary>
public sealed class OperationGradientTests
{
    /// <summary>How many elements of a tensor are checked; a larger tensor has them chosen at random.</summary>
    private const int MostElements = 48;

    private static readonly Dictionary<string, GradientCase> Cases = GradientCases.All.ToDictionary(row => row.Name);

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Backward_is_the_derivative_of_forward(string name)
    {
        GradientCase row = Cases[name];
        using ManagedBackend backend = new(ElementType.Float64);
        var random = new Random(2);
        using Tensor x = new(row.Variable, ElementType.Float64);
        row.Values(random, x.AsSpan<double>());
        using Tensor gradient = new(row.Variable, ElementType.Float64);
        row.Gradient(backend, x, gradient);

        int[] places = [.. Enumerable.Range(0, x.Count)];
        random.Shuffle(places);
        foreach (int place in places.Take(MostElements))
        {
            double value = x.AsSpan<double>()[place];
            x.AsSpan<double>()[place] = value + Tolerance.DifferenceStep;
            double above = row.Loss(backend, x);
            x.AsSpan<double>()[place] = value - Tolerance.DifferenceStep;
            double below = row.Loss(backend, x);
            x.AsSpan<double>()[place] = value;
            double expected = (above - below) / (2 * Tolerance.DifferenceStep);
            double actual = gradient.AsSpan<double>()[place];
            Comparison.Close(expected, actual, Tolerance.OfDifferences, $"gradient[{place}]");
        }
    }
}
