using System.Text;
using NativeCnn.Formats;
using NativeCnn.Networks;
using NativeCnn.Tensors;
using NativeCnn.Tests.Networks;

namespace NativeCnn.Tests.Formats;

public sealed class ModelFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    public static TheoryData<string> Networks => NetworkCases.Names;

    private string Path => System.IO.Path.Combine(_folder, "model.safetensors");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Networks))]
    public void Every_network_comes_back_as_it_was(string name)
    {
        using Network network = NetworkCases.Create(name);
        network.ClassNames = ["a", "b", "c", "d", "e"];
        ModelFile.Save(Path, network);
        using Network loaded = ModelFile.Load(Path);
        Assert.Equal(network.Name, loaded.Name);
        Assert.Equal(network.InputShape, loaded.InputShape);
        Assert.Equal(network.ClassNames, loaded.ClassNames);
        Assert.Equal(network.Nodes.Select(Describe), loaded.Nodes.Select(Describe));
        for (int i = 0; i < network.Parameters.Count; i++)
        {
            Assert.Equal(network.Parameters[i].Name, loaded.Parameters[i].Name);
            Assert.Equal(network.Parameters[i].Value.Span.ToArray(), loaded.Parameters[i].Value.Span.ToArray());
        }
        // Saving what was loaded gives the same bytes, so no option was lost on the way.
        byte[] first = File.ReadAllBytes(Path);
        ModelFile.Save(Path, loaded);
        Assert.Equal(first, File.ReadAllBytes(Path));
    }

    [Fact]
    public void Nothing_but_the_file_is_left_in_the_folder()
    {
        using Network network = NetworkCases.Create("residual");
        ModelFile.Save(Path, network);
        ModelFile.Save(Path, network);
        Assert.Equal([Path], Directory.GetFiles(_folder));
    }

    [Theory]
    [InlineData("\\\"kind\\\":\\\"convolution\\\"", "\\\"kind\\\":\\\"convulsion!\\\"", "layer 'convolution1'")]
    [InlineData(
        "\\\"filters\\\":4",
        "\\\"filters\\\":9",
        "'convolution1.weight' is 4×3×3×1; its layer asks for 9×3×3×1"
    )]
    [InlineData("\\\"units\\\":7", "\\\"units\\\":0", "layer 'dense1'")]
    [InlineData("\\\"version\\\":1", "\\\"version\\\":9", "version 9")]
    [InlineData("\\\"input\\\":[12,12,1]", "\\\"input\\\":[12,12,0]", "cannot be read")]
    [InlineData("\\\"stride\\\":[1,1]", "\\\"stride\\\":[1,x]", "cannot be read")]
    [InlineData("\\\"inputs\\\":[0]", "\\\"inputs\\\":[7]", "layer 'max-pooling1'")]
    [InlineData("\\\"name\\\":\\\"dense1\\\"", "\\\"name\\\":\\\"dense9\\\"", "'dense9.weight'")]
    public void An_architecture_that_is_wrong_is_refused_with_the_place(string good, string bad, string expected)
    {
        using (Network network = NetworkCases.Create("lenet in small"))
            ModelFile.Save(Path, network);
        byte[] bytes = File.ReadAllBytes(Path);
        int at = bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(good));
        // System.Text.Json writes quotes in a string as \u0022.
        byte[] from = Encoding.UTF8.GetBytes(
            at >= 0 ? good : good.Replace("\\\"", "\\u0022", StringComparison.Ordinal)
        );
        byte[] to = Encoding.UTF8.GetBytes(at >= 0 ? bad : bad.Replace("\\\"", "\\u0022", StringComparison.Ordinal));
        Replace(bytes, from, to);
        var e = Assert.Throws<DataFormatException>(() => ModelFile.Load(Path));
        Assert.Contains(Path, e.Message, StringComparison.Ordinal);
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_without_an_architecture_are_named_as_that()
    {
        using var values = new Tensor(Shape.Vector(1, 4));
        Safetensors.Write(Path, [new SafetensorsTensor("w", [4], values)], new Dictionary<string, string>());
        var e = Assert.Throws<DataFormatException>(() => ModelFile.Load(Path));
        Assert.Contains("no architecture", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tensor_too_many_is_named()
    {
        using Network network = NetworkCases.Create("lenet in small");
        ModelFile.Save(Path, network);
        using var more = new Tensor(Shape.Vector(1, 4));
        Dictionary<string, string> metadata;
        using (SafetensorsFile file = SafetensorsFile.Open(Path))
            metadata = new Dictionary<string, string>(file.Metadata);
        SafetensorsTensor[] tensors =
        [
            .. network.Parameters.Select(p => new SafetensorsTensor(
                p.Name,
                p.Shape is { Batch: 1, Height: 1, Width: 1 }
                    ? [p.Shape.Channels]
                    : [p.Shape.Batch, p.Shape.Height, p.Shape.Width, p.Shape.Channels],
                p.Value
            )),
            new SafetensorsTensor("extra", [4], more),
        ];
        Safetensors.Write(Path, tensors, metadata);
        var e = Assert.Throws<DataFormatException>(() => ModelFile.Load(Path));
        Assert.Contains("'extra'", e.Message, StringComparison.Ordinal);
    }

    // Keeps the header's length: the bytes that are missing become spaces at its end.
    private void Replace(byte[] bytes, byte[] from, byte[] to)
    {
        int at = bytes.AsSpan().IndexOf(from);
        Assert.True(at > 0, "the text to replace is not in the file");
        int header = 8 + (int)BitConverter.ToInt64(bytes);
        List<byte> changed = [.. bytes[..at], .. to, .. bytes[(at + from.Length)..header]];
        while (changed.Count % 8 != 0)
            changed.Add((byte)' ');
        byte[] result = [.. changed, .. bytes[header..]];
        BitConverter.GetBytes((long)changed.Count - 8).CopyTo(result, 0);
        File.WriteAllBytes(Path, result);
    }

    private static string Describe(NetworkNode node) =>
        $"{node.Layer.Name} {node.Layer.Kind} {string.Join(',', node.Inputs)} {node.OutputShape}";
}
