using System.CommandLine;
using NativeCnn.Benchmarks;

namespace NativeCnn.Tests.Cli;

/// <summary>Every option of numbers of the benchmarks' own commands, found by reflection: none can be left out.</summary>
public sealed class BenchmarkOptionTests
{
    public static TheoryData<string, string> Options => NumberOptionRows.Of(OwnCommands.Create());

    [Theory]
    [MemberData(nameof(Options))]
    public void What_is_no_number_is_refused_by_name(string command, string option)
    {
        foreach (string text in (string[])["-1", "NaN", "Infinity", "1e999", "0,01", "1;2", "x", ""])
            Assert.StartsWith($"{option} {Part(text)} is impossible: use ", Error(command, option, text));

        // A list has its first number refused, or the one behind it.
        string Part(string text) => IsList(command, option) && text.Contains(',') ? text.Split(',')[0] : text;
    }

    [Theory]
    [InlineData("--seconds", "-1 -1e-9 86401", "0 0.5 86400")]
    [InlineData("--rounds", "0 -1 1.5 1000001", "1 9 1000000")]
    [InlineData("--threads", "0 -1 1025", "1 1024")]
    [InlineData("--layers", "0 -1 1000001", "1 100")]
    [InlineData("--seed", "-1 18446744073709551616", "0 18446744073709551615")]
    [InlineData("--examples", "0 -1 100000001", "1 8000")]
    [InlineData("--epochs", "0 -1 1000001", "1 10")]
    [InlineData("--batch", "0 -1 1000001", "1 64")]
    [InlineData("--at", "0 1025", "1 64")]
    [InlineData("--bandwidth", "0 -1 1000001", "1e-3 27.5")]
    [InlineData("--cache", "-1 1000001", "0 32")]
    [InlineData("--wake", "-1 1000001", "0 0.2")]
    [InlineData("--transfer", "-1 1000001", "0 0.2")]
    [InlineData("--finish", "-1 1000001", "0 0.2")]
    public void Ranges_are_kept_by_every_command_that_has_it(string option, string refused, string taken)
    {
        string[] commands = [.. Options.Where(row => (string)row[1] == option).Select(row => (string)row[0])];
        Assert.NotEmpty(commands);
        foreach (string command in commands)
        {
            foreach (string text in refused.Split(' '))
                Assert.StartsWith($"{option} {text} is impossible: use ", Error(command, option, text));
            foreach (string text in taken.Split(' '))
                Assert.Null(Error(command, option, text));
        }
    }

    [Fact]
    public void Each_number_of_a_list_is_in_the_range()
    {
        Assert.Null(Error("scaling", "--threads", "1,2,1024"));
        Assert.Equal(
            "--threads 1025 is impossible: use a whole number from 1 to 1024.",
            Error("scaling", "--threads", "2,1025")
        );
    }

    [Fact]
    public void A_word_that_is_no_command_of_ours_is_left_to_others()
    {
        Assert.Null(OwnCommands.Run([]));
        Assert.Null(OwnCommands.Run(["--filter", "*"]));
    }

    private static bool IsList(string command, string option) => Find(command, option).ValueType.IsArray;

    private static Option Find(string command, string option) =>
        OwnCommands.Create().Single(own => own.Name == command).Options.Single(own => own.Name == option);

    // The first error that names the option, or null.
    private static string? Error(string command, string option, string text) =>
        OwnCommands
            .Create()
            .Single(own => own.Name == command)
            .Parse([option, text])
            .Errors.Select(error => error.Message)
            .FirstOrDefault(message => message.StartsWith(option, StringComparison.Ordinal));
}
