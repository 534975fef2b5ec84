using System.CommandLine;
using NativeCnn.Backends;
using NativeCnn.Cli.Output;
using NativeCnn.Data;
using NativeCnn.Networks;
using NativeCnn.Training;

namespace NativeCnn.Cli.Commands;

/// <summary><c>nativecnn evaluate</c>: tests trained weights on a data set.</summary>
internal sealed class EvaluateCommand : Command
{
    private readonly Option<string> _weights = CommonOptions.Weights();
    private readonly Option<string> _data = CommonOptions.Data();
    private readonly Option<int> _holdout = CommonOptions.Holdout();
    private readonly Option<int> _batch = CommonOptions.Batch(
        64,
        "Examples per run; the result does not depend on it."
    );
    private readonly BackendChoice _backend = new();
    private readonly Option<bool> _json = CommonOptions.Json();

    public EvaluateCommand()
        : base("evaluate", "Tests trained weights on the test set of the data, or on all of it where there is none.")
    {
        _weights.Required = true;
        this.AddAll(_weights, _data, _holdout, _batch, _json);
        _backend.AddTo(this, canTune: false);
        SetAction(Run);
    }

    private int Run(ParseResult arguments)
    {
        string weights = arguments.GetRequiredValue(_weights);
        CommandOutput output = new(arguments.GetValue(_json));
        using Network network = TrainedFiles.Load(weights);
        IDataset examples = Examples.OpenForTesting(
            arguments.GetRequiredValue(_data),
            arguments.GetValue(_holdout),
            network,
            TrainedFiles.KeptTransform(weights)
        );
        using Backend backend = _backend.Create(arguments, weights);

        EvaluationResult result = Evaluator.Evaluate(network, backend, examples, arguments.GetValue(_batch));
        _backend.PrintTuning(arguments, backend);
        if (output.IsJson)
            PrintJson(weights, network, examples, backend, result);
        else
            Print(output, weights, network, examples, result);
        return ExitCodes.Success;
    }

    private static void Print(
        CommandOutput output,
        string weights,
        Network network,
        IDataset examples,
        EvaluationResult result
    )
    {
        output.Line($"{network.Name} from {weights} on {Figures.Count(result.Examples)} examples of {examples.Name}");
        ConfusionTable.Print(output, result.Confusion);
        output.Line($"Accuracy  {Figures.Percent(result.Accuracy)}");
        if (result.Confusion.ClassNames.Count > EvaluationResult.TopClasses)
            output.Line($"Top {EvaluationResult.TopClasses}     {Figures.Percent(result.TopAccuracy)}");
        output.Line($"Loss      {Figures.Loss(result.Loss)}");
        output.Line($"Time      {Figures.Seconds(result.Seconds)}, {Figures.Rate(result.Examples / result.Seconds)}");
    }

    private static void PrintJson(
        string weights,
        Network network,
        IDataset examples,
        Backend backend,
        EvaluationResult result
    ) =>
        JsonLine.Print(json =>
        {
            json.WriteString("model", network.Name);
            json.WriteString("weights", weights);
            json.WriteString("data", examples.Name);
            json.WriteNumber("examples", result.Examples);
            json.NumberOrNull("test_accuracy", result.Accuracy);
            json.WriteNumber("top5_accuracy", result.TopAccuracy);
            json.NumberOrNull("test_loss", result.Loss);
            json.WriteNumber("seconds", result.Seconds);
            json.NumberOrNull("images_per_second", result.Examples / result.Seconds);
            json.WriteString("backend", backend.Name);
            json.WriteNumber("threads", backend.Threads);
            ConfusionTable.Write(json, result.Confusion);
            ConfusionTable.WriteClasses(json, result.Confusion);
        });
}
