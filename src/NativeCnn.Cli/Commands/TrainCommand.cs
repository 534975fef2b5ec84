using System.CommandLine;
using NativeCnn.Backends;
using NativeCnn.Cli.Output;
using NativeCnn.Data;
using NativeCnn.Models;
using NativeCnn.Networks;
using NativeCnn.Optimizers;
using NativeCnn.Training;

namespace NativeCnn.Cli.Commands;

/// <summary><c>nativecnn train</c>: trains a model of the catalogue and writes its weights and history.</summary>
internal sealed class TrainCommand : Command
{
    private readonly Option<string> _model = new("--model")
    {
        Description = "The network; an unknown name prints the known ones.",
        HelpName = "NAME",
        DefaultValueFactory = _ => "lenet",
    };
    private readonly Option<string> _data = CommonOptions.Data();
    private readonly Option<int> _holdout = CommonOptions.Holdout();
    private readonly Option<int> _epochs = CommonOptions.Number(
        "--epochs",
        "N",
        "Passes over the training examples.",
        5,
        1,
        1_000_000
    );
    private readonly Option<int> _batch = CommonOptions.Batch(64, "Examples per step.");
    private readonly Option<double> _rate = CommonOptions.Number(
        "--lr",
        "RATE",
        "The learning rate.",
        0.01,
        0.0,
        1000.0
    );
    private readonly Option<double> _momentum = CommonOptions.Number(
        "--momentum",
        "M",
        "SGD's momentum.",
        0.9,
        0.0,
        1.0
    );
    private readonly Option<double> _decay = CommonOptions.Number(
        "--weight-decay",
        "L",
        "L2 weight decay.",
        5e-4,
        0.0,
        1.0
    );
    private readonly BackendChoice _backend = new();
    private readonly Option<ulong> _seed = CommonOptions.Number(
        "--seed",
        "S",
        "Decides initial weights, order and dropout.",
        1UL,
        0UL,
        ulong.MaxValue
    );
    private readonly Option<string> _out = new("--out")
    {
        Description = "The folder for MODEL.safetensors and history.csv.",
        HelpName = "DIR",
        DefaultValueFactory = _ => "out",
    };
    private readonly Option<bool> _json = CommonOptions.Json();

    public TrainCommand()
        : base("train", "Trains a network, tests it, and writes its weights and history.")
    {
        this.AddAll(_model, _data, _holdout, _epochs, _batch, _rate, _momentum, _decay, _seed, _out, _json);
        _backend.AddTo(this, canTune: true);
        SetAction(Run);
    }

    private int Run(ParseResult arguments)
    {
        string model = arguments.GetRequiredValue(_model);
        string specification = arguments.GetRequiredValue(_data);
        string folder = arguments.GetRequiredValue(_out);
        int epochs = arguments.GetValue(_epochs);
        int batch = arguments.GetValue(_batch);
        ulong seed = arguments.GetValue(_seed);
        CommandOutput output = new(arguments.GetValue(_json));

        Catalogue.Check(model);
        (IDataset train, IDataset? test) = Examples.Open(specification, arguments.GetValue(_holdout));
        using Network network = ModelCatalog.Create(model, train.ExampleShape, train.ClassNames.Count, seed);
        network.ClassNames = train.ClassNames;
        using Backend backend = _backend.Create(arguments);
        TrainerOptions options = new()
        {
            Epochs = epochs,
            BatchSize = batch,
            Optimizer = new Sgd
            {
                LearningRate = (float)arguments.GetValue(_rate),
                Momentum = (float)arguments.GetValue(_momentum),
                WeightDecay = (float)arguments.GetValue(_decay),
            },
            Seed = seed,
        };
        using Trainer trainer = new(network, backend, options);
        OutputFolder.Prepare(folder);

        output.Line(
            $"Training {model} on {Figures.Count(train.Count)} examples of {train.Name} ({backend.Name} backend, threads: {backend.Threads})"
        );
        TrainedFiles files = new(folder, model, network, backend);
        TrainingResult result = Train(trainer, train, test, output, epochs, files);
        files.Save(result.History);

        EvaluationResult? evaluation =
            test is null || result.Interrupted ? null : Evaluator.Evaluate(network, backend, test, batch);
        if (output.IsJson)
            PrintJson(model, result, evaluation, backend, seed, files);
        else
            Print(output, result, evaluation, files);
        return result.Interrupted ? ExitCodes.Interrupted : ExitCodes.Success;
    }

    private static TrainingResult Train(
        Trainer trainer,
        IDataset train,
        IDataset? test,
        CommandOutput output,
        int epochs,
        TrainedFiles files
    )
    {
        using Interruption interruption = new();
        try
        {
            return TrainingDisplay.Run(
                output,
                epochs,
                observer => trainer.Train(train, test, observer, interruption.Token)
            );
        }
        catch (TrainingDivergedException e)
        {
            files.Save([]);
            throw new CommandException(
                $"{ErrorReport.Message(e)} The last good weights are in {files.Weights}.",
                cause: e
            );
        }
    }

    private static void Print(
        CommandOutput output,
        TrainingResult result,
        EvaluationResult? evaluation,
        TrainedFiles files
    )
    {
        if (result.Interrupted)
            output.Line("Interrupted: the weights so far are saved.");
        else
            output.Line($"Trained in {Figures.Seconds(result.TrainSeconds)}, {Figures.Rate(result.ImagesPerSecond)}");
        if (evaluation is not null)
        {
            ConfusionTable.Print(output, evaluation.Confusion);
            output.Line(
                $"Test accuracy  {Figures.Percent(evaluation.Accuracy)} of {Figures.Count(evaluation.Examples)} examples"
            );
        }
        else if (!result.Interrupted)
        {
            output.Line("There is no test set: --holdout N keeps the last N examples for testing.");
        }
        output.Line($"Weights        {files.Weights}");
        output.Line($"History        {files.History}");
    }

    private static void PrintJson(
        string model,
        TrainingResult result,
        EvaluationResult? evaluation,
        Backend backend,
        ulong seed,
        TrainedFiles files
    ) =>
        JsonLine.Print(json =>
        {
            json.WriteString("model", model);
            json.WriteNumber("epochs", result.History.Count);
            json.NumberOrNull("train_loss", result.History is [.., var last] ? last.TrainLoss : null);
            json.NumberOrNull("test_accuracy", evaluation?.Accuracy);
            json.NumberOrNull("test_loss", evaluation?.Loss);
            json.WriteNumber("train_seconds", result.TrainSeconds);
            json.NumberOrNull("images_per_second", result.ImagesPerSecond);
            json.WriteString("backend", backend.Name);
            json.WriteNumber("threads", backend.Threads);
            json.WriteNumber("seed", seed);
            json.WriteBoolean("interrupted", result.Interrupted);
            json.WriteString("weights", files.Weights);
            json.WriteString("history", files.History);
        });
}
