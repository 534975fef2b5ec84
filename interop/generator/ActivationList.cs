using System.Text.Json;

namespace NativeCnn.Generator;

/// <summary>What a constant of an activation may be. Whatever is used is finite.</summary>
internal enum ConstantRule
{
    Unused,
    Finite,
    NotZero,
    AboveZero,
    NotNegative,
}

/// <summary>One point-wise non-linearity y = f(x).</summary>
/// <param name="Name">Its name in files, in small letters with hyphens; C's and C#'s names follow from it.</param>
/// <param name="Number">Its number in C and C#, which is its place in the list.</param>
/// <param name="Formula">f(x), in ASCII.</param>
/// <param name="Derivative">f'(x) in terms of what it is computed from: y for the output, x for the input.</param>
/// <param name="DerivativeFrom">"output", "input" or "output unless alpha &lt; 0".</param>
/// <param name="Alpha">What the constant alpha may be: "finite", "not 0", "above 0" or "at least 0"; absent if
/// unused.</param>
/// <param name="Beta">The same for beta.</param>
/// <param name="Note">What else there is to know.</param>
internal sealed record Activation(
    string Name,
    int Number,
    string Formula,
    string Derivative,
    string DerivativeFrom,
    string? Alpha = null,
    string? Beta = null,
    string? Note = null
)
{
    /// <summary>As part of the names of C functions.</summary>
    public string CName => Name.Replace('-', '_');

    /// <summary>The member of nativecnn_activation_kind.</summary>
    public string CConstant => "NATIVECNN_" + CName.ToUpperInvariant();

    /// <summary>The member of ActivationKind.</summary>
    public string CSharpName =>
        string.Concat(Name.Split('-').Select(word => char.ToUpperInvariant(word[0]) + word[1..]));

    /// <summary>The member of DerivativeSource.</summary>
    public string DerivativeSource =>
        DerivativeFrom switch
        {
            "output" => "Output",
            "input" => "Input",
            "output unless alpha < 0" => "OutputUnlessAlphaIsNegative",
            _ => throw new GeneratorException(
                $"{Name}: derivativeFrom is \"input\", \"output\" or \"output unless alpha < 0\"."
            ),
        };

    public string Comment =>
        $"f(x) = {Formula}; f'(x) = {Derivative}{(HasOutput ? ", with y = f(x)" : "")}."
        + (Note is null ? "" : " " + Note);

    private bool HasOutput => Derivative.Split(' ', '(', ')', '^').Contains("y");

    public ConstantRule Rule(string? rule) =>
        rule switch
        {
            null => ConstantRule.Unused,
            "finite" => ConstantRule.Finite,
            "not 0" => ConstantRule.NotZero,
            "above 0" => ConstantRule.AboveZero,
            "at least 0" => ConstantRule.NotNegative,
            _ => throw new GeneratorException($"{Name}: a constant cannot be '{rule}'."),
        };
}

/// <summary>The one list of activations, from which C and C# get their declarations.</summary>
internal static class ActivationList
{
    public static Activation[] Read(string path)
    {
        Activation[] list = JsonSerializer.Deserialize<Activation[]>(
            File.ReadAllBytes(path),
            JsonSerializerOptions.Web
        )!;
        foreach ((int place, Activation activation) in list.Index())
        {
            if (activation.Number != place)
                throw new GeneratorException(
                    $"{path}: {activation.Name} is number {activation.Number} at place {place}."
                );
        }
        return list;
    }
}
