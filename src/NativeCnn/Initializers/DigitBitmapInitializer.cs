using NativeCnn.Randomness;

namespace NativeCnn.Initializers;

/// <summary>
/// The digits 0 to 9 as bitmaps of 12 rows of 7 pixels, +1 where there is ink and −1 elsewhere: the codes of LeNet-5's
/// output units.
/// </summary>
/// <remarks>
/// Y. LeCun et al., "Gradient-based learning applied to document recognition", 1998, section II.B.4. Drawn anew in the
/// manner of its figure 3: similar digits have similar codes.
/// </remarks>
internal sealed record DigitBitmapInitializer : Initializer
{
    /// <summary>The digits.</summary>
    public const int Digits = 10;

    /// <summary>The pixels of one.</summary>
    public const int Pixels = 7 * 12;

    // A line is a row of pixels of the digits 0 to 4, then of 5 to 9.
    private const string Bitmaps = """
        ..###.. ...##.. .#####. .#####. .....##
        .##.##. ..###.. ##...## ##...## ....###
        ##...## .####.. ##...## .....## ...####
        ##...## ...##.. .....## .....## ..##.##
        ##...## ...##.. ....##. ...###. .##..##
        ##...## ...##.. ...##.. .....## ##...##
        ##...## ...##.. ..##... .....## #######
        ##...## ...##.. .##.... .....## .....##
        .##.##. ...##.. ##..... ##...## .....##
        ..###.. .###### ####### .#####. .....##
        ....... ....... ....... ....... .......
        ....... ....... ....... ....... .......
        ####### ..####. ####### .#####. .#####.
        ##..... .##.... .....## ##...## ##...##
        ##..... ##..... .....## ##...## ##...##
        ##..... ##..... ....##. ##...## ##...##
        ######. ######. ....##. .#####. ##..###
        .....## ##...## ...##.. ##...## .######
        .....## ##...## ...##.. ##...## .....##
        .....## ##...## ..##... ##...## .....##
        ##...## ##...## ..##... ##...## ....##.
        .#####. .#####. ..##... .#####. .####..
        ....... ....... ....... ....... .......
        ....... ....... ....... ....... .......
        """;

    protected override void Draw(Span<float> values, int fanIn, int fanOut, ref RandomStream random)
    {
        if (values.Length != Digits * Pixels)
            throw new ArgumentException(
                $"The codes of the digits are {Digits * Pixels} values; got {values.Length}.",
                nameof(values)
            );
        string[] lines = Bitmaps.Split('\n', StringSplitOptions.TrimEntries);
        for (int digit = 0; digit < Digits; digit++)
        for (int pixel = 0; pixel < Pixels; pixel++)
        {
            string line = lines[digit / 5 * 12 + pixel / 7];
            values[digit * Pixels + pixel] = line[digit % 5 * 8 + pixel % 7] == '#' ? 1 : -1;
        }
    }
}
