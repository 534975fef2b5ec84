using System.Globalization;
using NativeCnn.Storage;
using NativeCnn.Tensors;

namespace NativeCnn.Data;

/// <summary>What a network is trained on and, if there is one, the set it is tested on.</summary>
/// <param name="Train">The examples to learn from.</param>
/// <param name="Test">Other examples, or null.</param>
public sealed record DataSource(IDataset Train, IDataset? Test)
{
    private const string Kinds =
        "digits (drawn by the program), digits:COUNT, digits:COUNT,TEST, mnist:DIR (a folder of IDX files), "
        + "cifar:DIR (of CIFAR-10's or CIFAR-100's binary files), folder:DIR (of a folder of pictures for each class), "
        + "npy:PATH (a folder of NumPy's .npy files, or an .npz file) "
        + "and xor";

    /// <summary>The files that should have been examples and are not; none by default.</summary>
    public IReadOnlyList<SkippedFile> Skipped { get; init; } = [];

    /// <summary>
    /// Opens the data that a line of text names: <c>digits</c> (20,000 drawn digits and 4,000 to test),
    /// <c>digits:COUNT</c> (and a fifth as many to test), <c>digits:COUNT,TEST</c> (TEST may be 0), <c>mnist:DIR</c>
    /// (see <see cref="MnistDataset.Open"/>), <c>cifar:DIR</c> (see <see cref="CifarDataset.Open"/>),
    /// <c>folder:DIR</c> (see <see cref="PictureFolder.Open"/>), <c>npy:PATH</c> (see <see cref="NumpyDataset.Open"/>) or <c>xor</c> (the four points of the exclusive or, 500
    /// times each to train).
    /// </summary>
    /// <param name="specification">The line.</param>
    /// <param name="seed">The seed of data that the program makes itself.</param>
    /// <param name="limits">How large a file may be; <see cref="ReadingLimits.Default"/> if null.</param>
    /// <param name="pictures">
    /// The shape of one example of a picture folder; <see cref="PictureFolder.DefaultExample"/> if null.
    /// </param>
    /// <exception cref="ArgumentException">The line names no known kind of data or an impossible number.</exception>
    /// <exception cref="IOException">A file or folder is missing or cannot be read.</exception>
    /// <exception cref="DataFormatException">A file is damaged.</exception>
    /// <exception cref="ShapeException">Examples of a picture folder have neither 1 nor 3 channels.</exception>
    public static DataSource Open(
        string specification,
        ulong seed = 0,
        ReadingLimits? limits = null,
        Shape? pictures = null
    )
    {
        ArgumentNullException.ThrowIfNull(specification);
        int colon = specification.IndexOf(':', StringComparison.Ordinal);
        string kind = colon < 0 ? specification : specification[..colon];
        string? rest = colon < 0 ? null : specification[(colon + 1)..];
        return kind switch
        {
            "digits" => OpenDigits(specification, rest, seed),
            "mnist" when !string.IsNullOrEmpty(rest) => MnistDataset.Open(rest, limits),
            "xor" when rest is null => XorDataset.Source,
            "cifar" when !string.IsNullOrEmpty(rest) => CifarDataset.Open(rest),
            "folder" when !string.IsNullOrEmpty(rest) => PictureFolder.Open(rest, pictures, limits),
            "npy" when !string.IsNullOrEmpty(rest) => NumpyDataset.Open(rest, limits),
            "npy" => throw new ArgumentException("npy needs a folder or an .npz file: npy:PATH."),
            "mnist" or "cifar" or "folder" => throw new ArgumentException($"{kind} needs a folder: {kind}:DIR."),
            _ => throw new ArgumentException($"'{specification}' is no known data. Known are {Kinds}."),
        };
    }

    private static DataSource OpenDigits(string specification, string? rest, ulong seed)
    {
        int train = SyntheticDigits.DefaultTrainCount;
        int test = SyntheticDigits.DefaultTestCount;
        if (rest is not null)
        {
            string[] parts = rest.Split(',');
            if (parts.Length > 2)
                throw new ArgumentException($"'{specification}' has more than two numbers; write digits:COUNT,TEST.");
            train = ParseCount(specification, parts[0], 1);
            test = parts.Length == 2 ? ParseCount(specification, parts[1], 0) : (train + 4) / 5;
        }
        return new DataSource(
            SyntheticDigits.CreateTrain(train, seed),
            test == 0 ? null : SyntheticDigits.CreateTest(test, seed)
        );
    }

    private static int ParseCount(string specification, string text, int smallest)
    {
        if (
            // 1,000 is a number with a separator of thousands, and not COUNT,TEST.
            text is ['0', _, ..]
            || !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count)
            || count < smallest
            || count > SyntheticDigits.LargestCount
        )
        {
            throw new ArgumentException(
                $"'{text}' in '{specification}' is no number from {smallest} to {SyntheticDigits.LargestCount}."
            );
        }
        return count;
    }
}
