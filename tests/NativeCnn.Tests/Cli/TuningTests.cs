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
        Assert.Empty(Notices(Profile("--tune")));
        string written = File.ReadAllText(Cache);
        Assert.Equal(5, Choices(written).Length);
        Assert.All(Choices(written), choice => Assert.Equal(2, choice.GetProperty("threads").GetInt32()));

        // A choice that nobody would make shows whether it is used.
        string changed = Replace(written, "Forward", "direct");
        File.WriteAllText(Cache, changed);
        foreach (
            string[] options in (string[][])
                [
                    [],
                    ["--tune"],
                ]
        )
        {
            CommandResult result = Profile(options);
            Assert.Empty(Notices(result));
            Assert.All(
                result.Json.GetProperty("operations").EnumerateArray().Where(IsConvolutionForward),
                operation => Assert.Equal("direct", operation.GetProperty("algorithm").GetString())
            );
        }
        // Nothing was left to measure.
        Assert.Equal(changed, File.ReadAllText(Cache));
    }

    [Fact]
    public void Exact_choices_and_numbers_of_threads_are_apart()
    {
        Profile("--tune", "--exact");
        Assert.Equal(5, Choices(File.ReadAllText(Cache)).Length);
        Assert.All(
            Choices(File.ReadAllText(Cache)),
            choice => Assert.DoesNotContain("winograd", choice.GetProperty("algorithm").GetString())
        );
        Profile("--tune");
        Profile("--tune", "--threads", "1");
        Assert.Equal(15, Choices(File.ReadAllText(Cache)).Length);
    }

    [Theory]
    [InlineData("processor", "\"processor\": \"", "\"processor\": \"Another ")]
    [InlineData("openblas", "\"openblas\": \"", "\"openblas\": \"9")]
    [InlineData("format version", "\"format_version\": 1", "\"format_version\": 2")]
    public void A_cache_from_elsewhere_is_ignored_with_one_line(string what, string from, string to)
    {
        Profile("--tune");
        string elsewhere = Replace(File.ReadAllText(Cache), "Forward", "direct").Replace(from, to);
        File.WriteAllText(Cache, elsewhere);
        CommandResult result = Profile("--exact");
        AssertOneLine(result, Cache, what);
        Assert.Equal(elsewhere, File.ReadAllText(Cache));

        AssertOneLine(Profile("--tune"), Cache, what);
        Assert.Empty(Notices(Profile()));
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
        AssertOneLine(Profile(), Cache, "damaged");
        Assert.Equal(text, File.ReadAllText(Cache));
        AssertOneLine(Profile("--tune"), Cache, "damaged");
        Assert.Equal(5, Choices(File.ReadAllText(Cache)).Length);
    }

    [Fact]
    public void A_file_that_is_no_cache_is_left_as_it_is()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Cache)!);
        File.WriteAllText(Cache, "My notes");
        AssertOneLine(Profile("--tune"), Cache, "no tuning cache");
        Assert.Equal("My notes", File.ReadAllText(Cache));
    }

    [Fact]
    public void A_cache_that_cannot_be_written_stops_nothing()
    {
        File.WriteAllText(_folder.At("cache"), "a file where the folder should be");
        AssertOneLine(Profile("--tune"), Cache, "cannot be written");
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
            .. Common,
            "--out",
            _folder.At("out"),
        ]);
        Assert.Equal(0, trained.ExitCode);
        using (SafetensorsFile file = SafetensorsFile.Open(weights))
            Assert.Equal(5, Choices(file.Metadata["nativecnn.tuning"]).Length);

        File.Delete(Cache);
        string[] evaluate = ["evaluate", "--weights", weights, "--data", "digits:100", "--batch", "4", .. Common];
        CommandResult same = CommandLine.Run(evaluate);
        Assert.Equal(0, same.ExitCode);
        Assert.Empty(Notices(same));

        byte[] bytes = File.ReadAllBytes(weights);
        Swap(bytes, "\\\"openblas\\\": \\\"", (byte)'9');
        File.WriteAllBytes(weights, bytes);
        AssertOneLine(CommandLine.Run(evaluate), "openblas", "ignored");
    }

    private string[] Common => ["--threads", "2", "--tuning-cache", Cache];

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
