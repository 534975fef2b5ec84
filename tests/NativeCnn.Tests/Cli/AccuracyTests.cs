namespace NativeCnn.Tests.Cli;

/// <summary>
/// What whole trainings reach: the accuracies that the README names. Each takes seconds of all processors.
/// </summary>
[Trait("Category", "Slow")]
public sealed class AccuracyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Drawn_digits_with_the_defaults_reach_98_percent() => Assert.InRange(AccuracyOf(), 0.98, 1);

    [SharedDataFact]
    public void Real_digits_reach_98_point_3_percent_in_ten_epochs()
    {
        // The split and the settings of Caffe's LeNet.
        string[] settings = "--epochs 10 --batch 64 --lr 0.01 --momentum 0.9 --weight-decay 5e-4 --seed 1".Split(' ');
        Assert.InRange(AccuracyOf(["--data", $"mnist:{SharedData.Mnist}", "--holdout", "2000", .. settings]), 0.983, 1);
    }

    private double AccuracyOf(params string[] arguments) =>
        CommandLine
            .Run(["train", .. arguments, "--out", _folder.Path, "--json"])
            .Json.GetProperty("test_accuracy")
            .GetDouble();
}
