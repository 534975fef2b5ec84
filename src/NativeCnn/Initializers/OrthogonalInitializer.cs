using NativeCnn.Randomness;

namespace NativeCnn.Initializers;

/// <summary>
/// A random orthogonal matrix: Gaussian vectors made orthonormal by modified Gram–Schmidt in double precision. The
/// diagonal of R is positive, which makes the distribution uniform (Haar). Plain loops, since a vectorised sum would
/// depend on the vector's length.
/// </summary>
internal sealed record OrthogonalInitializer(double Gain) : Initializer
{
    protected override void Draw(Span<float> values, int fanIn, int fanOut, ref RandomStream random)
    {
        if (values.Length % fanIn != 0)
            throw new ArgumentException($"{values.Length} values are not rows of fanIn = {fanIn}.", nameof(values));
        int rows = values.Length / fanIn;
        bool transposed = rows > fanIn;
        int count = transposed ? fanIn : rows;
        int length = transposed ? rows : fanIn;
        double[][] basis = new double[count][];
        for (int i = 0; i < count; i++)
        {
            basis[i] = Next(basis.AsSpan(0, i), length, ref random);
            for (int j = 0; j < length; j++)
                values[transposed ? j * fanIn + i : i * fanIn + j] = (float)(Gain * basis[i][j]);
        }
    }

    /// <summary>A random unit vector orthogonal to the earlier ones.</summary>
    private static double[] Next(ReadOnlySpan<double[]> earlier, int length, ref RandomStream random)
    {
        double[] vector = new double[length];
        double before,
            after;
        do
        {
            for (int j = 0; j < length; j++)
                vector[j] = random.NextGaussian();
            before = Math.Sqrt(Dot(vector, vector));
            Project(earlier, vector);
            after = Math.Sqrt(Dot(vector, vector));
            // A vector that was nearly a combination of the earlier ones has lost its digits.
        } while (after <= 1e-10 * before);
        // A second pass brings the error of the last vectors of a square matrix down to rounding (Giraud et al. 2005).
        Project(earlier, vector);
        double norm = Math.Sqrt(Dot(vector, vector));
        for (int j = 0; j < length; j++)
            vector[j] /= norm;
        return vector;
    }

    /// <summary>Subtracts the components along the earlier vectors, one after the other.</summary>
    private static void Project(ReadOnlySpan<double[]> earlier, double[] vector)
    {
        foreach (double[] direction in earlier)
        {
            double component = Dot(direction, vector);
            for (int j = 0; j < vector.Length; j++)
                vector[j] -= component * direction[j];
        }
    }

    private static double Dot(double[] a, double[] b)
    {
        double sum = 0;
        for (int j = 0; j < a.Length; j++)
            sum += a[j] * b[j];
        return sum;
    }
}
