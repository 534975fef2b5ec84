using System.CommandLine;
using NativeCnn.Data;
using NativeCnn.Models;
using NativeCnn.Networks;
using NativeCnn.Tensors;

namespace NativeCnn.Cli.Commands;

/// <summary>The options that say how training examples are read and changed.</summary>
internal sealed class LoadingOptions
{
    // More than these outrun any network, and take memory.
    private const int MostThreads = 4;

    private readonly Option<int> _size = CommonOptions.Number<int>(
        "--picture-size",
        "N",
        "The side of the square that the pictures of folder:DIR become [default: the network's, 224 for resnet18]",
        null,
        new(1, 16_384)
    );
    private readonly Option<string> _augment = new("--augment")
    {
        Description =
            "Change the training examples at random, anew in each epoch: some of "
            + $"{AugmentationText.Form} (docs/data.md).",
        HelpName = "LIST",
    };
    private readonly Option<int> _threads = CommonOptions.Number<int>(
        "--loader-threads",
        "N",
        "Threads that read examples ahead; results do not depend on it "
            + "[default: 1, of folder:DIR as many as there are processors, up to 4]",
        null,
        new(1, 256)
    );

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.AddAll(_size, _augment, _threads);
        _augment.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && AugmentationText.Error(result.Tokens[0].Value) is { } error)
                result.AddError($"--augment {result.Tokens[0].Value}: {error}");
        });
    }

    /// <summary>What the pictures of a folder become: what the network takes, or a square of the size that was typed.</summary>
    public Shape? PicturesFor(ParseResult arguments, string specification, CatalogModel? model, Network? network)
    {
        if (!Examples.AreInFolder(specification))
            return _size.IsGiven(arguments)
                ? throw CommandException.Usage("--picture-size goes with --data folder:DIR.")
                : null;
        Shape shape = network?.InputShape ?? model!.Examples.ImageOf(model.Example);
        return _size.IsGiven(arguments)
            ? new Shape(1, arguments.GetValue(_size), arguments.GetValue(_size), shape.Channels)
            : shape;
    }

    /// <summary>The sets, of which the one to train on is changed at random where that is asked for.</summary>
    public DataSource Augment(ParseResult arguments, DataSource source) =>
        _augment.IsGiven(arguments)
            ? source with
            {
                Train = AugmentationText.Parse(arguments.GetRequiredValue(_augment)).ApplyTo(source.Train),
            }
            : source;

    /// <summary>How many threads read examples.</summary>
    public int Threads(ParseResult arguments, string specification) =>
        _threads.Given(
            arguments,
            Examples.AreInFolder(specification) ? Math.Min(MostThreads, Environment.ProcessorCount) : 1
        );
}
