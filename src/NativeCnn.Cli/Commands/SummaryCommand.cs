using System.CommandLine;
using System.CommandLine.Parsing;
using NativeCnn.Backends;
using NativeCnn.Cli.Output;
using NativeCnn.Formats;
using NativeCnn.Models;
using NativeCnn.Networks;
using NativeCnn.Tensors;

namespace NativeCnn.Cli.Commands;

/// <summary><c>nativecnn summary</c>: the layers of a network and what they cost.</summary>
internal sealed class SummaryCommand : Command
{
    private readonly Option<string> _model = new("--model")
    {
        Description = "A network of the catalogue; an unknown name prints the known ones.",
        HelpName = "NAME",
        DefaultValueFactory = _ => "lenet",
    };
    private readonly Option<string> _network = CommonOptions.Network();
    private readonly Option<string> _weights = CommonOptions.Weights();
    private readonly Option<int[]> _input = new("--input")
    {
        Description = "The size of one example of --model [default: the model's, 28x28x1 for lenet]",
        HelpName = "HxWxC",
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = ParseInput,
    };
    private readonly Option<int> _classes = CommonOptions.Number<int>(
        "--classes",
        "N",
        "The number of classes of --model [default: the model's, 10 for lenet]",
        null,
        new(2, 1_000_000)
    );
    private readonly Option<int> _batch = CommonOptions.Batch(64, "Examples per step, which memory depends on.");
    private readonly BackendChoice _backend = new();
    private readonly Option<bool> _json = CommonOptions.Json();

    public SummaryCommand()
        : base("summary", "Prints a network's layers: output shape, parameters, multiply-adds and memory.")
    {
        this.AddAll(_model, _network, _weights, _input, _classes, _batch);
        _backend.AddTo(this, canTune: false);
        this.AddAll(_json);
        Validators.Add(result =>
        {
            Option[] given = [.. new Option[] { _model, _network, _weights }.Where(option => IsGiven(result, option))];
            if (given.Length > 1)
                result.AddError($"Give either {given[0].Name} or {given[1].Name}.");
            foreach (Option size in (Option[])[_input, _classes])
            {
                if (IsGiven(result, size) && IsGiven(result, _network))
                    result.AddError($"{size.Name} goes with --model: the file of --network has its own.");
            }
        });
        SetAction(Run);
    }

    private int Run(ParseResult arguments)
    {
        CommandOutput output = new(arguments.GetValue(_json));
        int batch = arguments.GetValue(_batch);
        using Network network =
            arguments.GetValue(_weights) is { } weights ? ModelFile.Load(weights)
            : arguments.GetValue(_network) is { } file ? NetworkFile.Load(file)
            : FromCatalogue(arguments);
        using Backend backend = _backend.Create(arguments, arguments.GetValue(_weights));
        NetworkSummary summary = network.Summarize(batch, backend);
        if (output.IsJson)
            SummaryTable.PrintJson(network, summary, batch);
        else
            SummaryTable.Print(output, network, summary, batch);
        return ExitCodes.Success;
    }

    private static bool IsGiven(CommandResult result, Option option) => result.GetResult(option) is { Implicit: false };

    private Network FromCatalogue(ParseResult arguments)
    {
        CatalogModel model = Catalogue.Find(arguments.GetRequiredValue(_model));
        Shape own = model.Example;
        int[] input = _input.Given(arguments, [own.Height, own.Width, own.Channels]);
        return model.CreateWithoutValues(
            new Shape(1, input[0], input[1], input[2]),
            _classes.Given(arguments, model.Classes)
        );
    }

    private static int[] ParseInput(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (!CommonOptions.TryParseSizes(text, out int[] sizes) || sizes.Length != 3)
            result.AddError($"--input {text} is impossible: use height x width x channels, such as 28x28x1.");
        return sizes;
    }
}
