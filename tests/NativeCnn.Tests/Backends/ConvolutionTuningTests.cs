using System.Text;
using NativeCnn.Backends;
using NativeCnn.Backends.Native;
using NativeCnn.Backends.Native.Convolutions;
using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Tests.Backends;

public sealed class ConvolutionTuningTests
{
    private static readonly Shape s_images = new(2, 14, 14, 16);
    private static readonly ConvolutionGeometry s_layer = new(s_images, 24, 3, padding: Padding.All(1));
    private static readonly ConvolutionGeometry s_depthwise = new(s_images, 16, 3, padding: Padding.All(1), groups: 16);
    private static readonly ConvolutionGeometry s_strided = new(new Shape(2, 15, 15, 3), 8, 5, 2);

    [Fact]
    public void Measured_choices_are_among_the_candidates_and_give_the_same_bits_again()
    {
        string text;
        OperationRun[] first;
        using (NativeBackend measuring = Create(new ConvolutionTuning { Measure = true }))
        {
            first = Run(measuring, s_layer);
            Assert.All(Run(measuring, s_strided).Concat(Run(measuring, s_depthwise)), run => run.AssertGuardsIntact());
            text = measuring.DescribeTuning()!;
        }
        TuningChoices choices = Parse(Encoding.UTF8.GetBytes(text));
        Assert.Equal(9, choices.Count);
        foreach (ConvolutionPass pass in Enum.GetValues<ConvolutionPass>())
            Assert.Matches("im2col|direct|blocked", choices[new TuningKey(false, $"{s_strided}", pass)]);

        var reports = new List<string>();
        using NativeBackend reading = Create(new ConvolutionTuning { Kept = text, Report = reports.Add });
        OperationRun[] second = Run(reading, s_layer);
        Assert.Empty(reports);
        Assert.All(first.Zip(second), runs => runs.Second.AssertSameBits(runs.First));
    }

    [Theory]
    [InlineData("direct")]
    [InlineData("im2col")]
    [InlineData("blocked")]
    [InlineData("depthwise")]
    [InlineData("winograd2")]
    [InlineData("winograd4")]
    public void A_kept_choice_is_what_computes(string algorithm)
    {
        // All algorithms can compute it, so that each is chosen against the others.
        string kept = Encoding.UTF8.GetString(Choice(s_depthwise, ConvolutionPass.Forward, algorithm));
        using NativeBackend backend = Create(new ConvolutionTuning { Kept = kept });
        Assert.Equal(algorithm, ConvolutionAlgorithmTests.AlgorithmsOf(backend, s_depthwise).First());
    }

    [Fact]
    public void A_kept_choice_that_the_convolution_does_not_have_is_passed_over()
    {
        string kept = Encoding.UTF8.GetString(Choice(s_strided, ConvolutionPass.Forward, "winograd4"));
        using NativeBackend backend = Create(new ConvolutionTuning { Kept = kept });
        Assert.DoesNotContain("winograd", ConvolutionAlgorithmTests.AlgorithmsOf(backend, s_strided).First());
    }

    [Fact]
    public void Without_measuring_nothing_is_described()
    {
        using NativeBackend modelled = new(threads: 2);
        Run(modelled, s_layer);
        Assert.Null(modelled.DescribeTuning());
    }

    [Fact]
    public void Text_cut_short_anywhere_is_refused_as_damaged()
    {
        byte[] text = Choice(s_layer, ConvolutionPass.BackwardData, "direct");
        for (int length = 0; length < text.Length; length++)
            Assert.Throws<FormatException>(() => Parse(text.AsMemory(0, length)));
        Assert.Equal(1, Parse(text).Count);
    }

    [Fact]
    public void Whatever_differs_in_the_machine_is_named()
    {
        TuningMachine here = TuningMachine.Current();
        (string Name, TuningMachine Machine)[] others =
        [
            ("processor", here with { Processor = "other" }),
            ("instruction set", here with { InstructionSet = "other" }),
            ("version", here with { Version = "other" }),
            ("shim interface", here with { ShimInterface = "other" }),
            ("openblas", here with { OpenBlasVersion = "other" }),
            ("openblas core", here with { OpenBlasCore = "other" }),
        ];
        foreach ((string name, TuningMachine machine) in others)
        {
            var e = Assert.Throws<NotSupportedException>(() => Parse(Text(new TuningChoices(machine))));
            Assert.StartsWith($"{name} other instead of ", e.Message);
        }
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"format\": 3}")]
    [InlineData("{\"format\": \"other\", \"format_version\": 1}")]
    public void Other_json_is_refused_as_damaged(string text) =>
        Assert.Throws<FormatException>(() => Parse(Encoding.UTF8.GetBytes(text)));

    [Theory]
    [InlineData("\"exact\": false", "\"exact\": null")]
    [InlineData("BackwardData", "7")]
    [InlineData("BackwardData", "Sideways")]
    [InlineData("\"direct\"", "\"fft\"")]
    [InlineData("\"direct\"", "null")]
    [InlineData("\"choices\": [", "\"choices\": [3, ")]
    public void A_damaged_choice_is_refused(string from, string to)
    {
        string text = Encoding.UTF8.GetString(Choice(s_layer, ConvolutionPass.BackwardData, "direct"));
        Assert.Contains(from, text, StringComparison.Ordinal);
        byte[] changed = Encoding.UTF8.GetBytes(text.Replace(from, to, StringComparison.Ordinal));
        Assert.Throws<FormatException>(() => Parse(changed));
    }

    private static NativeBackend Create(ConvolutionTuning tuning) =>
        new(new NativeBackendOptions { Threads = 2, Tuning = tuning });

    private static OperationRun[] Run(NativeBackend backend, ConvolutionGeometry g) =>
        [.. ConvolutionTests.Passes(g).Select(row => OperationRun.Of(row, backend))];

    private static TuningChoices Parse(ReadOnlyMemory<byte> text) => TuningChoices.Parse(text, TuningMachine.Current());

    private static byte[] Choice(ConvolutionGeometry g, ConvolutionPass pass, string algorithm)
    {
        var choices = new TuningChoices(TuningMachine.Current());
        choices[new TuningKey(false, $"{g}", pass)] = algorithm;
        return Text(choices);
    }

    private static byte[] Text(TuningChoices choices)
    {
        using var stream = new MemoryStream();
        choices.Write(stream);
        return stream.ToArray();
    }
}
