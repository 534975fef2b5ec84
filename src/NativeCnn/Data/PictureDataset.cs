using NativeCnn.Interop;
using NativeCnn.Storage;
using NativeCnn.Tensors;

namespace NativeCnn.Data;

/// <summary>
/// Pictures in files, decoded whenever they are read. A value is byte/255 after <see cref="GreyScale"/>. Files that
/// vanish or change after they were listed are errors of the reading.
/// </summary>
internal sealed class PictureDataset : IViewedDataset
{
    private readonly ListedPicture[] _pictures;
    private readonly ReadingLimits _limits;

    // One per thread that reads at the same time.
    private readonly Stack<PictureDecoder> _decoders = new();

    public PictureDataset(
        string name,
        Shape exampleShape,
        ListedPicture[] pictures,
        IReadOnlyList<string> classNames,
        ReadingLimits limits
    )
    {
        Name = name;
        ExampleShape = exampleShape;
        ClassNames = classNames;
        _pictures = pictures;
        _limits = limits;
    }

    public string Name { get; }

    public int Count => _pictures.Length;

    public Shape ExampleShape { get; }

    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>The file of an example.</summary>
    public string PathOf(int index) => _pictures[index].Path;

    public int Label(int index) => _pictures[index].Label;

    public (int Width, int Height) SizeOf(int index) => (_pictures[index].Width, _pictures[index].Height);

    public void Read(int index, Span<float> values)
    {
        ListedPicture picture = _pictures[index];
        PictureView view = PictureView.Middle(picture.Width, picture.Height, ExampleShape.Width, ExampleShape.Height);
        Read(index, view, values);
    }

    public void Read(int index, in PictureView view, Span<float> values)
    {
        string path = _pictures[index].Path;
        PictureDecoder? decoder;
        lock (_decoders)
            _decoders.TryPop(out decoder);
        decoder ??= new PictureDecoder(_limits);
        try
        {
            nativecnn_pictures_info info = decoder.Open(path);
            decoder.Read(path, info, view, ExampleShape, values);
        }
        finally
        {
            lock (_decoders)
                _decoders.Push(decoder);
        }
    }
}

/// <summary>A picture that was found to be whole.</summary>
/// <param name="Path">Its file.</param>
/// <param name="Label">Its class.</param>
/// <param name="Width">Its width when it is shown upright.</param>
/// <param name="Height">Its height then.</param>
internal readonly record struct ListedPicture(string Path, int Label, int Width, int Height);
