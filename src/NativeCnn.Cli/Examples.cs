using NativeCnn.Data;
using NativeCnn.Networks;

namespace NativeCnn.Cli;

/// <summary>What <c>--data</c> and <c>--holdout</c> together name.</summary>
internal static class Examples
{
    /// <summary>The examples to train on and those to test on.</summary>
    /// <param name="specification">As DataSource.Open takes it.</param>
    /// <param name="holdout">
    /// How many of the last training examples become the test set, or 0 to take the data's own test set.
    /// </param>
    /// <exception cref="CommandException">The data cannot be opened or divided so.</exception>
    public static DataSource Open(string specification, int holdout)
    {
        DataSource source;
        try
        {
            // The seed is fixed: drawn digits are one data set, whatever seed trains on it.
            source = DataSource.Open(specification, seed: 0);
        }
        catch (ArgumentException e)
        {
            throw new CommandException($"--data {specification}: {ErrorReport.Message(e)}", ExitCodes.Usage, e);
        }
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
                Normalization = ChannelNormalization.Measure(train),
            };

    /// <summary>The examples that evaluate and predict use: the test set, or all where there is none.</summary>
    public static IDataset OpenForTesting(
        string specification,
        int holdout,
        Network network,
        ExampleTransform transform
    )
    {
        (IDataset train, IDataset? test) = transform.ApplyTo(Open(specification, holdout));
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
}
