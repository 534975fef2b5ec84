using NativeCnn.Randomness;

namespace NativeCnn.Initializers;

/// <summary>What the variance is divided by.</summary>
internal enum Fan
{
    /// <summary>fanIn.</summary>
    In,

    /// <summary>(fanIn + fanOut)/2.</summary>
    Mean,
}

/// <summary>The form of the distribution around 0.</summary>
internal enum Distribution
{
    /// <summary>Normal with standard deviation √variance.</summary>
    Normal,

    /// <summary>Uniform in ±√(3·variance).</summary>
    Uniform,
}

/// <summary>Values of mean 0 and variance scale/fan: the LeCun, Glorot and He families.</summary>
internal sealed record VarianceScalingInitializer(double Scale, Fan Fan, Distribution Distribution) : Initializer
{
    internal override bool IsElementwise => true;

    protected override void Draw(Span<float> values, int fanIn, int fanOut, ref RandomStream random)
    {
        double fan = Fan == Fan.In ? fanIn : ((double)fanIn + fanOut) / 2;
        double variance = Scale / fan;
        if (Distribution == Distribution.Normal)
            RandomFilling.Normal(values, Math.Sqrt(variance), ref random);
        else
            RandomFilling.Uniform(values, Math.Sqrt(3 * variance), ref random);
    }
}
