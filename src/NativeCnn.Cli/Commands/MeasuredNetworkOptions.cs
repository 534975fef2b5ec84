using System.CommandLine;
using System.CommandLine.Parsing;
using NativeCnn.Formats;
using NativeCnn.Models;
using NativeCnn.Networks;
using NativeCnn.Tensors;

namespace NativeCnn.Cli.Commands;

/// <summary>
/// What bench and profile measure: a model of the catalogue, the size of its examples, classes, batch and time.
/// </summary>
internal sealed class MeasuredNetworkOptions
{
    private readonly Argument<string> _model = new("model")
    {
        Description = "A network of the catalogue; an unknown name prints the known ones.",
        HelpName = "MODEL",
        Arity = ArgumentArity.ZeroOrOne,
    };
    private readonly Option<string> _network = CommonOptions.Network();
    private readonly Option<int[]> _image = new("--image")
    {
        Description = "The size of one example, N for N x N [default: the model's, 28x28x1 for lenet]",
        HelpName = "N|HxWxC",
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = ParseImage,
    };
    private readonly Option<int> _classes = CommonOptions.Number<int>(
        "--classes",
        "N",
        "The number of classes [default: the model's, 10 for lenet]",
        null,
        new(2, 1_000_000)
    );
    private readonly Option<int> _batch = CommonOptions.Batch(64, "Examples per step.");
    private readonly Option<double> _seconds = CommonOptions.Number<double>(
        "--seconds",
        "S",
        "How long to measure training, and inference as long; five runs at least.",
        3.0,
        new(0, 86_400)
    );

    public void AddTo(Command command)
    {
        command.Add(_model);
        command.AddAll(_network, _batch, _image, _classes, _seconds);
        command.Validators.Add(result =>
        {
            bool hasModel = result.GetResult(_model) is { Tokens.Count: > 0 };
            bool hasFile = result.GetResult(_network) is not null;
            if (hasModel && hasFile)
                result.AddError("Give either MODEL or --network.");
            foreach (Option size in (Option[])[_image, _classes])
            {
                if (hasFile && result.GetResult(size) is { Implicit: false })
                    result.AddError($"{size.Name} goes with MODEL: the file of --network has its own.");
            }
        });
    }

    public int Batch(ParseResult arguments) => arguments.GetValue(_batch);

    public TimeSpan Duration(ParseResult arguments) => TimeSpan.FromSeconds(arguments.GetValue(_seconds));

    /// <summary>The network. Its parameters take memory when they are first used.</summary>
    /// <exception cref="CommandException">No model has this name.</exception>
    public Network Create(ParseResult arguments)
    {
        if (arguments.GetValue(_network) is { } file)
            return NetworkFile.Load(file);
        // Not a check of the command: it would come before what is wrong with an option.
        string name =
            arguments.GetValue(_model)
            ?? throw CommandException.Usage(
                $"Give a MODEL, or a file by --network. See nativecnn {arguments.CommandResult.Command.Name} --help."
            );
        CatalogModel model = Catalogue.Find(name);
        (Shape image, int classes) = (model.Example, model.Classes);
        if (arguments.GetResult(_image) is { Implicit: false })
        {
            image = arguments.GetRequiredValue(_image) switch
            {
                [int height, int width, int channels] => new Shape(1, height, width, channels),
                int[] size => new Shape(1, size[0], size[0], image.Channels),
            };
        }
        if (arguments.GetResult(_classes) is { Implicit: false })
            classes = arguments.GetValue(_classes);
        return model.Create(image, classes);
    }

    private static int[] ParseImage(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (!CommonOptions.TryParseSizes(text, out int[] sizes) || sizes.Length is not (1 or 3))
            result.AddError($"--image {text} is impossible: use a size such as 224, or height x width x channels.");
        return sizes;
    }
}
