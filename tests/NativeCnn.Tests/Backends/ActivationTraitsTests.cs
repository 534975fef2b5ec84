using NativeCnn.Backends.Operations;

namespace NativeCnn.Tests.Backends;

/// <summary>The generated table of activations, and what its rules refuse.</summary>
public sealed class ActivationTraitsTests
{
    [Fact]
    public void Every_kind_is_found_by_its_number_and_by_its_name()
    {
        Assert.Equal(Enum.GetValues<ActivationKind>(), ActivationTraits.All.Select(t => t.Kind));
        Assert.All(ActivationTraits.All, t => Assert.Same(t, ActivationTraits.Find(t.Kind)));
        Assert.All(ActivationTraits.All, t => Assert.Same(t, ActivationTraits.Find(t.Name)));
        Assert.Null(ActivationTraits.Find((ActivationKind)(-1)));
        Assert.Null(ActivationTraits.Find((ActivationKind)ActivationTraits.All.Count));
        Assert.Null(ActivationTraits.Find("Relu"));
    }

    [Theory]
    [InlineData(ConstantRule.Unused, true, true, true, true)]
    [InlineData(ConstantRule.Finite, true, true, true, false)]
    [InlineData(ConstantRule.NotZero, true, false, true, false)]
    [InlineData(ConstantRule.AboveZero, false, false, true, false)]
    [InlineData(ConstantRule.NotNegative, false, true, true, false)]
    internal void A_rule_allows_what_it_says(ConstantRule rule, bool minusOne, bool zero, bool one, bool infinity)
    {
        ActivationTraits traits = new(ActivationKind.Tanh, "tanh", rule, ConstantRule.Unused, DerivativeSource.Output);
        float[] values = [-1, 0, 1, float.PositiveInfinity];
        foreach ((bool allowed, float value) in new[] { minusOne, zero, one, infinity }.Zip(values))
            Assert.Equal(allowed, traits.Refusal(new Activation(ActivationKind.Tanh, value, float.NaN)) is null);
    }

    [Fact]
    public void A_refusal_names_the_constant_the_activation_and_the_value()
    {
        Activation flat = Activation.ScaledTanh(0);
        Assert.Equal(
            "the α of scaled-tanh is finite and not 0; got 0.",
            ActivationTraits.Find(flat.Kind)!.Refusal(flat)
        );
    }
}
