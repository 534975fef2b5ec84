using NativeCnn.Cli.Output;
using NativeCnn.Data;
using NativeCnn.Networks;
using NativeCnn.Storage;
using NativeCnn.Training;

namespace NativeCnn.Cli;

/// <summary>Predicts pictures in files: several at a time, and those that cannot be read with the reason.</summary>
internal static class PredictedFiles
{
    private static readonly EnumerationOptions s_everything = new()
    {
        RecurseSubdirectories = true,
        AttributesToSkip = FileAttributes.Hidden | FileAttributes.ReparsePoint,
        IgnoreInaccessible = false,
    };

    /// <summary>
    /// The files that are named, and those in the folders that are, in the order of their names; in folders, links and
    /// what begins with a dot are left out.
    /// </summary>
    /// <exception cref="CommandException">A folder holds no file.</exception>
    public static List<string> Listed(IEnumerable<string> paths)
    {
        List<string> files = [];
        foreach (string path in paths)
        {
            if (!Directory.Exists(path))
            {
                files.Add(path);
                continue;
            }
            string[] inside = Directory.GetFiles(path, "*", s_everything);
            if (inside.Length == 0)
                throw new CommandException($"{path} holds no files. Give pictures, or folders of them.");
            Array.Sort(inside, StringComparer.Ordinal);
            files.AddRange(inside);
        }
        return files;
    }

    /// <summary>Predicts them; with several threads, a picture each.</summary>
    /// <param name="predictor">What predicts; any number of threads may call it.</param>
    /// <param name="network">Its network.</param>
    /// <param name="transform">What becomes of a picture before.</param>
    /// <param name="files">The pictures.</param>
    /// <param name="threads">How many read and predict at a time.</param>
    /// <param name="progress">Hears how many are done.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>What came of each, in the order of the files.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static PredictionOutput[] Predict(
        Predictor predictor,
        Network network,
        ExampleTransform transform,
        IReadOnlyList<string> files,
        int threads,
        ProgressLine progress,
        CancellationToken cancellation
    )
    {
        PredictionOutput[] predictions = new PredictionOutput[files.Count];
        int done = 0;
        try
        {
            Parallel.For(
                0,
                files.Count,
                new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation },
                index =>
                {
                    predictions[index] = One(predictor, network, transform, files[index]);
                    progress.Show(Interlocked.Increment(ref done));
                }
            );
        }
        catch (AggregateException e)
        {
            // What is wrong with more than one picture, such as a missing library, is wrong with all.
            throw e.InnerExceptions[0];
        }
        return predictions;
    }

    private static PredictionOutput One(Predictor predictor, Network network, ExampleTransform transform, string file)
    {
        try
        {
            PredictionInput input = PredictionInput.FromFile(file, network.InputShape, transform);
            return new PredictionOutput(input, predictor.Predict(input.Values));
        }
        catch (Exception e) when (e is DataFormatException or IOException or UnauthorizedAccessException)
        {
            return new PredictionOutput(file, null, [], e.Message);
        }
    }
}
