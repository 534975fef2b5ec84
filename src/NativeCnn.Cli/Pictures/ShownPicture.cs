using System.Text;
using NativeCnn.Formats;
using NativeCnn.Tensors;

namespace NativeCnn.Cli.Pictures;

/// <summary>A picture that <c>show</c> writes.</summary>
/// <param name="Name">Of what: a layer, or the input.</param>
/// <param name="Shape">The sizes of the values.</param>
/// <param name="Values">What is drawn.</param>
/// <param name="IsFilters">Whether they are filters; maps if not.</param>
internal sealed record ShownPicture(string Name, Shape Shape, float[] Values, bool IsFilters)
{
    /// <summary>The file's name: of the layer's, what no file system minds.</summary>
    public string File { get; private set; } = $"{Safe(Name)}{(IsFilters ? ".filters" : "")}.png";

    /// <summary>Black and white.</summary>
    public (float Low, float High) Range { get; } = TiledPicture.Range(Values);

    /// <summary>The picture.</summary>
    public Image Draw(int? square) =>
        IsFilters ? TiledPicture.OfFilters(Shape, Values, square) : TiledPicture.OfMaps(Shape, Values, square);

    /// <summary>Gives each a file of its own, whatever layers are called.</summary>
    public static void TellApart(IEnumerable<ShownPicture> pictures)
    {
        // As file systems that take Input for input have it.
        HashSet<string> taken = new(StringComparer.OrdinalIgnoreCase);
        foreach (ShownPicture picture in pictures)
        {
            while (!taken.Add(picture.File))
                picture.File = "_" + picture.File;
        }
    }

    // Names come from files that others wrote.
    private static string Safe(string name)
    {
        var safe = new StringBuilder(name.Length);
        foreach (char letter in name)
            safe.Append(char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' ? letter : '_');
        return safe.Length is > 0 and <= 100 ? safe.ToString() : "layer";
    }
}
