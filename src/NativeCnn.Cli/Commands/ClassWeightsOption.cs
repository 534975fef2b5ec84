using System.CommandLine;
using System.Globalization;
using NativeCnn.Data;

namespace NativeCnn.Cli.Commands;

/// <summary><c>--class-weights</c>: how much the examples of each class count in the loss.</summary>
internal sealed class ClassWeightsOption
{
    private const string Balanced = "balanced";

    /// <summary>The option.</summary>
    public Option<string> Option { get; } =
        new("--class-weights")
        {
            Description =
                "How much the examples of each class count in the softmax loss: a number above 0 for each, or balanced for the mean number of examples of a class divided by the class's own.",
            HelpName = "W,W,…|balanced",
        };

    public ClassWeightsOption() => Option.Validators.Add(result => LearningOptions.Check(result, Error));

    /// <summary>A weight per class, or null where none are asked for.</summary>
    /// <exception cref="CommandException">There is not a weight for each class.</exception>
    public double[]? Read(ParseResult arguments, IDataset data)
    {
        if (arguments.GetValue(Option) is not { } text)
            return null;
        if (text == Balanced)
            return Balance(data);
        double[] weights = Parse(text)!;
        return weights.Length == data.ClassNames.Count
            ? weights
            : throw CommandException.Usage(
                $"--class-weights {text} has {weights.Length} weights, and the data has {data.ClassNames.Count} classes."
            );
    }

    // N / (C · N_c), as scikit-learn has it; 1 for a class without examples, which no label uses.
    private static double[] Balance(IDataset data)
    {
        var counts = new long[data.ClassNames.Count];
        for (int i = 0; i < data.Count; i++)
            counts[data.Label(i)]++;
        return [.. counts.Select(count => count == 0 ? 1 : (double)data.Count / counts.Length / count)];
    }

    private static string? Error(string text) =>
        text == Balanced || Parse(text) is not null
            ? null
            : $"use {Balanced}, or numbers above 0 and at most 1000000 with commas between them.";

    private static double[]? Parse(string text)
    {
        const NumberStyles Style = NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        string[] parts = text.Split(',');
        var weights = new double[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            if (
                !double.TryParse(parts[i], Style, CultureInfo.InvariantCulture, out weights[i])
                // Above 0 as float32 too.
                || weights[i] is not (>= 1e-30 and <= 1e6)
            )
                return null;
        }
        return weights;
    }
}
