using System.IO.Compression;
using NativeCnn.Storage;
using NativeCnn.Tensors;

namespace NativeCnn.Data;

/// <summary>
/// Arrays of NumPy's as a data set: x_train and y_train, and x_test and y_test where they are there, as .npy files in a
/// folder or together in one .npz file, which is how Keras keeps MNIST.
/// </summary>
/// <remarks>
/// x is N×H×W or N×H×W×C, of bytes or of numbers from 0 to 1, that become what <see cref="GreyScale"/> makes of them. y
/// holds N classes, whole numbers from 0, as N or N×1. There are as many classes as the largest says, and 2 at least.
/// </remarks>
public static class NumpyDataset
{
    private const int MostClasses = 1 << 20;

    /// <summary>Opens a folder of .npy files or an .npz file.</summary>
    /// <param name="path">The folder or the file.</param>
    /// <param name="limits">How large an array may be; <see cref="ReadingLimits.Default"/> if null.</param>
    /// <exception cref="FileNotFoundException">An array of the training set is missing, or one of the test set.</exception>
    /// <exception cref="DataFormatException">An array is damaged, or does not fit the others.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static DataSource Open(string path, ReadingLimits? limits = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        limits ??= ReadingLimits.Default;
        if (Directory.Exists(path))
            return OpenSets(path, name => ReadFile(Path.Combine(path, name + ".npy"), limits));
        using FileStream file = InputFile.Open(path);
        try
        {
            using ZipArchive archive = new(file, ZipArchiveMode.Read);
            return OpenSets(path, name => ReadEntry(path, archive, name + ".npy", limits));
        }
        catch (InvalidDataException e)
        {
            throw new DataFormatException($"{path} is no whole .npz file: {e.Message}", e);
        }
    }

    private static DataSource OpenSets(string path, Func<string, NumpyArray?> read)
    {
        (NumpyArray? x, NumpyArray? y) = (read("x_train"), read("y_train"));
        (NumpyArray? otherX, NumpyArray? otherY) = (read("x_test"), read("y_test"));
        if (x is null || y is null)
            throw new FileNotFoundException($"{path} holds no {(x is null ? "x" : "y")}_train.npy.");
        if (otherX is null != otherY is null)
            throw new FileNotFoundException($"{path} holds no {(otherX is null ? "x" : "y")}_test.npy.");
        int classes = Math.Max(
            2,
            Math.Max(Classes($"{path}: y_train", y), otherY is null ? 0 : Classes($"{path}: y_test", otherY))
        );
        string[] names = [.. Enumerable.Range(0, classes).Select(label => $"{label}")];
        string name = Path.GetFileNameWithoutExtension(Path.TrimEndingDirectorySeparator(path));
        IDataset train = Create(path, $"{name} train", "train", x, y, names);
        IDataset? test = otherX is null ? null : Create(path, $"{name} test", "test", otherX, otherY!, names);
        return test is null || test.ExampleShape == train.ExampleShape
            ? new DataSource(train, test)
            : throw new DataFormatException(
                $"{path}: examples to train on are {train.ExampleShape}, those to test on {test.ExampleShape}."
            );
    }

    private static Examples Create(string path, string name, string set, NumpyArray x, NumpyArray y, string[] classes)
    {
        if (x.Sizes.Count is not (3 or 4) || x.Count == 0)
            throw new DataFormatException(
                $"{path}: x_{set} has {x.Sizes.Count} dimensions and {x.Count} elements; N×H×W or N×H×W×C is needed."
            );
        if (y.Sizes.Count is 0 or > 2 || y.Count != x.Sizes[0])
            throw new DataFormatException(
                $"{path}: y_{set} has {y.Count} elements for the {x.Sizes[0]} examples of x_{set}."
            );
        Shape shape = new(1, x.Sizes[1], x.Sizes[2], x.Sizes.Count == 4 ? x.Sizes[3] : 1);
        return new Examples(name, shape, x, [.. Enumerable.Range(0, y.Count).Select(i => (int)y[i])], classes);
    }

    private static int Classes(string name, NumpyArray y)
    {
        if (!y.HoldsIntegers)
            throw new DataFormatException($"{name}: classes are whole numbers, and these are fractions.");
        int most = -1;
        for (int i = 0; i < y.Count; i++)
        {
            if (y[i] is < 0 or >= MostClasses)
                throw new DataFormatException($"{name}: element {i} is {y[i]}, which is no class from 0.");
            most = Math.Max(most, (int)y[i]);
        }
        return most + 1;
    }

    private static NumpyArray? ReadFile(string path, ReadingLimits limits)
    {
        if (!File.Exists(path))
            return null;
        using FileStream file = InputFile.Open(path);
        return NumpyArray.Read(path, file, limits);
    }

    private static NumpyArray? ReadEntry(string path, ZipArchive archive, string name, ReadingLimits limits)
    {
        if (archive.GetEntry(name) is not { } entry)
            return null;
        using Stream stream = entry.Open();
        return NumpyArray.Read($"{path}: {name}", stream, limits);
    }

    private sealed class Examples(string name, Shape shape, NumpyArray x, int[] labels, string[] classes) : IDataset
    {
        public string Name => name;

        public int Count => labels.Length;

        public Shape ExampleShape => shape;

        public IReadOnlyList<string> ClassNames => classes;

        public int Label(int index) => labels[index];

        public void Read(int index, Span<float> values)
        {
            int count = shape.Count;
            if (values.Length != count)
                throw new ShapeException($"An example of {name} has {count} values; the place has {values.Length}.");
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
            float scale = x.HoldsBytes ? 1f / 255 : 1;
            for (int k = 0; k < count; k++)
                values[k] = GreyScale.Standardize((float)x[index * count + k] * scale);
        }
    }
}
