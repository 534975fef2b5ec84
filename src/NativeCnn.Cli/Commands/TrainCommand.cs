using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using NativeCnn.Backends;
using NativeCnn.Backends.Native;
using NativeCnn.Cli.Output;
using NativeCnn.Cli.Report;
using NativeCnn.Data;
using NativeCnn.Formats;
using NativeCnn.Losses;
using NativeCnn.Models;
using NativeCnn.Networks;
using NativeCnn.Tensors;
using NativeCnn.Training;

namespace NativeCnn.Cli.Commands;

/// <summary><c>nativecnn train</c>: trains a model of the catalogue and writes its weights and history.</summary>
internal sealed class TrainCommand : Command
{
    private const int ShownMistakes = 24;

    private readonly Option<string> _model = new("--model")
    {
        Description = "The network; an unknown name prints the known ones.",
        HelpName = "NAME",
        DefaultValueFactory = _ => "lenet",
    };
    private readonly Option<string> _network = CommonOptions.Network();
    private readonly Option<string> _data = CommonOptions.Data();
    private readonly Option<int> _holdout = CommonOptions.Holdout();
    private readonly Option<int> _epochs = CommonOptions.Number<int>(
        "--epochs",
        "N",
        "Passes over the training examples [default: the model's, 5 for lenet]",
        null,
        new(1, 1_000_000)
    );
    private readonly Option<int> _batch = CommonOptions.Batch(
        null,
        "Examples per step [default: the model's, 64 for lenet]"
    );
    private readonly LoadingOptions _loading = new();
    private readonly LearningOptions _learning = new();
    private readonly FactorOptions _factors = new();
    private readonly BackendChoice _backend = new();
    private readonly Option<ulong> _seed = CommonOptions.Number<ulong>(
        "--seed",
        "S",
        "Decides initial weights, order and dropout.",
        1UL,
        new(0, ulong.MaxValue)
    );
    private readonly Option<string> _out = new("--out")
    {
        Description =
            "The folder for MODEL.safetensors, MODEL.optimizer.safetensors, history.csv, run.json and checkpoints.",
        HelpName = "DIR",
        DefaultValueFactory = _ => "out",
    };
    private readonly Option<bool> _overwrite = new("--overwrite")
    {
        Description = "Replace the run that the folder holds, once the first epoch is finished.",
    };
    private readonly Option<bool> _findRate = new("--find-lr")
    {
        Description =
            "Only try learning rates on some steps and say which to begin with; nothing is trained or written.",
    };
    private readonly RunOptions _run = new();
    private readonly Option<bool> _json = CommonOptions.Json();

    public TrainCommand()
        : base("train", "Trains a network, tests it, and writes its weights and history.")
    {
        this.AddAll(_model, _network, _data, _holdout, _epochs, _batch);
        _loading.AddTo(this);
        _learning.AddTo(this);
        _factors.AddTo(this);
        Validators.Add(result =>
        {
            if (result.GetResult(_network) is not null && result.GetResult(_model) is { Implicit: false })
                result.AddError("Give either --model or --network.");
        });
        this.AddAll(_seed, _out, _overwrite);
        _run.AddTo(this, _out, _overwrite);
        this.AddAll(_findRate, _json);
        _backend.AddTo(this, canTune: true);
        SetAction(Run);
    }

    private int Run(ParseResult typed)
    {
        (ParseResult arguments, Checkpoint? start, string? resumed, RunSettings? kept) = _run.Read(typed);
        string? file = arguments.GetValue(_network);
        CatalogModel? model = file is null ? Catalogue.Find(arguments.GetRequiredValue(_model)) : null;
        string name = model?.Name ?? NetworkSource.NameOf(file!);
        string folder = resumed ?? arguments.GetRequiredValue(_out);
        ulong seed = arguments.GetValue(_seed);
        CommandOutput output = new(arguments.GetValue(_json));
        CancellationToken interruption = Interruption.Handled();

        // Before anything that takes time: the file may be wrong.
        using Network? fromFile = file is null ? null : NetworkFile.Load(file, seed);
        if (start is null && !arguments.GetValue(_overwrite) && !arguments.GetValue(_findRate))
            OutputFolder.CheckFree(folder, new TrainedFiles(folder, name).All);
        string data = _data.Given(arguments, model?.Data ?? CatalogModel.DefaultData);
        Shape? pictures = _loading.PicturesFor(arguments, data, model, fromFile);
        DataSource source = Examples.Open(data, arguments.GetValue(_holdout), pictures);
        ExampleTransform transform = Examples.Normalized(model?.Examples ?? ExampleTransform.None, source.Train);
        TrainedFiles files = new(folder, name, transform);
        (IDataset train, IDataset? test) = transform.ApplyTo(_loading.Augment(arguments, source));
        if (fromFile is not null)
            NetworkSource.CheckFits(file!, fromFile, data, train);
        using Network network = fromFile ?? model!.Create(train.ExampleShape, train.ClassNames.Count, seed);
        if (network.ClassNames.Count == 0)
            network.ClassNames = train.ClassNames;
        _factors.Apply(arguments, network);
        using Backend backend = _backend.Create(arguments, start?.FilePath);
        TrainerOptions own = model?.Training ?? CatalogModel.DefaultTraining();
        int epochs = _epochs.Given(arguments, own.Epochs);
        int batch = _batch.Given(arguments, own.BatchSize);
        TrainerOptions options = _learning.Read(
            arguments,
            own,
            epochs,
            batch,
            seed,
            train,
            _loading.Threads(arguments, data)
        );
        using Trainer trainer = new(network, backend, options);
        if (arguments.GetValue(_findRate))
            return LearningRateSearch.Run(network, backend, train, options, output, interruption);
        OutputFolder.Prepare(folder);
        _backend.PrintTuning(arguments, backend);

        output.Line(
            $"Training {name} on {Figures.Count(train.Count)} examples of {train.Name} ({backend.Name} backend, threads: {backend.Threads})"
        );
        using TrainingDisplay display = new(output, epochs);
        files.Run = kept ?? RunOptions.Describe(arguments, Own(file is null ? name : null, data, options));
        files.KeptEpoch = start?.FinishedEpochs ?? 0;
        RunOptions.Print(start, output, backend);
        CheckpointKeeper? checkpoints = _run.CreateKeeper(arguments, trainer, files);
        using EventObserver? events = _run.CreateEvents(arguments, files);
        EpochKeeper keeper = new(trainer, files, epochs, display, checkpoints, events, start);
        TrainingResult result = Train(trainer, start, train, test, display, keeper, interruption);
        if (options.Loss is SoftmaxCrossEntropy)
            WarnIfWorseThanGuessing(result.History, train.ClassNames.Count);

        EvaluationResult? evaluation =
            test is null || result.Interrupted || interruption.IsCancellationRequested
                ? null
                : Evaluate(network, backend, test, options);
        bool interrupted = result.Interrupted || interruption.IsCancellationRequested;
        result = result with { Interrupted = interrupted };
        string? part = keeper.SaveInterrupted() ? files.Interrupted : null;
        if (!interrupted)
            SaveReport(name, files, network, backend, options, test, result, evaluation);
        if (output.IsJson)
            PrintJson(name, result, evaluation, backend, seed, files, part);
        else
            Print(output, result, evaluation, files, keeper, part);
        return interrupted ? ExitCodes.Interrupted : ExitCodes.Success;
    }

    private static EvaluationResult Evaluate(Network network, Backend backend, IDataset test, TrainerOptions options)
    {
        using Evaluator evaluator = new(network, backend, Math.Min(options.BatchSize, test.Count), options.Loss);
        return evaluator.Evaluate(test);
    }

    private static void SaveReport(
        string name,
        TrainedFiles files,
        Network network,
        Backend backend,
        TrainerOptions options,
        IDataset? test,
        TrainingResult result,
        EvaluationResult? evaluation
    ) =>
        new TrainingReport
        {
            Title = $"{name} on {files.Run?.Options.GetValueOrDefault("data")}",
            Network = network,
            Result = result,
            Settings = files.Run,
            Evaluation = evaluation,
            Test = test,
            Mistakes = test is null
                ? []
                : Mistake.FindWorst(network, backend, test, Math.Min(options.BatchSize, test.Count), ShownMistakes),
            Machine =
            [
                .. TuningMachine.Current().Fields.Select(field => (field.Name.Replace('_', ' '), field.Value)),
                ("backend", backend.Name),
                ("threads", Figures.Count(backend.Threads)),
                ("operating system", RuntimeInformation.OSDescription),
                (".NET", Environment.Version.ToString()),
            ],
        }.Save(files.Report);

    // What the model brings, where it is a number that could be typed.
    private static IEnumerable<(string Name, string Text)> Own(string? model, string data, TrainerOptions options)
    {
        if (model is not null)
            yield return ("model", model);
        yield return ("data", data);
        yield return ("epochs", options.Epochs.ToString(CultureInfo.InvariantCulture));
        yield return ("batch", options.BatchSize.ToString(CultureInfo.InvariantCulture));
        yield return ("seed", options.Seed.ToString(CultureInfo.InvariantCulture));
        yield return ("lr", options.Optimizer.LearningRate.ToString("R", CultureInfo.InvariantCulture));
    }

    // Whatever ends a training early is told together with what is left of it.
    private static TrainingResult Train(
        Trainer trainer,
        Checkpoint? start,
        IDataset train,
        IDataset? test,
        TrainingDisplay display,
        EpochKeeper keeper,
        CancellationToken cancellation
    )
    {
        try
        {
            TrainingResult result = start is null
                ? trainer.Train(train, test, keeper, cancellation)
                : trainer.Resume(start, train, test, keeper, cancellation);
            display.Dispose();
            return result;
        }
        catch (Exception e)
            when (e
                    is TrainingDivergedException
                        or OutputLostException
                        or InvalidDataException
                        or IOException
                        or UnauthorizedAccessException
            )
        {
            display.Dispose();
            throw new CommandException($"{ErrorReport.Message(e)} {keeper.Kept()}", cause: e);
        }
    }

    // A loss may explode and stay finite; guessing costs ln C.
    private static void WarnIfWorseThanGuessing(IReadOnlyList<EpochRecord> history, int classes)
    {
        const double Far = 2;
        double guessing = Math.Log(classes);
        if (history is not [.., var last])
            return;
        double loss = Math.Max(last.TrainLoss, last.TestLoss ?? last.TrainLoss);
        if (loss > Far * guessing)
        {
            Notice.Write(
                $"the last loss, {Figures.Loss(loss)}, is far worse than that of guessing, {Figures.Loss(guessing)}: the network has learned nothing of use. Use a smaller --lr."
            );
        }
    }

    private static void Print(
        CommandOutput output,
        TrainingResult result,
        EvaluationResult? evaluation,
        TrainedFiles files,
        EpochKeeper keeper,
        string? part
    )
    {
        if (result.Interrupted)
            output.Line($"Interrupted. {keeper.Kept()}");
        else
            output.Line($"Trained in {Figures.Seconds(result.TrainSeconds)}, {Figures.Rate(result.ImagesPerSecond)}");
        if (result.StoppedEarly)
            output.Line(
                $"The loss was the smallest after epoch {result.History.MinBy(e => e.TestLoss ?? e.TrainLoss)!.Epoch}: the run ended early."
            );
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
        if (files.KeptEpoch > 0)
        {
            output.Line($"Weights        {files.Weights}");
            output.Line($"Optimiser      {files.Optimizer}");
            output.Line($"History        {files.History}");
            output.Line($"Settings       {files.Settings}");
            if (!result.Interrupted)
                output.Line($"Report         {files.Report}");
        }
        if (part is not null)
            output.Line($"Unfinished     {part}");
    }

    private static void PrintJson(
        string model,
        TrainingResult result,
        EvaluationResult? evaluation,
        Backend backend,
        ulong seed,
        TrainedFiles files,
        string? part
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
            // Null as long as no epoch was finished, and where none was interrupted.
            json.WriteString("weights", files.KeptEpoch > 0 ? files.Weights : null);
            json.WriteString("optimizer", files.KeptEpoch > 0 ? files.Optimizer : null);
            json.WriteString("history", files.KeptEpoch > 0 ? files.History : null);
            json.WriteString("settings", files.KeptEpoch > 0 ? files.Settings : null);
            json.WriteString("report", files.KeptEpoch > 0 && !result.Interrupted ? files.Report : null);
            json.WriteString("interrupted_weights", part);
        });
}
