using NativeCnn.Cli;

namespace NativeCnn.Tests.Cli;

/// <summary>The options that say what training minimises and how.</summary>
public sealed class LearningOptionTests
{
    [Theory]
    [InlineData(
        "--schedule",
        "constant step:2 step:2:0.5 exponential:0.9 cosine cosine:0.1 one-cycle plateau plateau:3:0.5"
    )]
    [InlineData("--schedule", "milestones:2=0.4 milestones:2=0.4,5=0.2,8=0.1,12=0.02")]
    [InlineData("--penalty", "l1:0.1 l2:5e-4 l2:0")]
    [InlineData("--optimizer", "sgd nesterov adam adamw rmsprop adagrad diagonal")]
    [InlineData("--loss", "softmax logistic squared huber hinge")]
    public void What_is_possible_is_taken(string option, string texts)
    {
        foreach (string text in texts.Split(' '))
            Assert.Empty(Errors(option, text));
    }

    [Theory]
    [InlineData(
        "--schedule",
        "linear step step:0 step:2:0 step:2:0,5 step:1.5 step:-1 exponential cosine:2 cosine:NaN"
    )]
    [InlineData("--schedule", "plateau:1:1 plateau:1:2 one-cycle:3 step:2:0.5:1 step: Step:2")]
    [InlineData("--schedule", "milestones milestones:2 milestones:2=0.5,2=0.4 milestones:0=1 milestones:2=0.5,")]
    [InlineData("--penalty", "l3:1 l2 l2: l2:0,5 l2:-1 l2:1e9 l2:NaN 0.5 l2:1:1")]
    public void What_is_not_is_refused_by_name(string option, string texts)
    {
        foreach (string text in texts.Split(' '))
            Assert.Contains(
                Errors(option, text),
                error => error.StartsWith($"{option} {text} is impossible: ", StringComparison.Ordinal)
            );
    }

    [Theory]
    [InlineData("--optimizer adam --momentum 0.5", "--momentum goes with --optimizer sgd, nesterov or rmsprop")]
    [InlineData("--optimizer adagrad --momentum 0.5", "--momentum goes with")]
    [InlineData("--optimizer diagonal --momentum 0.5", "--momentum goes with")]
    [InlineData("--optimizer sgd --damping 0.1", "--damping goes with --optimizer diagonal, not with sgd")]
    [InlineData("--optimizer adam --averaging 0.1", "--averaging goes with --optimizer diagonal")]
    [InlineData("--optimizer adagrad --sample 10", "--sample goes with --optimizer diagonal")]
    [InlineData("--loss hinge --label-smoothing 0.1", "--label-smoothing goes with --loss softmax")]
    [InlineData("--clip-norm 1 --clip-value 1", "either --clip-norm or --clip-value")]
    public void What_does_not_go_together_is_refused(string arguments, string error) =>
        Assert.Contains(Errors(arguments.Split(' ')), message => message.Contains(error, StringComparison.Ordinal));

    [Fact]
    public void A_penalty_may_be_given_again() => Assert.Empty(Errors("--penalty", "l1:0.1", "--penalty", "l2:0.1"));

    [Theory]
    [InlineData("--optimizer adam --schedule cosine --warm-up 3 --clip-norm 5")]
    [InlineData("--optimizer adamw --loss logistic --accumulate 2")]
    [InlineData("--optimizer rmsprop --lr 0.001 --schedule plateau:1 --penalty l2:1e-4")]
    [InlineData("--optimizer adagrad --schedule one-cycle --label-smoothing 0.1")]
    [InlineData("--optimizer nesterov --loss squared --schedule step:1:0.5 --clip-value 1")]
    [InlineData("--optimizer diagonal --damping 0.1 --averaging 0 --sample 100 --schedule milestones:1=0.4")]
    [InlineData("--optimizer diagonal --loss squared --penalty l2:1e-4 --accumulate 2")]
    [InlineData("--loss huber --schedule exponential:0.9")]
    [InlineData("--loss hinge --momentum 0 --optimizer nesterov")]
    public void They_train(string arguments)
    {
        using TemporaryFolder folder = new();
        CommandResult result = CommandLine.Run([
            "train",
            "--data",
            "digits:320",
            "--holdout",
            "64",
            "--epochs",
            "2",
            "--out",
            folder.Path,
            "--json",
            .. arguments.Split(' '),
        ]);
        // The progress goes to standard error where the result is JSON.
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.True(double.IsFinite(result.Json.GetProperty("test_loss").GetDouble()));
    }

    [Theory]
    [InlineData("huber", "HuberLoss has no second derivatives")]
    [InlineData("hinge", "HingeLoss has no second derivatives")]
    public void A_loss_without_second_derivatives_is_refused_before_the_first_step(string loss, string error)
    {
        using TemporaryFolder folder = new();
        CommandResult result = CommandLine.Run([
            "train",
            "--optimizer",
            "diagonal",
            "--data",
            "digits:16",
            "--loss",
            loss,
            "--out",
            folder.Path,
        ]);
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains(error, result.Error, StringComparison.Ordinal);
        Assert.Contains("train it with --optimizer sgd", result.Error, StringComparison.Ordinal);
    }

    private static string[] Errors(params string[] arguments) =>
        [.. Program.Parse(["train", .. arguments]).Errors.Select(error => error.Message)];
}
