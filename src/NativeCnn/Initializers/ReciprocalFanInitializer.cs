using NativeCnn.Randomness;

namespace NativeCnn.Initializers;

/// <summary>Uniform values in ±bound/fanIn.</summary>
internal sealed record ReciprocalFanInitializer(double Bound) : Initializer
{
    internal override bool IsElementwise => true;

    protected override void Draw(Span<float> values, int fanIn, int fanOut, ref RandomStream random) =>
        RandomFilling.Uniform(values, Bound / fanIn, ref random);
}
