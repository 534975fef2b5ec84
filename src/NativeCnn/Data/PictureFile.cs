using NativeCnn.Interop;
using NativeCnn.Storage;
using NativeCnn.Tensors;

namespace NativeCnn.Data;

/// <summary>One picture in a file, JPEG or PNG, as <see cref="PictureFolder"/> reads those that are tested on.</summary>
public static class PictureFile
{
    /// <summary>Reads the middle of a picture, scaled bilinearly; any number of threads may call it at once.</summary>
    /// <param name="path">The file; what it is, its content says and not its name.</param>
    /// <param name="example">The shape of what is read, 1×H×W×1 or 1×H×W×3.</param>
    /// <param name="values">H×W×C places for values of byte/255 after <see cref="GreyScale"/>.</param>
    /// <param name="limits">How large a picture may be; <see cref="ReadingLimits.Default"/> if null.</param>
    /// <exception cref="ShapeException">
    /// The example has neither 1 nor 3 channels, or there are not as many places as it has values.
    /// </exception>
    /// <exception cref="DataFormatException">It is no JPEG or PNG, damaged, cut short or over a limit.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="NativeLibraryException">The library that reads pictures is missing.</exception>
    public static void Read(string path, Shape example, Span<float> values, ReadingLimits? limits = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (example.Channels is not (1 or 3) || example.BatchSize != 1)
            throw new ShapeException($"An example of {example} is no picture; pictures have 1 or 3 channels.");
        if (values.Length != example.Count)
            throw new ShapeException($"An example of {example} does not have {values.Length} values.");
        NativeRuntime.EnsurePicturesLoaded();
        PictureDecoder decoder = new(limits ?? ReadingLimits.Default);
        nativecnn_pictures_info info = decoder.Open(path);
        (int width, int height) = info.orientation >= 5 ? (info.height, info.width) : (info.width, info.height);
        decoder.Read(path, info, PictureView.Middle(width, height, example.Width, example.Height), example, values);
    }
}
