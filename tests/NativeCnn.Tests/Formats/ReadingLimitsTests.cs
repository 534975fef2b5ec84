using System.Diagnostics;
using System.Text;
using NativeCnn.Backends.Operations;
using NativeCnn.Data;
using NativeCnn.Formats;
using NativeCnn.Layers;
using NativeCnn.Networks;
using NativeCnn.Storage;
using NativeCnn.Tensors;
using NativeCnn.Tests.Data;

namespace NativeCnn.Tests.Formats;

public sealed class ReadingLimitsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_model_over_a_limit_is_refused_with_the_limits_name_and_read_with_a_larger_one()
    {
        Node x = NetworkBuilder.Start(1, 1, 2);
        for (int i = 0; i < 40; i++)
            x = x.Relu();
        string path = Saved(x.Concatenate(x, x, x).Dense(2));
        Assert.Equal(42, Load(path, new ReadingLimits { Layers = 42, Inputs = 4 }));
        Refuses("42 layers", "ReadingLimits.Layers", () => Load(path, new ReadingLimits { Layers = 41 }));
        Refuses("4 inputs", "ReadingLimits.Inputs", () => Load(path, new ReadingLimits { Inputs = 3 }));
        Refuses(
            "bytes of header",
            "ReadingLimits.HeaderBytes",
            () => Load(path, new ReadingLimits { HeaderBytes = 99 })
        );
    }

    [Fact]
    public void A_model_of_more_layers_than_the_default_limit_is_refused_and_one_of_so_many_is_read_and_compiled()
    {
        Node x = NetworkBuilder.Start(1, 1, 2);
        for (int i = 0; i < 5000; i++)
            x = x.Dense(2).Relu();
        string path = Saved(x);
        using (Network network = ModelFile.Load(path))
        using (var backend = new NativeCnn.Backends.Managed.ManagedBackend())
        using (CompiledNetwork compiled = network.Compile(backend, 1, Phase.Training))
            Assert.Equal(10_000, compiled.Network.Nodes.Count);
        x = NetworkBuilder.Start(1, 1, 2);
        for (int i = 0; i <= ReadingLimits.Default.Layers; i++)
            x = x.Relu();
        Refuses("10,001 layers", "10,000", () => ModelFile.Load(Saved(x)));
    }

    [Fact]
    public void A_picture_over_a_limit_is_refused_before_its_values_are_read()
    {
        string path = _folder.Write("large.pgm", [.. Encoding.ASCII.GetBytes("P5 3 2 255 "), .. new byte[6]]);
        Assert.Equal(
            6,
            PortableGraymap.Read(path, new ReadingLimits { PictureValues = 6, PictureBytes = 17 }).Values.Length
        );
        Refuses("6 values", "PictureValues", () => PortableGraymap.Read(path, new ReadingLimits { PictureValues = 5 }));
        Refuses("17 bytes", "PictureBytes", () => PortableGraymap.Read(path, new ReadingLimits { PictureBytes = 16 }));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Data_over_a_limit_is_refused_packed_or_not(bool compressed)
    {
        byte[] bytes = [0, 0, 8, 1, 0, 0, 0, 3, 1, 2, 3];
        string path = _folder.Write("data", compressed ? TemporaryFolder.Compress(bytes) : bytes);
        Assert.Equal([1, 2, 3], IdxFile.Read(path, 1, new ReadingLimits { IdxElements = 3 }).Values);
        Refuses("3 elements", "IdxElements", () => IdxFile.Read(path, 1, new ReadingLimits { IdxElements = 2 }));
    }

    [Theory]
    [InlineData(1, 300_000)]
    [InlineData(300_000, 1)]
    public void A_picture_of_any_form_is_scaled_in_the_memory_of_a_few_rows(int height, int width)
    {
        Image image = new(height, width, 1, [.. Enumerable.Repeat(0.5f, height * width)]);
        float[] values = new float[28 * 28 * 3];
        long before = GC.GetAllocatedBytesForCurrentThread();
        image.CopyTo(new Shape(1, 28, 28, 3), values);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2_000_000);
        Assert.All(values, value => Assert.Equal(0.5, value, 1e-3));
    }

    [UnixFact]
    public void A_pipe_or_a_device_is_refused_at_once()
    {
        string pipe = System.IO.Path.Combine(_folder.Write("x", [])[..^1], "pipe");
        using (Process made = Process.Start("mkfifo", pipe))
            made.WaitForExit();
        foreach (
            (string path, string what) in new[]
            {
                (pipe, "is a pipe"),
                ("/dev/zero", "is a device"),
                ("/", "is a folder"),
            }
        )
        {
            foreach (
                Action read in (Action[])
                    [
                        () => PortableGraymap.Read(path),
                        () => IdxFile.Read(path, 1),
                        () => ModelFile.Load(path),
                        () => InputFile.ReadAllBytes(path, 10),
                    ]
            )
                Assert.Contains(what, Assert.Throws<IOException>(read).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Impossible_constants_are_refused_where_the_layer_is_made()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new PointwiseActivation(Activation.ScaledTanh(0)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PointwiseActivation(Activation.Logistic(float.NaN)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PointwiseActivation(new Activation((ActivationKind)99)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LocalResponseNorm(LocalResponseNorm.LargestSize + 1));
    }

    [Theory]
    [InlineData("\u001b[31m")]
    [InlineData("")]
    [InlineData("a\nb")]
    public void A_layer_has_a_name_that_can_be_printed(string name) =>
        Assert.Throws<ArgumentException>(() => NetworkBuilder.Start(1, 1, 1).Add(new Flatten(), name));

    [Fact]
    public void A_layer_that_was_refused_can_be_added_where_it_fits()
    {
        var layer = new Convolution(1, 5);
        ShapeException e = Assert.Throws<ShapeException>(() => NetworkBuilder.Start(3, 3, 1).Add(layer, "name"));
        Assert.Contains("Layer 'name' (convolution)", e.Message, StringComparison.Ordinal);
        NetworkBuilder.Start(5, 5, 1).Add(layer, "name");
        // What only the parameters overflow is said with the name too.
        e = Assert.Throws<ShapeException>(() => NetworkBuilder.Start(100, 100, 1).Add(new Dense(1_000_000), "wide"));
        Assert.Contains("Layer 'wide' (dense)", e.Message, StringComparison.Ordinal);
    }

    private string Saved(Node output)
    {
        string path = _folder.Write("model", []);
        using Network network = output.Build();
        ModelFile.Save(path, network);
        return path;
    }

    private static int Load(string path, ReadingLimits limits)
    {
        using Network network = ModelFile.Load(path, limits);
        return network.Nodes.Count;
    }

    private static void Refuses(string what, string limit, Func<object> read)
    {
        string message = Assert.Throws<DataFormatException>(read).Message;
        Assert.Contains(what, message, StringComparison.Ordinal);
        Assert.Contains(limit, message, StringComparison.Ordinal);
    }
}
