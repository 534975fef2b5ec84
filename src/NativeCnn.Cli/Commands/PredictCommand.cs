using System.CommandLine;
using System.CommandLine.Parsing;
using NativeCnn.Backends;
using NativeCnn.Cli.Output;
using NativeCnn.Data;
using NativeCnn.Networks;
using NativeCnn.Training;

namespace NativeCnn.Cli.Commands;

/// <summary><c>nativecnn predict</c>: the label and the probabilities of examples or pictures.</summary>
internal sealed class PredictCommand : Command
{
    private readonly Argument<string[]> _files = new("files")
    {
        Description = "Pictures of any size, or folders of them: JPEG and PNG, PGM and PPM. Digits are light on dark.",
        Arity = ArgumentArity.ZeroOrMore,
    };
    private readonly Option<string> _weights = CommonOptions.Weights();
    private readonly Option<string> _data = CommonOptions.Data();
    private readonly Option<int> _holdout = CommonOptions.Holdout();
    private readonly Option<int[]> _index = new("--index")
    {
        Description = "Which examples of the test set, or of all data where there is none, counted from 0.",
        HelpName = "I[,J...]",
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = ParseIndices,
    };
    private readonly NumberOption<int> _top = new("--top", new(1, 1000))
    {
        Description = "How many of the most probable classes to name [default: what there is room for, 1 in CSV]",
        HelpName = "K",
    };
    private readonly Option<bool> _csv = new("--csv")
    {
        Description = "Print comma-separated values on standard output; everything else goes to standard error.",
    };
    private readonly BackendChoice _backend = new();
    private readonly Option<bool> _json = CommonOptions.Json();

    public PredictCommand()
        : base("predict", "Prints the label and the probabilities of pictures, or of examples of a data set.")
    {
        _weights.Required = true;
        Add(_files);
        this.AddAll(_weights, _data, _holdout, _index, _top, _csv, _json);
        _backend.AddTo(this, canTune: false);
        Validators.Add(result =>
        {
            bool files = result.GetValue(_files) is { Length: > 0 };
            bool index = result.GetResult(_index) is not null;
            if (files == index)
                result.AddError("Give either pictures or --index, with --data.");
            if (result.GetValue(_csv) && result.GetValue(_json))
                result.AddError("Give either --csv or --json.");
        });
        SetAction(Run);
    }

    private int Run(ParseResult arguments)
    {
        string weights = arguments.GetRequiredValue(_weights);
        bool isCsv = arguments.GetValue(_csv);
        CommandOutput output = new(isCsv || arguments.GetValue(_json));
        int? top = arguments.GetResult(_top) is null ? null : arguments.GetValue(_top);
        using Network network = TrainedFiles.Load(weights);
        ExampleTransform transform = TrainedFiles.KeptTransform(weights);
        bool isData = arguments.GetResult(_index) is not null;
        List<string> files = isData ? [] : PredictedFiles.Listed(arguments.GetRequiredValue(_files));
        List<PredictionInput> examples = isData ? FromData(arguments, network, transform) : [];
        using Backend backend = _backend.Create(arguments, weights);
        using Predictor predictor = new(network, backend);
        PredictionOutput[] predictions = isData
            ? [.. examples.Select(input => new PredictionOutput(input, predictor.Predict(input.Values)))]
            : FromFiles(predictor, network, transform, files, backend.Threads);
        _backend.PrintTuning(arguments, backend);
        if (isCsv)
            PredictionTable.PrintCsv(network, predictions, top ?? 1);
        else if (output.IsJson)
            PredictionTable.PrintJson(network, predictions, top);
        else
            PredictionTable.Print(output, network, predictions, top);
        return ExitCodes.Success;
    }

    private static PredictionOutput[] FromFiles(
        Predictor predictor,
        Network network,
        ExampleTransform transform,
        List<string> files,
        int threads
    )
    {
        CancellationToken interruption = Interruption.Handled();
        PredictionOutput[] predictions;
        using (ProgressLine progress = new("pictures", files.Count))
        {
            try
            {
                predictions = PredictedFiles.Predict(
                    predictor,
                    network,
                    transform,
                    files,
                    threads,
                    progress,
                    interruption
                );
            }
            catch (OperationCanceledException e) when (interruption.IsCancellationRequested)
            {
                throw new CommandException("Interrupted; nothing was printed.", ExitCodes.Interrupted, e);
            }
        }
        int unread = predictions.Count(p => p.Problem is not null);
        if (unread == files.Count)
        {
            string others = unread == 1 ? "" : $" So it is with all {Figures.Count(unread)} files.";
            throw new CommandException(predictions[0].Problem + others);
        }
        return predictions;
    }

    private List<PredictionInput> FromData(ParseResult arguments, Network network, ExampleTransform transform)
    {
        string specification = arguments.GetRequiredValue(_data);
        IDataset examples = Examples.OpenForTesting(specification, arguments.GetValue(_holdout), network, transform);
        List<PredictionInput> inputs = [];
        foreach (int index in arguments.GetRequiredValue(_index))
        {
            if (index >= examples.Count)
                throw CommandException.Usage(
                    $"--index {index} is too large: {examples.Name} has examples 0 to {examples.Count - 1}."
                );
            inputs.Add(PredictionInput.FromData(examples, index));
        }
        return inputs;
    }

    private static int[] ParseIndices(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (!CommonOptions.TryParseList(text.Split(','), out int[] indices))
            result.AddError($"--index {text} is impossible: use whole numbers from 0 with commas between them.");
        return indices;
    }
}
