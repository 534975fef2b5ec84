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
        Description = "PGM or PPM pictures of any size, light on dark as the digits are.",
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
    private readonly BackendChoice _backend = new();
    private readonly Option<bool> _json = CommonOptions.Json();

    public PredictCommand()
        : base("predict", "Prints the label and the probabilities of pictures, or of examples of a data set.")
    {
        _weights.Required = true;
        Add(_files);
        this.AddAll(_weights, _data, _holdout, _index, _json);
        _backend.AddTo(this, canTune: false);
        Validators.Add(result =>
        {
            bool files = result.GetValue(_files) is { Length: > 0 };
            bool index = result.GetResult(_index) is not null;
            if (files == index)
                result.AddError("Give either pictures or --index, with --data.");
        });
        SetAction(Run);
    }

    private int Run(ParseResult arguments)
    {
        string weights = arguments.GetRequiredValue(_weights);
        CommandOutput output = new(arguments.GetValue(_json));
        using Network network = TrainedFiles.Load(weights);
        ExampleTransform transform = TrainedFiles.KeptTransform(weights);
        List<PredictionInput> inputs = arguments.GetResult(_index) is null
            ?
            [
                .. arguments
                    .GetRequiredValue(_files)
                    .Select(file => PredictionInput.FromFile(file, network.InputShape, transform)),
            ]
            : FromData(arguments, network, transform);
        using Backend backend = _backend.Create(arguments, weights);
        using Predictor predictor = new(network, backend);
        List<PredictionOutput> predictions =
        [
            .. inputs.Select(input => new PredictionOutput(input, [.. predictor.Predict(input.Values)])),
        ];
        _backend.PrintTuning(arguments, backend);
        if (output.IsJson)
            PredictionTable.PrintJson(network, predictions);
        else
            PredictionTable.Print(output, network, predictions);
        return ExitCodes.Success;
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
