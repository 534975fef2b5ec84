using NativeCnn.Cli.Output;
using NativeCnn.Data;
using NativeCnn.Networks;
using NativeCnn.Tensors;

namespace NativeCnn.Cli;

/// <summary>What <c>--data</c> and <c>--holdout</c> together name.</summary>
internal static class Examples
{
    private const string Folder = "folder:";

    // Of those that are left out.
    private const int MostNamed = 10;

    // Enough for means and deviations; each may have to be decoded.
    private const int Measured = 2000;

    /// <summary>Whether the examples are pictures of any size in a folder.</summary>
    public static bool AreInFolder(string specification) => specification.StartsWith(Folder, StringComparison.Ordinal);

    /// <summary>The examples to train on and those to test on.</summary>
    /// <param name="specification">As DataSource.Open takes it.</param>
    /// <param name="holdout">
    /// How many of the last training examples become the test set, or 0 to take the data's own test set.
    /// </param>
    /// <param name="pictures">What the pictures of a folder become.</param>
    /// <exception cref="CommandException">The data cannot be opened or divided so.</exception>
    public static DataSource Open(string specification, int holdout, Shape? pictures = null)
    {
        DataSource source;
        try
        {
            // The seed is fixed: drawn digits are one data set, whatever seed trains on it.
            source = DataSource.Open(specification, seed: 0, pictures: pictures);
        }
        catch (ArgumentException e)
        {
            throw new CommandException($"--data {specification}: {ErrorReport.Message(e)}", ExitCodes.Usage, e);
        }
        TellSkipped(source);
        try
        {
            return holdout == 0 ? source : source.Train.SplitHoldout(holdout);
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw new CommandException($"--holdout {holdout}: {ErrorReport.Message(e)}", ExitCodes.Usage, e);
        }
    }

    /// <summary>
    /// The transform with the normalisation of the channels that a set to train on has, if it has several: those of
    /// colour pictures differ, and one grey scale is the same for all grey ones.
    /// </summary>
    public static ExampleTransform Normalized(ExampleTransform transform, IDataset train) =>
        train.ExampleShape.Channels == 1
            ? transform
            : transform with
            {
                Normalization = ChannelNormalization.Measure(train, Measured),
            };

    /// <summary>The examples that evaluate and predict use: the test set, or all where there is none.</summary>
    public static IDataset OpenForTesting(
        string specification,
        int holdout,
        Network network,
        ExampleTransform transform
    )
    {
        Shape? pictures = AreInFolder(specification) ? transform.ImageOf(network.InputShape) : null;
        (IDataset train, IDataset? test) = transform.ApplyTo(Open(specification, holdout, pictures));
        IDataset examples = test ?? train;
        if (examples.ExampleShape != network.InputShape)
        {
            throw new CommandException(
                $"--data {specification} has examples of {examples.ExampleShape}, the network {network.Name} takes {network.InputShape}. Use the data it was trained on."
            );
        }
        if (examples.ClassNames.Count != network.OutputShape.Count)
        {
            throw new CommandException(
                $"--data {specification} has {examples.ClassNames.Count} classes, the network {network.Name} tells {network.OutputShape.Count} apart. Use the data it was trained on."
            );
        }
        return examples;
    }

    private static void TellSkipped(DataSource source)
    {
        if (source.Skipped.Count == 0)
            return;
        Notice.Write($"left out of {source.Train.Name}: {Figures.Count(source.Skipped.Count)} of its files");
        foreach (SkippedFile file in source.Skipped.Take(MostNamed))
            Notice.Write($"left out: {file.Path}: {file.Reason}");
        if (source.Skipped.Count > MostNamed)
            Notice.Write($"left out: {Figures.Count(source.Skipped.Count - MostNamed)} more");
    }
}
