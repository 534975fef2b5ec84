using System.Globalization;
using NativeCnn.Backends;
using NativeCnn.Cli.Output;
using NativeCnn.Data;
using NativeCnn.Networks;
using NativeCnn.Training;

namespace NativeCnn.Cli;

/// <summary><c>train --find-lr</c>: tries learning rates on the first steps, and trains nothing.</summary>
internal static class LearningRateSearch
{
    // A row of the table stands for so many steps.
    private const int StepsPerRow = 5;

    public static int Run(
        Network network,
        Backend backend,
        IDataset train,
        TrainerOptions options,
        CommandOutput output,
        CancellationToken interruption
    )
    {
        LearningRateCurve curve = LearningRateFinder.Find(network, backend, train, options, cancellation: interruption);
        if (output.IsJson)
            JsonLine.Print(json =>
            {
                json.NumberOrNull("suggested_lr", curve.Suggested);
                json.WriteStartArray("trials");
                foreach (LearningRateTrial trial in curve.Trials)
                {
                    json.WriteStartObject();
                    json.WriteNumber("lr", trial.Rate);
                    json.NumberOrNull("loss", trial.Loss);
                    json.NumberOrNull("smoothed_loss", trial.SmoothedLoss);
                    json.WriteEndObject();
                }
                json.WriteEndArray();
            });
        else
            Print(output, curve);
        return interruption.IsCancellationRequested ? ExitCodes.Interrupted : ExitCodes.Success;
    }

    private static void Print(CommandOutput output, LearningRateCurve curve)
    {
        TextTable table = new(
            "the loss while the learning rate rises",
            new TextColumn("lr", IsNumber: true),
            new TextColumn("smoothed loss", IsNumber: true)
        );
        for (int i = 0; i < curve.Trials.Count; i += StepsPerRow)
            table.Row(Text(curve.Trials[i].Rate), Figures.Loss(curve.Trials[i].SmoothedLoss));
        output.Table(table);
        output.Line(
            curve.Suggested is { } rate
                ? $"The loss falls the fastest at --lr {Text(rate)}."
                : "The loss fell at no rate: look at the data, the loss and --batch."
        );
    }

    private static string Text(double rate) => rate.ToString("0.##e+0", CultureInfo.InvariantCulture);
}
