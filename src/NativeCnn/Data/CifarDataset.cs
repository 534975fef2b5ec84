using NativeCnn.Storage;
using NativeCnn.Tensors;

namespace NativeCnn.Data;

/// <summary>
/// CIFAR-10 and CIFAR-100, 32×32 colour pictures, from the binary files that their authors publish. A channel's value
/// is byte/255 after <see cref="GreyScale"/>, as in every set; <see cref="ChannelNormalization"/> brings each channel
/// around 0.
/// </summary>
/// <remarks>A. Krizhevsky, "Learning multiple layers of features from tiny images", 2009.</remarks>
public static class CifarDataset
{
    private const int Side = 32;
    private const int Channels = 3;
    private const int PictureBytes = Side * Side * Channels;
    private const int NamesBytes = 1 << 16;

    private static readonly Form Cifar10 = new(
        "CIFAR-10",
        "cifar-10-batches-bin",
        [.. Enumerable.Range(1, 5).Select(number => $"data_batch_{number}.bin")],
        "test_batch.bin",
        "batches.meta.txt",
        LabelBytes: 1,
        ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
    );

    // Of its two labels the second, of 100 classes, is read; the first is one of 20 groups.
    private static readonly Form Cifar100 = new(
        "CIFAR-100",
        "cifar-100-binary",
        ["train.bin"],
        "test.bin",
        "fine_label_names.txt",
        LabelBytes: 2,
        [.. Enumerable.Range(0, 100).Select(number => $"{number}")]
    );

    /// <summary>
    /// Opens what a folder holds, or a folder in it of the name that the authors' archive unpacks to: data_batch_1.bin
    /// to data_batch_5.bin and test_batch.bin (CIFAR-10), or train.bin and test.bin (CIFAR-100). The classes' names come
    /// from the text file beside them if it is there. If only one of the two sets is there, it is
    /// <see cref="DataSource.Train"/>.
    /// </summary>
    /// <param name="directory">The folder.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">The folder holds neither set, or some of the training files only.</exception>
    /// <exception cref="DataFormatException">A file is damaged, or the names are not as many as the classes.</exception>
    public static DataSource Open(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        if (!Directory.Exists(directory))
            throw new DirectoryNotFoundException($"There is no folder {directory}.");
        foreach (Form form in (Form[])[Cifar10, Cifar100])
        {
            foreach (string folder in (string[])[directory, Path.Combine(directory, form.Folder)])
            {
                if (OpenSets(form, folder) is { } source)
                    return source;
            }
        }
        throw new FileNotFoundException(
            $"{directory} holds no CIFAR data. Looked for data_batch_1.bin to data_batch_5.bin and test_batch.bin (CIFAR-10, binary version), and for train.bin and test.bin (CIFAR-100)."
        );
    }

    private static DataSource? OpenSets(Form form, string folder)
    {
        string[] training = [.. form.TrainingFiles.Where(name => File.Exists(Path.Combine(folder, name)))];
        bool hasTest = File.Exists(Path.Combine(folder, form.TestFile));
        if (training.Length == 0 && !hasTest)
            return null;
        if (training.Length > 0 && form.TrainingFiles.Except(training).FirstOrDefault() is { } missing)
            throw new FileNotFoundException($"{training[0]} is in {folder} but not {missing}.", missing);
        IReadOnlyList<string> names = ReadNames(form, folder);
        IDataset? test = hasTest ? Load(form, folder, [form.TestFile], "test", names) : null;
        return training.Length == 0
            ? new DataSource(test!, null)
            : new DataSource(Load(form, folder, training, "train", names), test);
    }

    private static ByteImageDataset Load(
        Form form,
        string folder,
        string[] files,
        string set,
        IReadOnlyList<string> names
    )
    {
        int recordBytes = form.LabelBytes + PictureBytes;
        byte[][] contents = [.. files.Select(file => ReadRecords(Path.Combine(folder, file), recordBytes))];
        int count = contents.Sum(content => content.Length / recordBytes);
        byte[] pixels = new byte[count * PictureBytes];
        byte[] labels = new byte[count];
        int example = 0;
        for (int file = 0; file < files.Length; file++)
        for (int start = 0; start < contents[file].Length; start += recordBytes, example++)
        {
            byte label = contents[file][start + form.LabelBytes - 1];
            if (label >= names.Count)
            {
                throw new DataFormatException(
                    Path.Combine(folder, files[file]),
                    start + form.LabelBytes - 1,
                    $"Label {label} is not one of 0 to {names.Count - 1}."
                );
            }
            labels[example] = label;
            Interleave(
                contents[file].AsSpan(start + form.LabelBytes, PictureBytes),
                pixels.AsSpan(example * PictureBytes, PictureBytes)
            );
        }
        return new ByteImageDataset($"{form.Name} {set}", new Shape(1, Side, Side, Channels), pixels, labels, names);
    }

    private static byte[] ReadRecords(string path, int recordBytes)
    {
        using FileStream file = InputFile.Open(path);
        if (file.Length == 0 || file.Length % recordBytes != 0 || file.Length > Array.MaxLength)
        {
            throw new DataFormatException(
                path,
                file.Length / recordBytes * recordBytes,
                $"{file.Length} bytes are no whole number of pictures of {recordBytes} bytes. Fetch the file again."
            );
        }
        byte[] content = new byte[file.Length];
        file.ReadExactly(content);
        return content;
    }

    private static IReadOnlyList<string> ReadNames(Form form, string folder)
    {
        string path = Path.Combine(folder, form.NamesFile);
        if (!File.Exists(path))
            return form.Names;
        using FileStream file = InputFile.Open(path);
        if (file.Length > NamesBytes)
            throw new DataFormatException($"{path}: {file.Length} bytes are too many for the names of classes.");
        using var reader = new StreamReader(file);
        string[] names = reader
            .ReadToEnd()
            .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return names.Length == form.Names.Count
            ? names
            : throw new DataFormatException($"{path}: {names.Length} names for {form.Names.Count} classes.");
    }

    // A file has one channel after the other.
    private static void Interleave(ReadOnlySpan<byte> planes, Span<byte> pixels)
    {
        for (int channel = 0; channel < Channels; channel++)
        for (int pixel = 0; pixel < Side * Side; pixel++)
            pixels[pixel * Channels + channel] = planes[channel * Side * Side + pixel];
    }

    private sealed record Form(
        string Name,
        string Folder,
        IReadOnlyList<string> TrainingFiles,
        string TestFile,
        string NamesFile,
        int LabelBytes,
        IReadOnlyList<string> Names
    );
}
