namespace NativeCnn.Backends.Operations;

/// <summary>What a constant of an activation may be; whatever is used is finite.</summary>
internal enum ConstantRule
{
    Unused,
    Finite,
    NotZero,
    AboveZero,
    NotNegative,
}

/// <summary>From which end of an activation its derivative is computed.</summary>
internal enum DerivativeSource
{
    Output,
    Input,
    OutputUnlessAlphaIsNegative,
}

/// <summary>What is declared of an activation in <c>interop/generator/activations.json</c>.</summary>
/// <param name="Kind">Which one.</param>
/// <param name="Name">Its name in files, such as scaled-tanh.</param>
/// <param name="Alpha">What α may be.</param>
/// <param name="Beta">What β may be.</param>
/// <param name="DerivativeSource">From what its derivative is computed.</param>
internal sealed partial record ActivationTraits(
    ActivationKind Kind,
    string Name,
    ConstantRule Alpha,
    ConstantRule Beta,
    DerivativeSource DerivativeSource
)
{
    /// <summary>The traits of a kind, or null if there is no such kind.</summary>
    public static ActivationTraits? Find(ActivationKind kind) =>
        kind >= 0 && (int)kind < All.Count ? All[(int)kind] : null;

    /// <summary>The traits of a name in files, or null if there is none.</summary>
    public static ActivationTraits? Find(string name) => All.FirstOrDefault(traits => traits.Name == name);

    /// <summary>Whether an activation of this kind has a derivative that its output does not tell.</summary>
    public bool NeedsInput(in Activation activation) =>
        DerivativeSource switch
        {
            DerivativeSource.Output => false,
            DerivativeSource.Input => true,
            _ => activation.Alpha < 0,
        };

    /// <summary>What is wrong with the constants of an activation of this kind, or null.</summary>
    public string? Refusal(in Activation activation) =>
        Refusal("α", Alpha, activation.Alpha) ?? Refusal("β", Beta, activation.Beta);

    private string? Refusal(string constant, ConstantRule rule, float value)
    {
        (bool isAllowed, string condition) = rule switch
        {
            ConstantRule.Unused => (true, ""),
            ConstantRule.Finite => (true, "is finite"),
            ConstantRule.NotZero => (value != 0, "is finite and not 0"),
            ConstantRule.AboveZero => (value > 0, "is finite and above 0"),
            _ => (value >= 0, "is finite and at least 0"),
        };
        return rule == ConstantRule.Unused || (isAllowed && float.IsFinite(value))
            ? null
            : $"the {constant} of {Name} {condition}; got {value}.";
    }
}
