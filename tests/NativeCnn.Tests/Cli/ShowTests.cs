using System.Text.Json;
using NativeCnn.Data;
using NativeCnn.Formats;
using NativeCnn.Models;
using NativeCnn.Networks;
using NativeCnn.Tensors;

namespace NativeCnn.Tests.Cli;

/// <summary>Pictures of layers: their files and sizes, and every mistake in one line.</summary>
public sealed class ShowTests : IDisposable
{
    private const string MaxPooling = """{"kind":"max-pooling","window":[2,2],"stride":[2,2],"padding":[0,0,0,0]}""";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Maps_and_filters_of_a_network_become_pictures()
    {
        string weights = Weights();
        string folder = _folder.At("out");
        JsonElement all = Show("--weights", weights, "--data", "digits:20", "--index", "1", "--out", folder);
        Assert.Equal(
            ["input.png", "convolution1.png", "convolution1.filters.png", "max-pooling1.png"],
            Files(all).Take(4).Select(Path.GetFileName)
        );
        Assert.All(Files(all), file => Assert.Equal((byte)'P', File.ReadAllBytes(file)[1]));
        // 20 maps of 24×24 in 7 columns and 3 rows, each pixel a square of 4, lines of 4 around.
        Assert.Equal((3 * (24 * 4 + 4) + 4, 7 * (24 * 4 + 4) + 4), Size(Files(all)[1]));
        JsonElement one = Show(
            "--weights",
            weights,
            "--layer",
            "convolution1",
            "--square",
            "1",
            "--out",
            _folder.At("one")
        );
        Assert.Equal(
            ["input.png", "convolution1.png", "convolution1.filters.png"],
            Files(one).Select(Path.GetFileName)
        );
        Assert.Equal((3 * 28 + 4, 7 * 28 + 4), Size(Files(one)[1]));
    }

    [Fact]
    public void Layers_are_applied_to_a_picture_one_after_the_other()
    {
        string picture = Picture(6, 4);
        JsonElement shown = Show(
            picture,
            "--apply",
            """{"kind":"subtractive-norm","size":3,"sigma":1}""",
            "--apply",
            MaxPooling,
            "--square",
            "5",
            "--out",
            _folder.At("out")
        );
        Assert.Equal(["input.png", "subtractive-norm1.png", "max-pooling1.png"], Files(shown).Select(Path.GetFileName));
        Assert.Equal((6 * 5 + 8, 4 * 5 + 8), Size(Files(shown)[0]));
        Assert.Equal((3 * 5 + 8, 2 * 5 + 8), Size(Files(shown)[2]));
    }

    [Fact]
    public void Every_mistake_is_one_line()
    {
        string weights = Weights();
        string picture = Picture(3, 3);
        string folder = _folder.At("out");
        void Refused(int code, string word, params string[] arguments)
        {
            CommandLine.Run(["show", "--out", folder, .. arguments]).AssertError(code, word);
            Assert.False(Directory.Exists(folder));
        }
        Refused(2, "--weights or --apply");
        Refused(2, "--weights or --apply", "--weights", weights, "--apply", MaxPooling);
        Refused(2, "--layer", "--apply", MaxPooling, "--layer", "convolution1");
        Refused(2, "convolution1, max-pooling1", "--weights", weights, "--layer", "conv9");
        Refused(2, "--index 10000 is too large", "--weights", weights, "--index", "10000", "--data", "digits:20");
        Refused(1, "none.pgm", "--weights", weights, _folder.At("none.pgm"));
        Refused(1, "none.safetensors", "--weights", _folder.At("none.safetensors"));
        Refused(2, "'max-pooling1' (max-pooling): A window of 5", "--apply", MaxPooling.Replace('2', '5'), picture);
        Refused(2, "'window'", "--apply", """{"kind":"max-pooling","stride":[2,2]}""");
        Refused(2, "no kind of layer", "--apply", """{"kind":"convulsion"}""");
        Refused(2, "--apply relu", "--apply", "relu");
        Refused(2, "--square 0", "--apply", MaxPooling, "--square", "0");
        string file = _folder.At("file");
        File.WriteAllText(file, "");
        CommandLine
            .Run("show", "--apply", MaxPooling, picture, "--out", Path.Combine(file, "x"))
            .AssertError(1, "nothing can be written to");
    }

    private static string[] Files(JsonElement shown) =>
        [.. shown.GetProperty("pictures").EnumerateArray().Select(picture => picture.GetProperty("file").GetString()!)];

    private static JsonElement Show(params string[] arguments) =>
        CommandLine.Run(["show", "--json", .. arguments]).Json;

    private static (int Height, int Width) Size(string png)
    {
        byte[] header = File.ReadAllBytes(png)[16..24];
        return (header[6] * 256 + header[7], header[2] * 256 + header[3]);
    }

    private string Weights()
    {
        string path = _folder.At("lenet.safetensors");
        using Network network = LeNet.Create(new Shape(1, 28, 28, 1), SyntheticDigits.CreateTrain(1).ClassNames.Count);
        ModelFile.Save(path, network);
        return path;
    }

    private string Picture(int height, int width)
    {
        string path = _folder.At("picture.pgm");
        float[] values = [.. Enumerable.Range(0, height * width).Select(k => (float)k / (height * width))];
        PortableGraymap.Write(path, new Image(height, width, 1, values));
        return path;
    }
}
