using NativeCnn.Formats;
using NativeCnn.Tensors;

namespace NativeCnn.Cli.Pictures;

/// <summary>Small maps as one picture: side by side in rows, each pixel a square, light lines around them.</summary>
internal static class TiledPicture
{
    /// <summary>The most maps that one picture shows.</summary>
    public const int MostTiles = 256;

    private const int Line = 4;
    private const float LineGrey = 0.93f;
    private const long MostPixels = 1 << 24;

    /// <summary>A square's side that makes a map about this large.</summary>
    private const int WantedSide = 96;

    /// <summary>The largest square: a map of few pixels need not be as large as others.</summary>
    private const int LargestSquare = 16;

    /// <summary>
    /// The maps of one example, H×W×C values with the channels fastest, black for the smallest of all and white for the
    /// largest.
    /// </summary>
    public static Image OfMaps(Shape shape, ReadOnlySpan<float> values, int? square)
    {
        (float low, float high) = Range(values);
        float span = high > low ? high - low : 1;
        return Draw(
            new Tiles(shape.Height, shape.Width, shape.Channels),
            square,
            values.ToArray(),
            (tile, y, x) => (y * shape.Width + x) * shape.Channels + tile,
            value => (value - low) / span
        );
    }

    /// <summary>
    /// Filters, O×K×K×C: a tile for each output map and input map, 0 in the middle of grey, white for what adds and
    /// black for what takes away.
    /// </summary>
    public static Image OfFilters(Shape shape, ReadOnlySpan<float> values, int? square)
    {
        (float low, float high) = Range(values);
        float largest = Math.Max(Math.Abs(low), Math.Abs(high));
        if (largest == 0)
            largest = 1;
        return Draw(
            new Tiles(shape.Height, shape.Width, (int)Math.Min((long)shape.Outputs * shape.Channels, int.MaxValue)),
            square,
            values.ToArray(),
            (tile, y, x) =>
                ((tile / shape.Channels * shape.Height + y) * shape.Width + x) * shape.Channels + tile % shape.Channels,
            value => (1 + value / largest) / 2
        );
    }

    /// <summary>The smallest and the largest value that is finite; 0 and 0 if there is none.</summary>
    public static (float Low, float High) Range(ReadOnlySpan<float> values)
    {
        (float low, float high) = (float.PositiveInfinity, float.NegativeInfinity);
        foreach (float value in values)
        {
            if (!float.IsFinite(value))
                continue;
            low = Math.Min(low, value);
            high = Math.Max(high, value);
        }
        return low <= high ? (low, high) : (0, 0);
    }

    private static Image Draw(
        Tiles tiles,
        int? square,
        float[] values,
        Func<int, int, int, int> place,
        Func<float, float> grey
    )
    {
        int side = square ?? Math.Clamp(WantedSide / Math.Max(tiles.Height, tiles.Width), 1, LargestSquare);
        int count = Math.Min(tiles.Count, MostTiles);
        int columns = Columns(count);
        int rows = (count + columns - 1) / columns;
        long height = rows * ((long)tiles.Height * side + Line) + Line;
        long width = columns * ((long)tiles.Width * side + Line) + Line;
        if (height > MostPixels || width > MostPixels || height * width > MostPixels)
            throw new CommandException(
                $"{count} maps of {tiles.Height}×{tiles.Width} with squares of {side} are a picture of {height}×{width} pixels, more than {MostPixels} in all. Use a smaller --square."
            );
        var pixels = new float[height * width];
        Array.Fill(pixels, LineGrey);
        for (int tile = 0; tile < count; tile++)
        {
            long top = tile / columns * ((long)tiles.Height * side + Line) + Line;
            long left = tile % columns * ((long)tiles.Width * side + Line) + Line;
            for (int y = 0; y < tiles.Height * side; y++)
            for (int x = 0; x < tiles.Width * side; x++)
                pixels[(top + y) * width + left + x] = grey(values[place(tile, y / side, x / side)]);
        }
        return new Image((int)height, (int)width, 1, pixels);
    }

    // A row for few, and about twice as wide as high for many.
    private static int Columns(int count) => count <= 8 ? count : (int)Math.Ceiling(Math.Sqrt(2.0 * count));

    private readonly record struct Tiles(int Height, int Width, int Count);
}
