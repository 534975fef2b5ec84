using System.Text;
using NativeCnn.Interop;
using NativeCnn.Storage;
using NativeCnn.Tensors;

namespace NativeCnn.Data;

/// <summary>Reads one picture after the other; the memory for it is kept. One thread at a time may use it.</summary>
internal sealed unsafe class PictureDecoder(ReadingLimits limits)
{
    private const int Channels = 3;

    // What a decoder keeps between pictures; larger ones come and go.
    private const int KeptBytes = 1 << 26;
    private const int LargestDenominator = 8;

    private byte[] _file = [];
    private int _fileBytes;
    private byte[] _pixels = [];
    private int _width;
    private int _height;
    private int _channels;

    /// <summary>Reads a file and its header.</summary>
    /// <exception cref="DataFormatException">It is no picture that is read, or over a limit.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public nativecnn_pictures_info Open(string path)
    {
        ReadFile(path);
        nativecnn_pictures_info info;
        byte* problem = stackalloc byte[Pictures.NATIVECNN_PICTURES_PROBLEM_BYTES];
        fixed (byte* bytes = _file)
        {
            Check(
                path,
                Pictures.nativecnn_pictures_read_info(
                    bytes,
                    _fileBytes,
                    MostPixels,
                    &info,
                    problem,
                    Pictures.NATIVECNN_PICTURES_PROBLEM_BYTES
                ),
                problem,
                info
            );
        }
        return info;
    }

    /// <summary>Decodes the file all through, as small as it goes, to find out whether it can be.</summary>
    public void Verify(string path, in nativecnn_pictures_info info) =>
        Decode(path, info, IsJpeg(info) ? LargestDenominator : 1, Channels);

    /// <summary>Writes a view of the opened picture.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="info">What <see cref="Open"/> said of it.</param>
    /// <param name="view">What of it is shown.</param>
    /// <param name="output">Height, width and channels, 1 or 3, of what is written.</param>
    /// <param name="values">As many places, for values after <see cref="GreyScale"/>.</param>
    public void Read(
        string path,
        in nativecnn_pictures_info info,
        in PictureView view,
        Shape output,
        Span<float> values
    )
    {
        bool isCrossed = info.orientation >= 5;
        double shrinking = Math.Min(
            (isCrossed ? info.height : info.width) * view.Width / output.Width,
            (isCrossed ? info.width : info.height) * view.Height / output.Height
        );
        int denominator = 1;
        while (IsJpeg(info) && denominator < LargestDenominator && shrinking >= 2 * denominator)
            denominator *= 2;
        Decode(path, info, denominator, output.Channels);
        int factor = Math.Clamp((int)(shrinking / denominator), 1, Math.Min(_width, _height));
        if (factor > 1)
            Reduce(factor);
        // A pixel covers that many of the file's: sides that were rounded up or down do not count.
        double scale = (double)denominator * factor;
        Sample(
            AffineMap.Of(view, info.width / scale, info.height / scale, info.orientation, output.Width, output.Height),
            output,
            values
        );
        if (_pixels.Length > KeptBytes)
            _pixels = [];
        if (_file.Length > KeptBytes)
            _file = [];
    }

    private long MostPixels => Math.Max(1, limits.DecodedPictureValues / Channels);

    private static bool IsJpeg(in nativecnn_pictures_info info) =>
        info.format == nativecnn_pictures_format.NATIVECNN_PICTURES_JPEG;

    private void ReadFile(string path)
    {
        using FileStream file = InputFile.Open(path);
        long length = file.Length;
        if (length == 0)
            throw Unreadable(path, "it is empty");
        if (ReadingLimits.Excess(length, limits.PictureBytes, nameof(limits.PictureBytes), "bytes") is { } problem)
            throw Unreadable(path, problem);
        if (_file.Length < length)
            _file = new byte[checked((int)length)];
        _fileBytes = file.ReadAtLeast(_file.AsSpan(0, (int)length), (int)length, throwOnEndOfStream: false);
    }

    private void Decode(string path, in nativecnn_pictures_info info, int denominator, int channels)
    {
        _width = (info.width + denominator - 1) / denominator;
        _height = (info.height + denominator - 1) / denominator;
        _channels = channels;
        long needed = (long)_width * _height * channels;
        if (_pixels.Length < needed)
            _pixels = new byte[checked((int)needed)];
        byte* problem = stackalloc byte[Pictures.NATIVECNN_PICTURES_PROBLEM_BYTES];
        fixed (
            byte* bytes = _file,
                pixels = _pixels
        )
        {
            Check(
                path,
                Pictures.nativecnn_pictures_decode(
                    bytes,
                    _fileBytes,
                    MostPixels,
                    denominator,
                    channels,
                    pixels,
                    _pixels.LongLength,
                    problem,
                    Pictures.NATIVECNN_PICTURES_PROBLEM_BYTES
                ),
                problem,
                info
            );
        }
    }

    private void Reduce(int factor)
    {
        fixed (byte* pixels = _pixels)
            CheckCall(Pictures.nativecnn_pictures_reduce(pixels, _width, _height, _channels, factor));
        (_width, _height) = (_width / factor, _height / factor);
    }

    private void Sample(in AffineMap map, Shape output, Span<float> values)
    {
        if (values.Length != output.Count)
            throw new ShapeException($"An example of {output} does not have {values.Length} values.");
        double* matrix = stackalloc double[] { map.XByX, map.XByY, map.X0, map.YByX, map.YByY, map.Y0 };
        fixed (byte* pixels = _pixels)
        fixed (float* result = values)
        {
            CheckCall(
                Pictures.nativecnn_pictures_sample(
                    pixels,
                    _width,
                    _height,
                    _channels,
                    matrix,
                    output.Height,
                    output.Width,
                    1 / (255 * GreyScale.Deviation),
                    -GreyScale.Mean / GreyScale.Deviation,
                    result
                )
            );
        }
    }

    // What no file can be guilty of.
    private static void CheckCall(nativecnn_pictures_status status)
    {
        if (status == nativecnn_pictures_status.NATIVECNN_PICTURES_NO_MEMORY)
            throw new InsufficientMemoryException("There is not memory enough for a picture.");
        if (status != nativecnn_pictures_status.NATIVECNN_PICTURES_OK)
            throw new InvalidOperationException($"The picture library refused its arguments: {status}.");
    }

    private void Check(string path, nativecnn_pictures_status status, byte* problem, in nativecnn_pictures_info info)
    {
        switch (status)
        {
            case nativecnn_pictures_status.NATIVECNN_PICTURES_UNKNOWN_FORMAT:
                throw Unreadable(path, $"it is {NameOfOther(_file.AsSpan(0, _fileBytes))}; JPEG and PNG are read");
            case nativecnn_pictures_status.NATIVECNN_PICTURES_UNSUPPORTED:
                throw Unreadable(path, Text(problem));
            case nativecnn_pictures_status.NATIVECNN_PICTURES_DAMAGED:
                throw Unreadable(path, $"it is damaged or cut short: {Text(problem)}");
            case nativecnn_pictures_status.NATIVECNN_PICTURES_TOO_LARGE:
                string name = nameof(limits.DecodedPictureValues);
                Int128 values = (Int128)info.width * info.height * Channels;
                string excess =
                    ReadingLimits.Excess(values, limits.DecodedPictureValues, name, "values") ?? Text(problem);
                throw Unreadable(path, $"its header announces {info.width}×{info.height} pixels: {excess}");
            default:
                CheckCall(status);
                return;
        }
    }

    // Of the formats that are taken for pictures.
    private static string NameOfOther(ReadOnlySpan<byte> file) =>
        file.StartsWith("GIF8"u8) ? "a GIF picture"
        : file.StartsWith("BM"u8) ? "a BMP picture"
        : file.StartsWith("II*\0"u8) || file.StartsWith("MM\0*"u8) ? "a TIFF picture"
        : file.Length >= 12 && file.StartsWith("RIFF"u8) && file[8..].StartsWith("WEBP"u8) ? "a WebP picture"
        : file.Length >= 12 && file[4..].StartsWith("ftyp"u8) ? "a HEIF or AVIF picture"
        : "no picture";

    // Letters alone: what a library says may have come out of the file.
    private static string Text(byte* problem)
    {
        string text = Encoding.ASCII.GetString(problem, new ReadOnlySpan<byte>(problem, 256).IndexOf((byte)0));
        return new string([.. text.Select(letter => char.IsControl(letter) ? '?' : letter)]).TrimEnd('.');
    }

    private static DataFormatException Unreadable(string path, string reason) => new($"{path}: {reason}.");
}
