using System.Text;
using NativeCnn.Formats;
using NativeCnn.Storage;
using NativeCnn.Tensors;

namespace NativeCnn.Fuzz.Targets;

/// <summary>PGM and PPM pictures, read and scaled to the inputs of networks.</summary>
internal sealed class Pictures : FuzzTarget
{
    private static readonly ReadingLimits Limits = new() { PictureValues = 1 << 20, PictureBytes = 1 << 20 };
    private static readonly Shape Digit = new(1, 28, 28, 1);
    private static readonly Shape Colour = new(1, 3, 50, 3);

    public override string Name => "picture";

    public override IReadOnlyList<byte[]> Wholes { get; } =
    [
        Encoding.ASCII.GetBytes("P2 # a comment\n3 2\n9\n0 1 2 3 4 5\n"),
        Encoding.ASCII.GetBytes("P3 1 2 65535\n0 1 2 3 4 65535\n"),
        Encoding.ASCII.GetBytes("P5\n4 2\n255\n01234567"),
        Encoding.ASCII.GetBytes("P6 1 2 65000 abcdefabcdef"),
        [.. Encoding.ASCII.GetBytes("P5 1 20000 255 "), .. new byte[20000]],
        [.. Encoding.ASCII.GetBytes("P6 20000 1 255 "), .. new byte[60000]],
    ];

    public override IReadOnlyList<string> Words => ["P2", "P3", "P5", "P6", "#", "\n", " ", "255", "65535"];

    public override long MostBytes => 16L << 20;

    public override string Run(byte[] input, string file)
    {
        File.WriteAllBytes(file, input);
        return Refusal(() =>
        {
            Image image = PortableGraymap.Read(file, Limits);
            image.CopyTo(Digit, new float[Digit.Count]);
            image.CopyTo(Colour, new float[Colour.Count]);
        });
    }
}
