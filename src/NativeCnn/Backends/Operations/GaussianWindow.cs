namespace NativeCnn.Backends.Operations;

/// <summary>
/// The window of contrast normalisation: weights exp(−(r² + s²) / 2σ²), r and s the rows and columns from its middle,
/// that sum to 1 over the window and all maps. At a border, weights that fall outside are dropped and the rest sum to 1.
/// </summary>
public readonly record struct GaussianWindow
{
    /// <summary>The largest window: every pixel takes as long as two sides of it.</summary>
    public const int LargestSize = 127;

    /// <summary>A window.</summary>
    /// <param name="size">Rows and columns, odd, 1 to <see cref="LargestSize"/>.</param>
    /// <param name="sigma">σ in pixels, above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A constant is outside that.</exception>
    public GaussianWindow(int size, float sigma)
    {
        if (size is < 1 or > LargestSize || size % 2 == 0)
            throw new ArgumentOutOfRangeException(
                nameof(size),
                $"Contrast normalisation: the window's size is odd and 1 to {LargestSize}; got {size}."
            );
        if (!(sigma > 0 && float.IsFinite(sigma)))
            throw new ArgumentOutOfRangeException(
                nameof(sigma),
                $"Contrast normalisation: σ is finite and above 0; got {sigma}."
            );
        (Size, Sigma) = (size, sigma);
    }

    /// <summary>Rows and columns.</summary>
    public int Size { get; }

    /// <summary>σ in pixels.</summary>
    public float Sigma { get; }

    /// <summary>How far it reaches from its middle.</summary>
    internal int Radius => Size / 2;

    /// <summary>The weight of a distance along one axis; 1 in the middle.</summary>
    internal double Weight(int distance) => Math.Exp(-(double)distance * distance / (2.0 * Sigma * Sigma));

    /// <summary>The sum of the weights along one axis that fall inside of an image.</summary>
    internal double SumInside(int place, int length)
    {
        double sum = 0;
        for (int distance = -Radius; distance <= Radius; distance++)
            sum += place + distance >= 0 && place + distance < length ? Weight(distance) : 0;
        return sum;
    }
}
