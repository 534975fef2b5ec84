using System.CommandLine;
using NativeCnn.Backends;
using NativeCnn.Cli.Output;
using NativeCnn.Cli.Pictures;
using NativeCnn.Data;
using NativeCnn.Formats;
using NativeCnn.Networks;
using NativeCnn.Tensors;
using NativeCnn.Training;

namespace NativeCnn.Cli.Commands;

/// <summary><c>nativecnn show</c>: pictures of what layers make of a picture, and of filters.</summary>
internal sealed class ShowCommand : Command
{
    private readonly Argument<string?> _file = new("file")
    {
        Description = "A PGM or PPM picture, light on dark as the digits are.",
        Arity = ArgumentArity.ZeroOrOne,
    };
    private readonly Option<string> _weights = CommonOptions.Weights();
    private readonly Option<string[]> _layers = new("--layer")
    {
        Description = "Which layers of --weights to show, each --layer one; all unless given.",
        HelpName = "NAME",
        Arity = ArgumentArity.OneOrMore,
    };
    private readonly Option<string[]> _apply = new("--apply")
    {
        Description =
            "Instead of --weights: a layer as JSON, as docs/layers.md has them; several are applied one after the other.",
        HelpName = "JSON",
        Arity = ArgumentArity.OneOrMore,
    };
    private readonly Option<string> _data = CommonOptions.Data();
    private readonly Option<int> _index = CommonOptions.Number<int>(
        "--index",
        "I",
        "Which example of the test set of --data to show, counted from 0, where no picture is given.",
        0,
        new(0, int.MaxValue)
    );
    private readonly Option<int> _square = CommonOptions.Number<int>(
        "--square",
        "N",
        "The side of the square that a pixel becomes; unless given, maps become about 96 pixels large.",
        null,
        new(1, 64)
    );
    private readonly Option<string> _out = new("--out")
    {
        Description = "The folder for the pictures (PNG), which replace others of the same names.",
        HelpName = "DIR",
        Required = true,
    };
    private readonly BackendChoice _backend = new();
    private readonly Option<bool> _json = CommonOptions.Json();

    public ShowCommand()
        : base("show", "Draws what layers make of a picture, and the filters of convolutions.")
    {
        Add(_file);
        this.AddAll(_weights, _layers, _apply, _data, _index, _square, _out, _json);
        _backend.AddTo(this, canTune: false);
        Validators.Add(result =>
        {
            bool hasWeights = result.GetResult(_weights) is not null;
            if (hasWeights == (result.GetResult(_apply) is not null))
                result.AddError("Give either --weights or --apply.");
            else if (!hasWeights && result.GetResult(_layers) is not null)
                result.AddError("--layer names a layer of --weights.");
            if (result.GetValue(_file) is not null && result.GetResult(_index) is { Implicit: false })
                result.AddError("Give either a picture or --index.");
        });
        SetAction(Run);
    }

    private int Run(ParseResult arguments)
    {
        CommandOutput output = new(arguments.GetValue(_json));
        string folder = arguments.GetRequiredValue(_out);
        int? square = arguments.GetResult(_square) is { Implicit: false } ? arguments.GetValue(_square) : null;
        using Network network = arguments.GetValue(_weights) is { } weights
            ? TrainedFiles.Load(weights)
            : Applied(arguments);
        (string source, float[] values) = Input(arguments, network.InputShape);
        int[] chosen = Chosen(network, arguments.GetValue(_layers) ?? []);
        using Backend backend = _backend.Create(arguments, arguments.GetValue(_weights));
        OutputFolder.Prepare(folder);
        List<ShownPicture> pictures = [new("input", network.InputShape, values, IsFilters: false)];
        pictures.AddRange(Pictures(LayerMaps.Of(network, backend, chosen, values)));
        ShownPicture.TellApart(pictures);
        foreach (ShownPicture picture in pictures)
            PortableNetworkGraphics.Write(Path.Combine(folder, picture.File), picture.Draw(square));
        if (output.IsJson)
            ShownPictures.PrintJson(source, folder, pictures);
        else
            ShownPictures.Print(output, source, folder, pictures);
        return ExitCodes.Success;
    }

    // What the chosen layers make of the input, each with its filters behind it.
    private static IEnumerable<ShownPicture> Pictures(IReadOnlyList<LayerMaps> layers)
    {
        foreach (LayerMaps layer in layers)
        {
            yield return new ShownPicture(layer.Layer, layer.Shape, layer.Values, IsFilters: false);
            if (layer.Filters is { } filters)
                yield return new ShownPicture(layer.Layer, filters.Shape, filters.Value.Span.ToArray(), true);
        }
    }

    private static int[] Chosen(Network network, string[] names)
    {
        if (names.Length == 0)
            return [.. Enumerable.Range(0, network.Nodes.Count)];
        string[] known = [.. network.Nodes.Select(node => node.Layer.Name)];
        foreach (string name in names)
        {
            if (!known.Contains(name))
                throw CommandException.Usage(
                    $"--layer {name} is none of {network.Name}: its layers are {string.Join(", ", known)}."
                );
        }
        return [.. names.Distinct().Select(name => Array.IndexOf(known, name))];
    }

    // The layers of --apply on the picture as it is, or on an example.
    private Network Applied(ParseResult arguments)
    {
        Shape shape = arguments.GetValue(_file) is { } file
            ? PortableGraymap.Read(file).Shape
            : Dataset(arguments, ExampleTransform.None).ExampleShape;
        Node node = NetworkBuilder.Start(shape);
        foreach (string text in arguments.GetRequiredValue(_apply))
        {
            try
            {
                node = LayerText.AddTo(node, text);
            }
            catch (Exception e) when (e is FormatException or ArgumentException)
            {
                throw CommandException.Usage($"--apply {text}: {ErrorReport.Message(e).TrimEnd('.')}.");
            }
        }
        return node.Build(name: "applied");
    }

    private (string Source, float[] Values) Input(ParseResult arguments, Shape shape)
    {
        ExampleTransform transform = Transform(arguments);
        if (arguments.GetValue(_file) is { } file)
        {
            PredictionInput picture = PredictionInput.FromFile(file, shape, transform);
            return (file, picture.Values);
        }
        IDataset examples = Dataset(arguments, transform);
        int index = arguments.GetValue(_index);
        if (examples.ExampleShape != shape)
            throw new CommandException(
                $"--data {arguments.GetValue(_data)} has examples of {examples.ExampleShape}, the network takes {shape}. Use the data it was trained on, or a picture."
            );
        if (index >= examples.Count)
            throw CommandException.Usage(
                $"--index {index} is too large: {examples.Name} has examples 0 to {examples.Count - 1}."
            );
        PredictionInput example = PredictionInput.FromData(examples, index);
        return (example.Source, example.Values);
    }

    private IDataset Dataset(ParseResult arguments, ExampleTransform transform)
    {
        DataSource source = Examples.Open(arguments.GetRequiredValue(_data), holdout: 0);
        (IDataset train, IDataset? test) = transform.ApplyTo(source);
        return test ?? train;
    }

    // What the network's examples were made of images by.
    private ExampleTransform Transform(ParseResult arguments) =>
        arguments.GetValue(_weights) is { } weights ? TrainedFiles.KeptTransform(weights) : ExampleTransform.None;
}
