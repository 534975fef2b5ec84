using NativeCnn.Storage;
using NativeCnn.Tensors;

namespace NativeCnn.Data;

/// <summary>
/// MNIST and sets in its form (ten classes, grey images) from IDX files. A pixel's value is byte/255 after
/// <see cref="GreyScale"/>, so that every set and single image is treated alike.
/// </summary>
public static class MnistDataset
{
    private static readonly string[] Spellings =
    [
        "-idx{0}-ubyte",
        ".idx{0}-ubyte",
        "-idx{0}-ubyte.gz",
        ".idx{0}-ubyte.gz",
    ];

    /// <summary>
    /// Opens what a folder holds: train-images-idx3-ubyte with train-labels-idx1-ubyte, and the same with t10k; with -
    /// or . before idx, compressed (.gz) or not. If only one of the two sets is there, it is <see
    /// cref="DataSource.Train"/>.
    /// </summary>
    /// <param name="directory">The folder.</param>
    /// <param name="limits">How large a file may be; <see cref="ReadingLimits.Default"/> if null.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">
    /// The folder holds neither set, or images without labels or labels without images.
    /// </exception>
    /// <exception cref="DataFormatException">A file is damaged, or labels and images do not fit together.</exception>
    public static DataSource Open(string directory, ReadingLimits? limits = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        if (!Directory.Exists(directory))
            throw new DirectoryNotFoundException($"There is no folder {directory}.");
        IDataset? train = OpenSet(directory, "train", limits);
        IDataset? test = OpenSet(directory, "t10k", limits);
        if ((train ?? test) is not IDataset first)
        {
            throw new FileNotFoundException(
                $"{directory} holds no MNIST data. Looked for train-images-idx3-ubyte and t10k-images-idx3-ubyte, with - or . before idx, with .gz or without."
            );
        }
        return train is null ? new DataSource(first, null) : new DataSource(train, test);
    }

    /// <summary>Reads one set.</summary>
    /// <param name="imagesPath">An IDX file of rank 3, image × row × column.</param>
    /// <param name="labelsPath">An IDX file of rank 1, as many labels 0 to 9.</param>
    /// <param name="name">What messages call the set.</param>
    /// <param name="limits">How large a file may be; <see cref="ReadingLimits.Default"/> if null.</param>
    /// <exception cref="DataFormatException">A file is damaged, or labels and images do not fit together.</exception>
    public static IDataset Load(string imagesPath, string labelsPath, string name, ReadingLimits? limits = null)
    {
        IdxFile images = IdxFile.Read(imagesPath, 3, limits);
        IdxFile labels = IdxFile.Read(labelsPath, 1, limits);
        if (images.Sizes[0] != labels.Sizes[0])
        {
            throw new DataFormatException(
                labelsPath,
                4,
                $"There are {labels.Sizes[0]} labels for the {images.Sizes[0]} images of {imagesPath}."
            );
        }
        IReadOnlyList<string> classNames = ByteImageDataset.DigitNames;
        for (int i = 0; i < labels.Values.Length; i++)
        {
            if (labels.Values[i] >= classNames.Count)
            {
                throw new DataFormatException(
                    labelsPath,
                    labels.HeaderLength + i,
                    $"Label {labels.Values[i]} of example {i} is not one of 0 to {classNames.Count - 1}."
                );
            }
        }
        Shape example = new(1, images.Sizes[1], images.Sizes[2], 1);
        return new ByteImageDataset(name, example, images.Values, labels.Values, classNames);
    }

    private static IDataset? OpenSet(string directory, string set, ReadingLimits? limits)
    {
        string? images = Find(directory, $"{set}-images", 3);
        string? labels = Find(directory, $"{set}-labels", 1);
        if (images is null && labels is null)
            return null;
        if (images is null || labels is null)
        {
            string missing = images is null ? $"{set}-images-idx3-ubyte" : $"{set}-labels-idx1-ubyte";
            throw new FileNotFoundException(
                $"{Path.GetFileName(images ?? labels)} is in {directory} but not {missing} (or with . before idx, or with .gz).",
                missing
            );
        }
        return Load(images, labels, set == "train" ? "MNIST train" : "MNIST test", limits);
    }

    private static string? Find(string directory, string stem, int rank) =>
        Spellings
            .Select(spelling =>
                Path.Combine(directory, stem + spelling.Replace("{0}", $"{rank}", StringComparison.Ordinal))
            )
            .FirstOrDefault(File.Exists);
}
