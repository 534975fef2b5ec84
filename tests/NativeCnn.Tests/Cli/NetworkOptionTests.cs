using System.Text.Json;
using NativeCnn.Cli;
using NativeCnn.Formats;
using NativeCnn.Networks;

namespace NativeCnn.Tests.Cli;

/// <summary>Networks from files, factors of single layers, and class weights, as a user gives them.</summary>
public sealed class NetworkOptionTests : IDisposable
{
    private const string Small = """
        {"version": 2, "inputs": [[28, 28, 1]], "layers": [
          {"kind": "average-pooling", "window": 4},
          {"kind": "dense", "name": "hidden", "units": 8}, {"kind": "tanh"},
          {"kind": "dense", "name": "out", "units": 10}]}
        """;

    private readonly TemporaryFolder _folder = new();

    private string Net => Path.Combine(_folder.Path, "small.json");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_summary_prints_trains_as_the_model_does()
    {
        CommandResult summary = CommandLine.Run("summary", "--model", "lenet", "--json");
        Assert.Equal(0, summary.ExitCode);
        File.WriteAllText(Net, summary.Output);
        double Loss(params string[] network) =>
            Train(["--data", "digits:128,0", "--epochs", "1", .. network]).Json.GetProperty("train_loss").GetDouble();
        Assert.Equal(Loss("--model", "lenet"), Loss("--network", Net, "--overwrite"));
        JsonElement again = CommandLine.Run("summary", "--network", Net, "--json").Json;
        Assert.True(
            JsonElement.DeepEquals(summary.Json.GetProperty("network"), again.GetProperty("network")),
            again.GetProperty("network").GetRawText()
        );
    }

    [Theory]
    [InlineData("train", "--model lenet --network FILE", "Give either --model or --network.")]
    [InlineData("summary", "--network FILE --weights x", "Give either --network or --weights.")]
    [InlineData("summary", "--network FILE --classes 3", "--classes goes with --model")]
    [InlineData("bench", "lenet --network FILE", "Give either MODEL or --network.")]
    [InlineData("bench", "", "Give a MODEL, or a file by --network.")]
    [InlineData("profile", "--network FILE --image 28", "--image goes with MODEL")]
    [InlineData("train", "--class-weights 1,2", "--class-weights 1,2 has 2 weights, and the data has 10 classes.")]
    [InlineData("train", "--class-weights 1,0", "--class-weights 1,0 is impossible: use balanced, or numbers above 0")]
    [InlineData("train", "--class-weights balanced --loss hinge", "--class-weights goes with --loss softmax")]
    [InlineData("train", "--rate-factor hidden", "--rate-factor hidden is impossible: use LAYER=F")]
    [InlineData("train", "--rate-factor hidden=-1", "--rate-factor hidden=-1 is impossible")]
    [InlineData(
        "train",
        "--network FILE --rate-factor hiden=2",
        "there is no layer hiden. The layers with parameters are hidden, out."
    )]
    [InlineData(
        "train",
        "--network FILE --decay-factor hidden.wieght=2",
        "wieght is no parameter (did you mean 'weight'?)."
    )]
    [InlineData(
        "train",
        "--network FILE --decay-factor tanh1=2",
        "a factor is for parameters, and layer 'tanh1' (tanh) has none"
    )]
    public void Arguments_that_are_wrong_are_told(string command, string arguments, string expected)
    {
        File.WriteAllText(Net, Small);
        string[] words = arguments.Replace("FILE", Net, StringComparison.Ordinal).Split(' ');
        string[] data = command == "train" ? ["--data", "digits:32,0"] : [];
        CommandResult result = CommandLine.Run([command, .. words.Where(word => word.Length > 0), .. data]);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(expected, result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        "[[28, 28, 1]]",
        "[[14, 28, 1]]",
        "takes 1×14×28×1 and has 10 outputs",
        "examples of 1×28×28×1 and 10 classes"
    )]
    [InlineData(
        "\"units\": 10",
        "\"units\": 7",
        "takes 1×28×28×1 and has 7 outputs",
        "examples of 1×28×28×1 and 10 classes"
    )]
    [InlineData(
        "[[28, 28, 1]]",
        "[[28, 28, 1], [2, 2, 1]]",
        "has 2 inputs and 1 outputs",
        "train takes networks with one of each"
    )]
    public void A_network_that_does_not_fit_the_data_is_told_with_both(
        string good,
        string bad,
        params string[] expected
    )
    {
        File.WriteAllText(Net, Small.Replace(good, bad, StringComparison.Ordinal));
        Train("--network", Net, "--data", "digits:32,0").AssertError(1, [Net, .. expected]);
    }

    [Fact]
    public void A_mistake_in_the_file_is_one_line_with_its_place()
    {
        File.WriteAllText(Net, Small.Replace("\"units\": 8", "\"units\": 0", StringComparison.Ordinal));
        Train("--network", Net).AssertError(1, $"{Net}(3,48): layers[1].units must be at least 1, but is 0.");
        CommandLine.Run("bench", "--network", Net).AssertError(1, $"{Net}(3,48): ");
        Train("--network", Path.Combine(_folder.Path, "none.json")).AssertError(1, "none.json");
        Train("--network", _folder.Path).AssertError(1, "is a folder");
    }

    [Fact]
    public void Factors_hold_a_layer_still_and_stay_with_the_model()
    {
        File.WriteAllText(Net, Small);
        string[] factors =
        [
            "--rate-factor",
            "hidden=0",
            "--rate-factor",
            "out.weight=2",
            "--decay-factor",
            "out.bias=0",
        ];
        Assert.Equal(0, Train(["--network", Net, "--data", "digits:128,0", "--epochs", "1", .. factors]).ExitCode);
        using Network before = NetworkFile.Load(Net);
        using Network after = ModelFile.Load(Path.Combine(_folder.Path, "small.safetensors"));
        foreach ((var first, var second) in before.Parameters.Zip(after.Parameters))
        {
            bool isSame = first.Value.Span.SequenceEqual(second.Value.Span);
            Assert.Equal(first.Name.StartsWith("hidden.", StringComparison.Ordinal), isSame);
        }
        Assert.Equal([0, 0, 2, 1], after.Parameters.Select(parameter => parameter.LearningRateFactor));
        Assert.Equal([1, 1, 1, 0], after.Parameters.Select(parameter => parameter.WeightDecayFactor));
    }

    [Theory]
    [InlineData("balanced")]
    [InlineData("1,1,2,1,1,1,1,1,1,0.5")]
    public void Class_weights_train(string weights)
    {
        File.WriteAllText(Net, Small);
        CommandResult result = Train([
            "--network",
            Net,
            "--data",
            "digits:128,0",
            "--epochs",
            "1",
            "--class-weights",
            weights,
        ]);
        Assert.InRange(result.Json.GetProperty("train_loss").GetDouble(), 0, 3);
    }

    [Theory]
    [InlineData("bench")]
    [InlineData("profile")]
    public void They_measure_a_network_from_a_file(string command)
    {
        File.WriteAllText(Net, Small);
        Assert.Equal(
            "network",
            CommandLine
                .Run(command, "--network", Net, "--batch", "4", "--seconds", "0", "--json")
                .Json.GetProperty("model")
                .GetString()
        );
    }

    [Fact]
    public void Ranges_are_written_out()
    {
        string Error(params string[] arguments) => Program.Parse(["train", .. arguments]).Errors[0].Message;
        Assert.EndsWith("use a number above 0 and up to 1000000000.", Error("--clip-norm", "0"));
        Assert.EndsWith("use a whole number from 0 to 18446744073709551615.", Error("--seed", "-1"));
        Assert.EndsWith("use a number from 0 and below 1.", Error("--momentum", "1"));
    }

    private CommandResult Train(params string[] arguments) =>
        CommandLine.Run(["train", .. arguments, "--out", _folder.Path, "--json"]);
}
