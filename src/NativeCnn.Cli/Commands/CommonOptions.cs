using System.CommandLine;
using System.Globalization;
using System.Numerics;

namespace NativeCnn.Cli.Commands;

/// <summary>The options that several commands share, and how numbers are read. None of them loads the engine.</summary>
internal static class CommonOptions
{
    // As the engine has it; a constant, so that --help does not load the engine.
    public const int MaximumThreads = 1024;
    public const string Digits = "digits";
    public const string Native = "native";
    public const string Managed = "managed";
    public const string OneDnn = "onednn";
    public const string Auto = "auto";

    /// <summary>Global: a stack trace with the error.</summary>
    public static Option<bool> Verbose { get; } =
        new("--verbose") { Description = "With an error, print the stack trace too.", Recursive = true };

    public static Option<bool> Json() =>
        new("--json")
        {
            Description = "Print one JSON object on standard output; everything else goes to standard error.",
        };

    public static Option<string> Data() =>
        new("--data")
        {
            Description =
                "The examples: digits (drawn by the program), digits:COUNT, mnist:DIR (IDX files, gzipped or not), cifar:DIR (binary files), "
                + "folder:DIR (JPEG and PNG, a folder for each class), npy:PATH (.npy or .npz) or xor.",
            HelpName = "SPEC",
            DefaultValueFactory = _ => Digits,
        };

    /// <summary>The value that was typed, or another.</summary>
    public static T Given<T>(this Option<T> option, ParseResult arguments, T otherwise) =>
        option.IsGiven(arguments) ? arguments.GetRequiredValue(option) : otherwise;

    /// <summary>Whether the option was typed.</summary>
    public static bool IsGiven(this Option option, ParseResult arguments) =>
        arguments.GetResult(option) is { Implicit: false };

    public static Option<int> Holdout() =>
        Number<int>(
            "--holdout",
            "N",
            "Test on the last N training examples, in file order, instead of the data's own test set; 0 for that.",
            0,
            new(0, int.MaxValue)
        );

    public static Option<int> Batch(int? byDefault, string description) =>
        Number<int>("--batch", "N", description, byDefault, new(1, int.MaxValue));

    public static Option<string> Backend() =>
        OneOf(
            "--backend",
            "What computes: native (OpenBLAS and the C shim), managed (C#, slow), onednn (oneDNN where it has a kernel, "
                + "all else as native), or auto (each convolution by native or oneDNN, whichever is faster).",
            Native,
            Managed,
            OneDnn,
            Auto
        );

    /// <summary>The algorithms as the planner names them; a copy, so that --help does not load the engine.</summary>
    public static IReadOnlyList<string> Algorithms { get; } =
    ["im2col", "direct", "blocked", "depthwise", "grouped", "winograd4", "winograd2"];

    public static Option<string> Algorithm() =>
        new("--algorithm")
        {
            Description =
                "Compute every convolution by this algorithm instead of the planner's choice: "
                + $"{string.Join(", ", Algorithms)}; with --backend {Auto} also {OneDnn}.",
            HelpName = "NAME",
            CustomParser = result =>
            {
                string name = result.Tokens[0].Value;
                if (name != OneDnn && !Algorithms.Contains(name))
                    result.AddError($"--algorithm {name} is not known: use {string.Join(" or ", Algorithms)}.");
                return name;
            },
        };

    public static Option<bool> Exact() =>
        new("--exact")
        {
            Description =
                "Add exactly the products of a convolution's definition: no Winograd, which rounds more and makes a "
                + "whole tile NaN of one NaN or infinity.",
        };

    public static Option<bool> Tune() =>
        new("--tune")
        {
            Description =
                "Measure every algorithm for each convolution and keep the fastest in the tuning cache; results may then differ in the last bits.",
        };

    public static Option<string> TuningCache() =>
        new("--tuning-cache")
        {
            Description = "Where measured choices are kept [default: nativecnn/tuning.json in the user's cache folder]",
            HelpName = "FILE",
        };

    public static Option<string> Network() =>
        new("--network")
        {
            Description = "A file with a network as JSON, as summary --json prints it (docs/network-files.md).",
            HelpName = "FILE",
        };

    public static Option<string> Weights() =>
        new("--weights") { Description = "A model file (safetensors) written by train.", HelpName = "FILE" };

    /// <summary>An option for a number; without a default its value is zero where it is not given.</summary>
    public static NumberOption<T> Number<T>(
        string name,
        string helpName,
        string description,
        T? byDefault,
        NumberRange<T> range
    )
        where T : struct, INumber<T>
    {
        NumberOption<T> option = new(name, range) { Description = description, HelpName = helpName };
        if (byDefault is { } value)
            option.DefaultValueFactory = _ => value;
        return option;
    }

    /// <summary>An option whose value is one of some words, the first by default.</summary>
    public static Option<string> OneOf(string name, string description, params string[] words) =>
        new(name)
        {
            Description = description,
            HelpName = string.Join('|', words),
            DefaultValueFactory = _ => words[0],
            CustomParser = result =>
            {
                string word = result.Tokens[0].Value;
                if (!words.Contains(word))
                    result.AddError($"{name} {word} is not known: use {string.Join(" or ", words)}.");
                return word;
            },
        };

    /// <summary>Adds options in the order in which help lists them.</summary>
    public static void AddAll(this Command command, params ReadOnlySpan<Option> options)
    {
        foreach (Option option in options)
            command.Add(option);
    }

    /// <summary>Reads sizes above 0 with an x between them, such as 28x28x1.</summary>
    public static bool TryParseSizes(string text, out int[] sizes) =>
        TryParseList(text.Split('x', '×'), out sizes) && sizes.All(size => size > 0);

    /// <summary>
    /// Reads whole numbers from 0, digits alone. None begins with a 0 of no use: 1,000 is a number with a separator of
    /// thousands, and not the list of 1 and 0.
    /// </summary>
    public static bool TryParseList(string[] parts, out int[] numbers)
    {
        numbers = new int[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            if (
                parts[i] is ['0', _, ..]
                || !int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i])
            )
                return false;
        }
        return true;
    }
}
