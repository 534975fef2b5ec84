using NativeCnn.Cli.Pictures;

namespace NativeCnn.Cli.Output;

/// <summary>What <c>show</c> wrote, as a table or as JSON.</summary>
internal static class ShownPictures
{
    public static void Print(CommandOutput output, string source, string folder, IReadOnlyList<ShownPicture> pictures)
    {
        TextTable table = new(
            $"{source}, in {folder}",
            new TextColumn("file"),
            new TextColumn("shape", Rank: 1),
            new TextColumn("smallest", IsNumber: true, Rank: 2),
            new TextColumn("largest", IsNumber: true, Rank: 2)
        );
        foreach (ShownPicture picture in pictures)
            table.Row(
                picture.File,
                picture.Shape.ToString(),
                FormattableString.Invariant($"{picture.Range.Low:G4}"),
                FormattableString.Invariant($"{picture.Range.High:G4}")
            );
        output.Table(table);
        if (pictures.Any(picture => TileCount(picture) > TiledPicture.MostTiles))
            output.Line($"Of more than {TiledPicture.MostTiles} maps the first {TiledPicture.MostTiles} are drawn.");
    }

    public static void PrintJson(string source, string folder, IReadOnlyList<ShownPicture> pictures) =>
        JsonLine.Print(json =>
        {
            json.WriteString("source", source);
            json.WriteStartArray("pictures");
            foreach (ShownPicture picture in pictures)
            {
                json.WriteStartObject();
                json.WriteString("layer", picture.Name);
                json.WriteString("file", Path.Combine(folder, picture.File));
                json.WriteBoolean("filters", picture.IsFilters);
                json.WriteStartArray("shape");
                json.WriteNumberValue(picture.Shape.BatchSize);
                json.WriteNumberValue(picture.Shape.Height);
                json.WriteNumberValue(picture.Shape.Width);
                json.WriteNumberValue(picture.Shape.Channels);
                json.WriteEndArray();
                json.WriteNumber("smallest", picture.Range.Low);
                json.WriteNumber("largest", picture.Range.High);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        });

    private static long TileCount(ShownPicture picture) =>
        picture.IsFilters ? (long)picture.Shape.Outputs * picture.Shape.Channels : picture.Shape.Channels;
}
