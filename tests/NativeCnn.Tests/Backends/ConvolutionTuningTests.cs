using System.Text;
using NativeCnn.Backends;
using NativeCnn.Backends.Native;
using NativeCnn.Backends.Native.Convolutions;
using NativeCnn.Tensors;

namespace NativeCnn.Tests.Backends;

public sealed class ConvolutionTuningTests
{
    private static readonly ConvolutionGeometry s_layer = new(new Shape(2, 14, 14, 16), 24, 3, padding: Padding.All(1));

    private static readonly ConvolutionGeometry s_depthwise = new(
        new Shape(2, 14, 14, 16),
        16,
        3,
        padding: Padding.All(1),
        groups: 16
    );

    private static readonly ConvolutionGeometry s_strided = new(new Shape(2, 15, 15, 3), 8, 5, 2);

    [Fact]
    public void Measured_choices_are_among_the_candidates_and_give_the_same_bits_again()
    {
        string text;
        ConvolutionPasses first;
        using (NativeBackend measuring = Create(new ConvolutionTuning { Measure = true }))
        {
            foreach (ConvolutionGeometry geometry in (ConvolutionGeometry[])[s_layer, s_strided, s_depthwise])
                measuring.PlanConvolution(geometry);
            first = new ConvolutionPasses(measuring, s_layer);
            text = measuring.DescribeTuning()!;
        }
        TuningChoices choices = TuningChoices.Parse(Encoding.UTF8.GetBytes(text), TuningMachine.Current());
        Assert.Equal(9, choices.Count);
        foreach (ConvolutionPass pass in Enum.GetValues<ConvolutionPass>())
            Assert.Contains(
                choices[new TuningKey(2, false, s_strided.ToString(), pass)],
                (string[])["im2col", "direct"]
            );

        var reports = new List<string>();
        using NativeBackend reading = Create(new ConvolutionTuning { Kept = text, Report = reports.Add });
        var second = new ConvolutionPasses(reading, s_layer);
        Assert.Empty(reports);
        Assert.Equal(first.Output, second.Output);
        Assert.Equal(first.InputGradient, second.InputGradient);
        Assert.Equal(first.FilterGradient, second.FilterGradient);
    }

    [Theory]
    [InlineData("direct", "direct")]
    [InlineData("im2col", "im2col product")]
    [InlineData("depthwise", "depthwise")]
    [InlineData("winograd2", "Winograd F(2×2,3×3)")]
    [InlineData("winograd4", "Winograd F(4×4,3×3)")]
    public void A_kept_choice_is_what_computes(string algorithm, string name)
    {
        // All algorithms can compute it, so that each is chosen against the others.
        var choices = new TuningChoices(TuningMachine.Current());
        choices[new TuningKey(2, false, s_depthwise.ToString(), ConvolutionPass.Forward)] = algorithm;
        using NativeBackend backend = Create(new ConvolutionTuning { Kept = Text(choices) });
        Assert.Equal(name, backend.PlanConvolution(s_depthwise).Forward);
    }

    [Fact]
    public void A_kept_choice_that_the_convolution_does_not_have_is_passed_over()
    {
        var choices = new TuningChoices(TuningMachine.Current());
        choices[new TuningKey(2, false, s_strided.ToString(), ConvolutionPass.Forward)] = "winograd4";
        using NativeBackend backend = Create(new ConvolutionTuning { Kept = Text(choices) });
        Assert.DoesNotContain("Winograd", backend.PlanConvolution(s_strided).Forward);
    }

    [Fact]
    public void Without_measuring_nothing_is_described()
    {
        using NativeBackend modelled = new(threads: 2);
        modelled.PlanConvolution(s_layer);
        Assert.Null(modelled.DescribeTuning());
    }

    [Fact]
    public void Text_cut_short_anywhere_is_refused_as_damaged()
    {
        var choices = new TuningChoices(TuningMachine.Current());
        choices[new TuningKey(2, true, s_layer.ToString(), ConvolutionPass.BackwardData)] = "direct";
        byte[] text = Encoding.UTF8.GetBytes(Text(choices));
        for (int length = 0; length < text.Length; length++)
        {
            Assert.Throws<FormatException>(() =>
                TuningChoices.Parse(text.AsMemory(0, length), TuningMachine.Current())
            );
        }
        Assert.Equal(1, TuningChoices.Parse(text, TuningMachine.Current()).Count);
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
            byte[] text = Encoding.UTF8.GetBytes(Text(new TuningChoices(machine)));
            var e = Assert.Throws<NotSupportedException>(() => TuningChoices.Parse(text, here));
            Assert.StartsWith($"{name} other instead of ", e.Message);
        }
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"format\": 3}")]
    [InlineData("{\"format\": \"other\", \"format_version\": 1}")]
    public void Other_json_is_refused_as_damaged(string text) =>
        Assert.Throws<FormatException>(() =>
            TuningChoices.Parse(Encoding.UTF8.GetBytes(text), TuningMachine.Current())
        );

    [Theory]
    [InlineData("\"threads\": 2", "\"threads\": 99999999999")]
    [InlineData("\"threads\": 2", "\"threads\": \"2\"")]
    [InlineData("\"exact\": true", "\"exact\": null")]
    [InlineData("BackwardData", "7")]
    [InlineData("BackwardData", "Sideways")]
    [InlineData("\"direct\"", "\"fft\"")]
    [InlineData("\"direct\"", "null")]
    [InlineData("\"choices\": [", "\"choices\": [3, ")]
    public void A_damaged_choice_is_refused(string from, string to)
    {
        var choices = new TuningChoices(TuningMachine.Current());
        choices[new TuningKey(2, true, s_layer.ToString(), ConvolutionPass.BackwardData)] = "direct";
        string text = Text(choices);
        Assert.Contains(from, text, StringComparison.Ordinal);
        byte[] changed = Encoding.UTF8.GetBytes(text.Replace(from, to, StringComparison.Ordinal));
        Assert.Throws<FormatException>(() => TuningChoices.Parse(changed, TuningMachine.Current()));
    }

    private static NativeBackend Create(ConvolutionTuning tuning) =>
        new(new NativeBackendOptions { Threads = 2, Tuning = tuning });

    private static string Text(TuningChoices choices)
    {
        using var stream = new MemoryStream();
        choices.Write(stream);
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
