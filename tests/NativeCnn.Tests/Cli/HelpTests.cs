using System.Text.RegularExpressions;

namespace NativeCnn.Tests.Cli;

public class HelpTests
{
    [Fact]
    public void The_command_lists_its_commands_and_exit_codes()
    {
        CommandResult result = CommandLine.Run("--help");
        Assert.Equal(0, result.ExitCode);
        Assert.Equal("", result.Error);
        foreach (
            string word in (string[])
                [
                    "download",
                    "train",
                    "evaluate",
                    "predict",
                    "show",
                    "summary",
                    "bench",
                    "profile",
                    "schema",
                    "verify",
                    "compare",
                    "doctor",
                    "Exit codes",
                    "130",
                ]
        )
            Assert.Contains(word, result.Output);
    }

    [Theory]
    [InlineData(
        "train",
        "--model --network --data --holdout --epochs --batch --picture-size --augment --loader-threads --optimizer --lr --momentum --weight-decay --schedule --warm-up --loss --label-smoothing --class-weights --penalty --clip-norm --clip-value --accumulate --damping --averaging --sample --early-stopping --rate-factor --decay-factor --backend --threads --algorithm --exact --tune --tuning-cache --seed --out --overwrite --config --resume --checkpoint-every --keep-checkpoints --tensorboard --find-lr --json"
    )]
    [InlineData("download", "<SET> <DIR> --from")]
    [InlineData("evaluate", "--weights --data --holdout --batch --backend --threads --algorithm --exact --json")]
    [InlineData(
        "predict",
        "--weights --data --holdout --index --top --csv --backend --threads --algorithm --exact --json <files>"
    )]
    [InlineData("show", "--weights --layer --apply --data --index --square --out --backend --threads --json <file>")]
    [InlineData(
        "summary",
        "--model --network --weights --input --classes --batch --backend --threads --algorithm --exact --json"
    )]
    [InlineData(
        "bench",
        "MODEL --network --batch --image --classes --seconds --backend --threads --algorithm --exact --tune --tuning-cache --json"
    )]
    [InlineData(
        "profile",
        "MODEL --network --batch --image --classes --seconds --backend --threads --algorithm --exact --tune --tuning-cache --json"
    )]
    [InlineData("schema", "--help")]
    [InlineData("verify", "<DIR|FILE> --backend --threads --algorithm --exact --json")]
    [InlineData(
        "compare",
        "--model --network --weights --backends --data --steps --batch --tolerance --loss-tolerance --seed --threads --algorithm --exact --json"
    )]
    [InlineData("doctor", "--threads --json")]
    public void Every_command_lists_its_options_and_exit_codes(string command, string options)
    {
        CommandResult result = CommandLine.Run(command, "--help");
        Assert.Equal(0, result.ExitCode);
        Assert.Equal("", result.Error);
        Assert.Contains($"nativecnn {command}", result.Output);
        Assert.Contains("Exit codes", result.Output);
        foreach (string option in options.Split(' ').Append("--verbose"))
            Assert.Contains(option, result.Output);
    }

    [Fact]
    public void The_version_is_a_number()
    {
        CommandResult result = CommandLine.Run("--version");
        Assert.Equal(0, result.ExitCode);
        Assert.Matches(new Regex(@"^\d+\.\d+\.\d+"), result.Output);
    }
}
