using System.Globalization;

namespace NativeCnn.Storage;

/// <summary>
/// How much a file may ask for. What is over a limit is refused with the limit's name before time or memory is spent on
/// it; whoever trusts a larger file passes <c>new ReadingLimits { PictureValues = … }</c> to what reads it.
/// </summary>
public sealed record ReadingLimits
{
    /// <summary>The limits that hold unless others are given.</summary>
    public static ReadingLimits Default { get; } = new();

    /// <summary>
    /// The bytes of a model file's header, which holds the architecture and the tensors' names, and of a network file;
    /// 16 MB by default.
    /// </summary>
    public long HeaderBytes { get; init; } = 16L << 20;

    /// <summary>The layers of a model; 10,000 by default.</summary>
    public long Layers { get; init; } = 10_000;

    /// <summary>The inputs of one layer or of a model, and the outputs of a model; 256 by default.</summary>
    public long Inputs { get; init; } = 256;

    /// <summary>The values of a picture, height · width · channels; 2^26 by default, 22 megapixels in colour.</summary>
    public long PictureValues { get; init; } = 1L << 26;

    /// <summary>
    /// The bytes of a picture's file; 2^29 by default, which suffices for <see cref="PictureValues"/> written out in
    /// digits.
    /// </summary>
    public long PictureBytes { get; init; } = 1L << 29;

    /// <summary>
    /// The values of a JPEG or PNG in a picture folder, as its header announces them, 3 for each pixel; 2^28 by default, 89
    /// megapixels.
    /// </summary>
    public long DecodedPictureValues { get; init; } = 1L << 28;

    /// <summary>The elements of an IDX file, unpacked; 2^30 by default, 23 times MNIST.</summary>
    public long IdxElements { get; init; } = 1L << 30;

    /// <summary>The elements of a NumPy array; 2^30 by default.</summary>
    public long NumpyElements { get; init; } = 1L << 30;

    /// <summary>Refuses what is over a limit.</summary>
    /// <param name="value">What is asked for.</param>
    /// <param name="limit">How much may be.</param>
    /// <param name="name">The limit's name, a member of this class.</param>
    /// <param name="what">What is counted, such as "layers".</param>
    /// <exception cref="FormatException">It is over the limit; the message has both and the name.</exception>
    internal static void Check(Int128 value, long limit, string name, string what)
    {
        if (Excess(value, limit, name, what) is { } problem)
            throw new FormatException(problem);
    }

    /// <summary>What is wrong with a number that is over a limit, or null; see <see cref="Check"/>.</summary>
    internal static string? Excess(Int128 value, long limit, string name, string what) =>
        value <= limit
            ? null
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{value:N0} {what} are more than the {limit:N0} that are read (the limit {nameof(ReadingLimits)}.{name})"
            );
}
