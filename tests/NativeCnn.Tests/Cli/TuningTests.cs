using System.Text.Json;
using NativeCnn.Formats;

namespace NativeCnn.Tests.Cli;

/// <summary>--tune: what is measured is kept, used again, and never trusted blindly.</summary>
public sealed class TuningTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Cache => _folder.At(Path.Combine("cache", "tuning.json"));

    [Fact]
    public void Measured_choices_are_kept_and_used_again()
    {
        AssertOneLine(Profile(), "tuning: 0 choices", Cache, "5 were measured");
        string written = File.ReadAllText(Cache);
        Assert.Equal(5, Choices(written).Length);

        // A choice that nobody would make shows whether it is used.
        string changed = Replace(written, "Forward", "direct");
        File.WriteAllText(Cache, changed);
        CommandResult again = Profile();
        AssertOneLine(again, "tuning: 5 choices", Cache, "0 were measured");
        Assert.All(
            again.Json.GetProperty("operations").EnumerateArray().Where(IsConvolutionForward),
            operation => Assert.Equal("direct", operation.GetProperty("algorithm").GetString())
        );
        // Nothing was left to measure.
        Assert.Equal(changed, File.ReadAllText(Cache));
    }

    [Fact]
    public void Without_tune_nothing_that_was_measured_changes_a_bit()
    {
        byte[] before = Train("before");
        AssertOneLine(TrainIn("tuned", "--tune"), "tuning: 0 choices", "5 were measured");
        string cache = _folder.At(Path.Combine("xdg", "nativecnn", "tuning.json"));
        // Choices that give other bits than the planner's.
        File.WriteAllText(cache, Replace(File.ReadAllText(cache), "Forward", "direct"));

        Assert.Equal(before, Train("after"));
        Assert.NotEqual(before, Train("tuned-again", "--tune"));
    }

    [Fact]
    public void Measured_choices_give_the_same_bits_on_any_number_of_threads()
    {
        byte[] one = Train("one", "--tune", "--threads", "1");
        CommandResult second = TrainIn("two", "--tune", "--threads", "2");
        AssertOneLine(second, "tuning: 5 choices", "0 were measured");
        Assert.Equal(one, Weights("two"));
    }

    [Fact]
    public void Exact_choices_are_apart()
    {
        Profile("--exact");
        Assert.Equal(5, Choices(File.ReadAllText(Cache)).Length);
        Assert.All(
            Choices(File.ReadAllText(Cache)),
            choice => Assert.DoesNotContain("winograd", choice.GetProperty("algorithm").GetString())
        );
        Profile();
        Profile("--threads", "1");
        Assert.Equal(10, Choices(File.ReadAllText(Cache)).Length);
    }

    [Fact]
    public void A_cache_goes_with_measuring_alone() =>
        CommandLine.Run("profile", "lenet", "--tuning-cache", Cache).AssertError(2, "--tuning-cache", "--tune");

    [Theory]
    [InlineData("processor", "\"processor\": \"", "\"processor\": \"Another ")]
    [InlineData("openblas", "\"openblas\": \"", "\"openblas\": \"9")]
    [InlineData("format version", "\"format_version\": 3", "\"format_version\": 4")]
    public void A_cache_from_elsewhere_is_ignored_with_one_line(string what, string from, string to)
    {
        Profile();
        string elsewhere = Replace(File.ReadAllText(Cache), "Forward", "direct").Replace(from, to);
        File.WriteAllText(Cache, elsewhere);
        string[] lines = Notices(Profile());
        Assert.Equal(2, lines.Length);
        Assert.Contains(Cache, lines[0]);
        Assert.Contains(what, lines[0]);
        Assert.Contains("5 were measured", lines[1]);
        // It was replaced by what holds here.
        AssertOneLine(Profile(), "tuning: 5 choices");
    }

    [Theory]
    [InlineData("{")]
    [InlineData("")]
    [InlineData("{\"format\": \"nativecnn.tuning\"}")]
    [InlineData("{\"format\": \"nativecnn.tuning\", \"format_version\": \"one\"}")]
    public void A_damaged_cache_is_ignored_with_one_line_and_replaced_by_measuring(string text)
    {
        text = text == "{" ? "{\"format\": \"nativecnn.tuning\", \"format_ve" : text;
        Directory.CreateDirectory(Path.GetDirectoryName(Cache)!);
        File.WriteAllText(Cache, text);
        string[] lines = Notices(Profile());
        Assert.Equal(2, lines.Length);
        Assert.Contains("damaged", lines[0]);
        Assert.Equal(5, Choices(File.ReadAllText(Cache)).Length);
    }

    [Fact]
    public void A_file_that_is_no_cache_is_left_as_it_is()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Cache)!);
        File.WriteAllText(Cache, "My notes");
        Assert.Contains(Notices(Profile()), line => line.Contains("no tuning cache", StringComparison.Ordinal));
        Assert.Equal("My notes", File.ReadAllText(Cache));
    }

    [Fact]
    public void A_cache_that_cannot_be_written_stops_nothing()
    {
        File.WriteAllText(_folder.At("cache"), "a file where the folder should be");
        Assert.Contains(Notices(Profile()), line => line.Contains("cannot be written", StringComparison.Ordinal));
    }

    [Fact]
    public void The_cache_has_its_place_among_the_users_caches()
    {
        CommandResult result = CommandLine.Run(
            [("XDG_CACHE_HOME", _folder.At("xdg")), ("LOCALAPPDATA", _folder.At("xdg"))],
            ["bench", "lenet", "--batch", "2", "--seconds", "0.01", "--tune"]
        );
        Assert.Equal(0, result.ExitCode);
        if (!OperatingSystem.IsWindows())
            Assert.True(File.Exists(_folder.At("xdg/nativecnn/tuning.json")));
    }

    [Fact]
    public void Training_keeps_the_choices_with_the_weights_and_evaluation_uses_them()
    {
        string weights = _folder.At("out/lenet.safetensors");
        CommandResult trained = CommandLine.Run([
            "train",
            "--data",
            "digits:100",
            "--epochs",
            "1",
            "--batch",
            "4",
            "--tune",
            "--tuning-cache",
            Cache,
            "--out",
            _folder.At("out"),
        ]);
        Assert.Equal(0, trained.ExitCode);
        using (SafetensorsFile file = SafetensorsFile.Open(weights))
            Assert.Equal(5, Choices(file.Metadata["nativecnn.tuning"]).Length);

        File.Delete(Cache);
        string[] evaluate = ["evaluate", "--weights", weights, "--data", "digits:100", "--batch", "4"];
        CommandResult same = CommandLine.Run(evaluate);
        AssertOneLine(same, "tuning: 2 measured choices", "the model file");

        byte[] bytes = File.ReadAllBytes(weights);
        Swap(bytes, "\\\"openblas\\\": \\\"", (byte)'9');
        File.WriteAllBytes(weights, bytes);
        AssertOneLine(CommandLine.Run(evaluate), "openblas", "ignored");
    }

    // The weights and their metadata, of a run of its own.
    private byte[] Train(string name, params string[] options)
    {
        CommandResult result = TrainIn(name, options);
        Assert.True(result.ExitCode == 0, result.Error);
        return Weights(name);
    }

    private byte[] Weights(string name) => File.ReadAllBytes(_folder.At(Path.Combine(name, "lenet.safetensors")));

    private CommandResult TrainIn(string name, params string[] options) =>
        CommandLine.Run(
            [("XDG_CACHE_HOME", _folder.At("xdg")), ("LOCALAPPDATA", _folder.At("xdg"))],
            [
                "train",
                "--data",
                "digits:64,16",
                "--epochs",
                "1",
                "--batch",
                "16",
                .. options.Contains("--threads") ? [] : (string[])["--threads", "2"],
                .. options,
                "--out",
                _folder.At(name),
            ]
        );

    private CommandResult Profile(params string[] options)
    {
        string[] threads = options.Contains("--threads") ? [] : ["--threads", "2"];
        return CommandLine.Run([
            "profile",
            "lenet",
            "--batch",
            "2",
            "--seconds",
            "0.01",
            "--json",
            "--tune",
            "--tuning-cache",
            Cache,
            .. threads,
            .. options,
        ]);
    }

    private static bool IsConvolutionForward(JsonElement operation) =>
        operation.GetProperty("kind").GetString() == "convolution"
        && operation.GetProperty("pass").GetString() == "forward";

    private static JsonElement[] Choices(string text)
    {
        using var document = JsonDocument.Parse(text);
        return [.. document.RootElement.GetProperty("choices").EnumerateArray().Select(choice => choice.Clone())];
    }

    // Sets the algorithm of every choice for a pass.
    private static string Replace(string text, string pass, string algorithm)
    {
        string[] lines = text.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            if (lines[i].Contains($"\"pass\": \"{pass}\"", StringComparison.Ordinal))
                lines[i + 2] = $"      \"algorithm\": \"{algorithm}\"";
        }
        return string.Join('\n', lines);
    }

    // Changes the first byte after a text.
    private static void Swap(byte[] bytes, string after, byte value)
    {
        int at = bytes.AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(after));
        Assert.True(at >= 0);
        bytes[at + after.Length] = value;
    }

    // What is said of measured choices; whether this machine's OpenBLAS is slow is another matter.
    private static string[] Notices(CommandResult result) =>
        [.. result.Error.Split('\n').Where(line => line.Contains("tuning") || line.Contains("measured"))];

    // The command succeeds, and says one thing.
    private static void AssertOneLine(CommandResult result, params string[] words)
    {
        Assert.True(result.ExitCode == 0, result.Error);
        string line = Assert.Single(Notices(result));
        foreach (string word in words)
            Assert.Contains(word, line);
    }
}
