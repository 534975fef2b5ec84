using System.Text.Json;

namespace NativeCnn.Tests.Cli;

/// <summary>Models that bring what they are given and how they are trained, as a user runs them.</summary>
public sealed class CatalogueTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("lecun-1989")]
    [InlineData("lenet-5")]
    [InlineData("tdnn")]
    public void Evaluate_and_predict_treat_examples_as_training_did(string model)
    {
        const string Data = "digits:640,100";
        JsonElement trained = CommandLine
            .Run("train", "--model", model, "--data", Data, "--epochs", "12", "--out", _folder.Path, "--json")
            .Json;
        double accuracy = trained.GetProperty("test_accuracy").GetDouble();
        // Ten classes: anything that learned is far above 0.1.
        Assert.InRange(accuracy, 0.5, 1);
        string weights = trained.GetProperty("weights").GetString()!;
        JsonElement evaluated = CommandLine.Run("evaluate", "--weights", weights, "--data", Data, "--json").Json;
        Assert.Equal(accuracy, evaluated.GetProperty("test_accuracy").GetDouble());

        CommandResult example = CommandLine.Run(
            "predict",
            "--weights",
            weights,
            "--data",
            Data,
            "--index",
            "1",
            "--json"
        );
        Assert.Equal(0, example.ExitCode);
        string picture = _folder.At("digit.pgm");
        File.WriteAllBytes(picture, [.. "P5 40 30 255\n"u8, .. new byte[40 * 30]]);
        Assert.Equal(0, CommandLine.Run("predict", "--weights", weights, picture).ExitCode);
    }

    [Fact]
    public void Xor_brings_its_data_and_learns_all_of_it()
    {
        JsonElement json = CommandLine.Run("train", "--model", "xor", "--out", _folder.Path, "--json").Json;
        Assert.Equal(1, json.GetProperty("test_accuracy").GetDouble());
        CommandLine
            .Run("train", "--model", "xor", "--data", "digits:100", "--out", _folder.Path, "--overwrite")
            .AssertError(1, "2 classes, not 10");
    }

    [Theory]
    [InlineData("lecun-1989", "--label-smoothing 0.1", "--label-smoothing does not go with SquaredError")]
    [InlineData("tdnn", "--momentum 0.5", "--momentum does not go with Adam")]
    public void Options_that_do_not_go_with_a_models_own_are_refused(string model, string option, string error) =>
        CommandLine
            .Run(["train", "--model", model, "--data", "digits:64", "--out", _folder.Path, .. option.Split(' ')])
            .AssertError(2, error);

    [Fact]
    public void What_is_typed_goes_before_what_the_model_brings()
    {
        CommandResult result = CommandLine.Run([
            "train",
            "--model",
            "lecun-1989",
            "--data",
            "digits:64,32",
            "--out",
            _folder.Path,
            "--json",
            .. "--epochs 1 --batch 32 --optimizer adam --lr 0.01 --loss softmax --schedule constant".Split(' '),
        ]);
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal(1, result.Json.GetProperty("epochs").GetInt32());
    }

    [Theory]
    [InlineData("lecun-1989", 9_760)]
    [InlineData("lenet-5", 60_000)]
    [InlineData("xor", 9)]
    public void Summary_knows_the_size_that_a_model_takes(string model, long parameters) =>
        Assert.Equal(
            parameters,
            CommandLine.Run("summary", "--model", model, "--json").Json.GetProperty("parameters").GetInt64()
        );
}
