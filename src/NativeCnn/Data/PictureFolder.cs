using NativeCnn.Interop;
using NativeCnn.Randomness;
using NativeCnn.Storage;
using NativeCnn.Tensors;

namespace NativeCnn.Data;

/// <summary>
/// Pictures in folders, one folder for each class: JPEG and PNG of any size, upright by their EXIF orientation, known by
/// their content and not by their names. An example is the middle of its picture, scaled bilinearly. A value is byte/255
/// after <see cref="GreyScale"/>, as in every set.
/// </summary>
/// <remarks>
/// They are read by an optional part of the C shim, which is built where libjpeg-turbo and libpng are installed.
/// </remarks>
public static class PictureFolder
{
    // Of the order in which examples without a test set of their own lie: data, and no part of a training's randomness.
    private const ulong OrderSeed = 5;

    private static readonly string[] s_testFolders = ["val", "valid", "validation", "test"];
    private static readonly StringComparer s_byCodes = StringComparer.Ordinal;

    /// <summary>The examples of <see cref="Open"/> where nothing else is said, ImageNet's: 1×224×224×3.</summary>
    public static Shape DefaultExample { get; } = new(1, 224, 224, 3);

    /// <summary>
    /// Opens a folder that holds train/ and val/ (or valid/, validation/, test/), or the classes' folders themselves;
    /// then there is no test set, and the examples lie in a random order that is always the same, so that any part of
    /// them has all classes. Classes are numbered in the order of their names, by the codes of the letters.
    /// </summary>
    /// <remarks>
    /// Every picture is decoded once to see whether it is whole. What is empty, damaged, cut short, over a limit or no
    /// JPEG or PNG is left out and named in <see cref="DataSource.Skipped"/>, and so is a link to a file outside the
    /// folder, and any link to a folder. Files and folders whose names begin with a dot are not looked at. 16 bits become
    /// 8, CMYK becomes colour, and what is transparent lies on white.
    /// </remarks>
    /// <param name="directory">The folder.</param>
    /// <param name="example">The shape of one example, 1×H×W×1 or 1×H×W×3; <see cref="DefaultExample"/> if null.</param>
    /// <param name="limits">How large a picture may be; <see cref="ReadingLimits.Default"/> if null.</param>
    /// <exception cref="ShapeException">Examples have neither 1 nor 3 channels.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="DataFormatException">
    /// There are no classes, a class has no picture to learn from, or there is one to test on that none is learned of.
    /// </exception>
    /// <exception cref="NativeLibraryException">The library that reads pictures is missing.</exception>
    public static DataSource Open(string directory, Shape? example = null, ReadingLimits? limits = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        Shape shape = example ?? DefaultExample;
        if (shape.Channels is not (1 or 3) || shape.BatchSize != 1)
            throw new ShapeException($"An example of {shape} is no picture; pictures have 1 or 3 channels.");
        if (!Directory.Exists(directory))
            throw new DirectoryNotFoundException($"There is no folder {directory}.");
        NativeRuntime.EnsurePicturesLoaded();
        limits ??= ReadingLimits.Default;
        string training = Path.Combine(directory, "train");
        string? testing = s_testFolders.Select(name => Path.Combine(directory, name)).FirstOrDefault(Directory.Exists);
        bool isDivided = Directory.Exists(training);
        List<SkippedFile> skipped = [];
        string root = isDivided ? training : directory;
        string[] classes = [.. ClassFolders(root, skipped)];
        if (classes.Length == 0)
            throw new DataFormatException($"{root} holds no folders. There has to be one for each class of pictures.");
        ListedPicture[] pictures = List(root, classes, limits, skipped);
        for (int label = 0; label < classes.Length; label++)
        {
            if (Array.Exists(pictures, picture => picture.Label == label))
                continue;
            string folder = Path.Combine(root, classes[label]);
            string reason = skipped.Find(file => IsIn(folder, file.Path)) is { } first
                ? $": of {first.Path} the reason is that {first.Reason}"
                : "";
            throw new DataFormatException(
                $"The class folder {folder} has no picture that can be read{reason}. Put some in, or remove it."
            );
        }
        if (!isDivided)
            Shuffle(pictures);
        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory)));
        PictureDataset train = new(isDivided ? $"{name} train" : name, shape, pictures, classes, limits);
        IDataset? test =
            isDivided && testing is not null ? OpenTest(testing, name, classes, shape, limits, skipped) : null;
        return new DataSource(train, test) { Skipped = skipped };
    }

    private static PictureDataset? OpenTest(
        string root,
        string name,
        string[] classes,
        Shape shape,
        ReadingLimits limits,
        List<SkippedFile> skipped
    )
    {
        foreach (string folder in ClassFolders(root, skipped))
        {
            if (!classes.Contains(folder))
                throw new DataFormatException(
                    $"{Path.Combine(root, folder)} is of no class that is trained: they are {string.Join(", ", classes)}."
                );
        }
        ListedPicture[] pictures = List(root, classes, limits, skipped);
        return pictures.Length == 0
            ? null
            : new PictureDataset($"{name} {Path.GetFileName(root)}", shape, pictures, classes, limits);
    }

    private static IEnumerable<string> ClassFolders(string root, List<SkippedFile> skipped)
    {
        foreach (DirectoryInfo folder in new DirectoryInfo(root).GetDirectories().OrderBy(f => f.Name, s_byCodes))
        {
            if (folder.Name.StartsWith('.'))
                continue;
            if (folder.LinkTarget is not null)
                skipped.Add(new SkippedFile(folder.FullName, "it is a link to a folder"));
            else
                yield return folder.Name;
        }
    }

    private static ListedPicture[] List(string root, string[] classes, ReadingLimits limits, List<SkippedFile> skipped)
    {
        List<(string Path, int Label)> files = [];
        for (int label = 0; label < classes.Length; label++)
        {
            string folder = Path.Combine(root, classes[label]);
            if (Directory.Exists(folder))
                files.AddRange(Files(new DirectoryInfo(folder), skipped).Select(path => (path, label)));
        }
        string full = Path.GetFullPath(root);
        ListedPicture?[] whole = new ListedPicture?[files.Count];
        string?[] reasons = new string?[files.Count];
        Parallel.For(
            0,
            files.Count,
            () => new PictureDecoder(limits),
            (i, _, decoder) =>
            {
                (string path, int label) = files[i];
                try
                {
                    reasons[i] = OutsideLink(path, full);
                    if (reasons[i] is null)
                        whole[i] = Examine(path, label, decoder);
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    string before = $"{path}: ";
                    reasons[i] = (
                        e.Message.StartsWith(before, StringComparison.Ordinal) ? e.Message[before.Length..] : e.Message
                    ).TrimEnd('.');
                }
                return decoder;
            },
            _ => { }
        );
        for (int i = 0; i < files.Count; i++)
        {
            if (reasons[i] is { } reason)
                skipped.Add(new SkippedFile(files[i].Path, reason));
        }
        return [.. whole.OfType<ListedPicture>()];
    }

    // In the order of their names, and then what lies in further folders.
    private static IEnumerable<string> Files(DirectoryInfo folder, List<SkippedFile> skipped)
    {
        foreach (FileInfo file in folder.GetFiles().OrderBy(f => f.Name, s_byCodes))
        {
            if (!file.Name.StartsWith('.'))
                yield return file.FullName;
        }
        foreach (string inner in ClassFolders(folder.FullName, skipped))
        foreach (string path in Files(new DirectoryInfo(Path.Combine(folder.FullName, inner)), skipped))
            yield return path;
    }

    private static ListedPicture Examine(string path, int label, PictureDecoder decoder)
    {
        nativecnn_pictures_info info = decoder.Open(path);
        decoder.Verify(path, info);
        bool isCrossed = info.orientation >= 5;
        return new ListedPicture(
            path,
            label,
            isCrossed ? info.height : info.width,
            isCrossed ? info.width : info.height
        );
    }

    private static string? OutsideLink(string path, string root)
    {
        FileInfo file = new(path);
        if (file.LinkTarget is null)
            return null;
        return file.ResolveLinkTarget(returnFinalTarget: true) is { Exists: true } target
            ? IsIn(root, target.FullName)
                ? null
                : "it is a link that leaves the folder"
            : "it is a link that leads nowhere";
    }

    private static bool IsIn(string folder, string path) =>
        Path.GetFullPath(path)
            .StartsWith(
                Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)) + Path.DirectorySeparatorChar,
                StringComparison.Ordinal
            );

    private static void Shuffle(ListedPicture[] pictures)
    {
        int[] order = [.. Enumerable.Range(0, pictures.Length)];
        RandomStream random = new(OrderSeed);
        random.Shuffle(order);
        ListedPicture[] listed = [.. pictures];
        for (int i = 0; i < order.Length; i++)
            pictures[i] = listed[order[i]];
    }
}
