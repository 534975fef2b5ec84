using System.Globalization;
using NativeCnn.Cli;

namespace NativeCnn.Tests.Cli;

/// <summary>Every option of every command that takes numbers, found by reflection: none can be left out.</summary>
public sealed class NumberOptionTests
{
    // What is a number to some reader of some country, and to this program never.
    private static readonly string[] s_mistakes =
    [
        "0,01",
        "1,000",
        "1.000,5",
        "1'000",
        "1 000",
        "1_000",
        "1000,",
        ",5",
        " 1",
        "1 ",
        "",
        "NaN",
        "Infinity",
        "-Infinity",
        "∞",
        "1e999",
        "-1e999",
        "99999999999999999999999",
        "0x10",
        "١",
        "１",
        "1f",
        "$1",
        "(1)",
        "1-",
        "--1",
        "+-1",
        "1;2",
    ];

    public static TheoryData<string, string> Options => NumberOptionRows.Of(Program.CreateRoot().Subcommands);

    [Theory]
    [MemberData(nameof(Options))]
    public void What_is_no_number_is_refused_by_name(string command, string option)
    {
        foreach (string text in s_mistakes)
        {
            string error = Error(command, option, text) ?? "";
            Assert.True(
                error.StartsWith($"{option} {text} is impossible: use ", StringComparison.Ordinal),
                $"'{text}': {error}"
            );
        }
    }

    [Theory]
    [MemberData(nameof(Options))]
    public void The_country_of_the_user_changes_nothing(string command, string option)
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        CultureInfo german = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        german.NumberFormat.NumberDecimalSeparator = ",";
        german.NumberFormat.NumberGroupSeparator = ".";
        try
        {
            CultureInfo.CurrentCulture = german;
            Assert.NotNull(Error(command, option, "0,05"));
            Assert.NotNull(Error(command, option, "1.000.000"));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Theory]
    [MemberData(nameof(Options))]
    public void It_is_given_once(string command, string option) =>
        Assert.Contains(
            Program.Parse([.. Line(command, option, "1"), option, "1"]).Errors,
            error => error.Message.Contains($"'{option}' expects a single argument", StringComparison.Ordinal)
        );

    [Theory]
    [InlineData("train", "--lr", "0 -1 1000.1 1e-60 1e60", "0.5 1e-3 1000")]
    [InlineData("train", "--momentum", "-0.1 1 0.99999999999 1.5", "0 0.5 0.999")]
    [InlineData("train", "--weight-decay", "-1e-9 1.1", "0 1e-4 1")]
    [InlineData("train", "--warm-up", "-1 1.5 1000000001", "0 500")]
    [InlineData("train", "--picture-size", "0 16385", "1 224")]
    [InlineData("train", "--loader-threads", "0 257", "1 256")]
    [InlineData("train", "--label-smoothing", "-0.1 1.1", "0 0.1 1")]
    [InlineData("train", "--clip-norm", "0 -1 1e10", "1e-3 5")]
    [InlineData("train", "--clip-value", "0 -1 1e10", "1e-3 5")]
    [InlineData("train", "--accumulate", "0 -1 1000001", "1 8")]
    [InlineData("train", "--early-stopping", "-1 1.5 1000001", "0 5")]
    [InlineData("train", "--checkpoint-every", "-1 1.5 1000000001", "0 500")]
    [InlineData("train", "--keep-checkpoints", "-1 1.5 1000001", "0 5")]
    [InlineData("train", "--damping", "0 -1 1000.1 1e-60", "1e-3 0.02 1000")]
    [InlineData("train", "--averaging", "-0.1 1 1.5", "0 0.5 0.999")]
    [InlineData("train", "--sample", "0 -1 1.5 1000000001", "1 500")]
    [InlineData("train", "--epochs", "0 -1 1000001 1.5 1e3", "1 +5 1000000")]
    [InlineData("train", "--batch", "0 -64 2147483648", "1 2147483647")]
    [InlineData("train", "--seed", "-1 18446744073709551616", "0 18446744073709551615")]
    [InlineData("train", "--holdout", "-1 2147483648", "0 2000")]
    [InlineData("train", "--threads", "0 -2 1025", "1 1024")]
    [InlineData("bench", "--seconds", "-1 86401", "0 0.5 86400")]
    [InlineData("bench", "--classes", "0 1 1000001", "2 1000000")]
    [InlineData("bench", "--image", "0 0x1x1 28x28 28x28x-1 28x028x1 2147483648", "28 28x28x1")]
    [InlineData("compare", "--steps", "0 -1 1.5 1000001", "1 20")]
    [InlineData("compare", "--tolerance", "-1 1e10", "0 8 0.5")]
    [InlineData("compare", "--loss-tolerance", "-1e-9 1.1", "0 1e-4 1")]
    [InlineData("summary", "--input", "28 28x28 0x28x1 28x28x1x1", "28x28x1")]
    [InlineData("show", "--square", "0 65 1.5", "1 64")]
    [InlineData("show", "--index", "-1 1,2 2147483648", "0 1000")]
    [InlineData("predict", "--top", "0 -1 1.5 1001", "1 1000")]
    [InlineData("predict", "--index", "-1 1, ,1 1,,2 0,-1 00 2147483648", "0 0,1,2 1000")]
    public void Ranges_are_kept(string command, string option, string refused, string taken)
    {
        foreach (string text in refused.Split(' '))
            Assert.StartsWith($"{option} {text} is impossible: use ", Error(command, option, text));
        foreach (string text in taken.Split(' '))
            Assert.Null(Error(command, option, text));
    }

    [Fact]
    public void Every_option_of_numbers_has_its_row_of_ranges()
    {
        IEnumerable<string> rows = typeof(NumberOptionTests)
            .GetMethod(nameof(Ranges_are_kept))!
            .GetCustomAttributesData()
            .Where(attribute => attribute.AttributeType == typeof(InlineDataAttribute))
            .Select(attribute =>
                (IEnumerable<System.Reflection.CustomAttributeTypedArgument>)attribute.ConstructorArguments[0].Value!
            )
            .Select(values => (string)values.ElementAt(1).Value!);
        Assert.Equal(Options.Select(row => (string)row[1]).Distinct().Order(), rows.Distinct().Order());
    }

    // What is missing would be said before what is wrong.
    private static string[] Line(string command, string option, string text) =>
        (command, option) switch
        {
            ("predict", not "--index") => [command, "--index", "0", option, text],
            ("show", _) => [command, "--weights", "x", "--out", "y", option, text],
            _ => [command, option, text],
        };

    // The first error that names the option, or null.
    private static string? Error(string command, string option, string text) =>
        Program
            .Parse(Line(command, option, text))
            .Errors.Select(error => error.Message)
            .FirstOrDefault(message => message.StartsWith(option, StringComparison.Ordinal));
}
