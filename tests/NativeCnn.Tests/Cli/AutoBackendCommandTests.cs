using System.Text.Json;
using NativeCnn.Tests.OneDnn;

namespace NativeCnn.Tests.Cli;

/// <summary><c>--backend auto</c>: what computes, what is kept, and what it says where oneDNN is missing.</summary>
public sealed class AutoBackendCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Cache => _folder.At("tuning.json");

    [OneDnnTheory]
    [InlineData("auto", "onednn")]
    public void Profile_names_who_computed_what(string backend, string algorithm)
    {
        CommandResult result = Profile("--backend", backend, "--algorithm", algorithm);
        Assert.Equal("", result.Error);
        JsonElement json = result.Json;
        Assert.Equal(backend, json.GetProperty("backend").GetString());
        JsonElement[] operations = [.. json.GetProperty("operations").EnumerateArray()];
        JsonElement[] filters =
        [
            .. operations.Where(o => o.GetProperty("pass").GetString() is "backward-filter" or "backward-data"),
        ];
        Assert.Contains(filters, o => o.GetProperty("algorithm").GetString()!.StartsWith("onednn jit"));
        foreach (string library in (string[])["onednn", "native"])
        {
            double sum = operations
                .Where(o => o.GetProperty("library").GetString() == library)
                .Sum(o => o.GetProperty("ms").GetDouble());
            Assert.True(sum > 0);
            Assert.Equal(sum, json.GetProperty("ms_by_library").GetProperty(library).GetDouble(), 9);
        }
        string text = CommandLine
            .Run(["profile", "lenet", "--batch", "2", "--seconds", "0.01", "--backend", backend])
            .Output;
        Assert.Contains("By native ", text);
    }

    [OneDnnTheory]
    [InlineData("bench")]
    [InlineData("profile")]
    public void Measured_choices_of_oneDnn_are_kept_and_ignored_where_it_is_missing(string command)
    {
        string[] tuned = ["--backend", "auto", "--tune", "--tuning-cache", Cache];
        Assert.Contains("0 choices", Notices(Run(command, tuned)).Single());
        string[] lines = File.ReadAllLines(Cache);
        Assert.Equal(5, lines.Count(line => line.Contains("\"library\": \"onednn ", StringComparison.Ordinal)));
        // Every choice is oneDNN's from now on, so that it shows whether they are read.
        for (int i = 0; i < lines.Length; i++)
        {
            if (lines[i].Contains("\"algorithm\": ", StringComparison.Ordinal))
                lines[i] = "      \"algorithm\": \"onednn\",";
        }
        File.WriteAllLines(Cache, lines);
        Assert.Contains("5 choices", Notices(Run(command, tuned)).Single());

        // The native backend measures its own, and leaves those of oneDNN where they are.
        string[] native = ["--tune", "--tuning-cache", Cache];
        Assert.Contains("5 were measured", Notices(Run(command, native)).Single());
        Assert.Equal(10, Choices());

        string[] notices = Notices(Run(command, tuned, ("NATIVECNN_ONEDNN", _folder.At("nowhere.so"))));
        Assert.Equal(2, notices.Length);
        Assert.Contains("oneDNN is not in use", notices[0]);
        Assert.Contains("nowhere.so", notices[0]);
        Assert.Contains("tuning: 5 choices", notices[1]);
        Assert.Equal(10, Choices());
    }

    [Theory]
    [InlineData("summary", "--model", "lenet")]
    [InlineData("bench", "lenet", "--batch", "2", "--seconds", "0.01")]
    public void Without_oneDnn_the_native_backend_computes_and_one_line_says_so(params string[] arguments)
    {
        CommandResult result = CommandLine.Run(
            [("NATIVECNN_ONEDNN", _folder.At("nowhere.so"))],
            [.. arguments, "--backend", "auto"]
        );
        Assert.Equal(0, result.ExitCode);
        string notice = Assert.Single(result.Error.TrimEnd('\n').Split('\n'), line => line.Contains("oneDNN"));
        Assert.Contains("oneDNN is not in use", notice);
    }

    [Theory]
    [InlineData("native")]
    [InlineData("managed")]
    [InlineData("onednn")]
    public void Forcing_oneDnn_goes_with_auto(string backend) =>
        CommandLine
            .Run("bench", "lenet", "--backend", backend, "--algorithm", "onednn")
            .AssertError(2, "--algorithm", backend);

    [Theory]
    [InlineData("managed")]
    [InlineData("onednn")]
    public void Bench_and_profile_take_the_other_backends(string backend)
    {
        if (backend == "onednn" && new OneDnnTheoryAttribute().Skip is not null)
            return;
        foreach (string command in (string[])["bench", "profile"])
        {
            string[] arguments =
            [
                command,
                "lenet",
                "--batch",
                "1",
                "--seconds",
                "0.01",
                "--json",
                "--backend",
                backend,
            ];
            Assert.Equal(backend, CommandLine.Run(arguments).Json.GetProperty("backend").GetString());
        }
    }

    private static CommandResult Profile(params string[] options) =>
        CommandLine.Run(["profile", "lenet", "--batch", "8", "--seconds", "0.01", "--json", .. options]);

    private static CommandResult Run(string command, string[] options, params (string Name, string Value)[] environment)
    {
        CommandResult result = CommandLine.Run(
            environment,
            [command, "lenet", "--batch", "2", "--seconds", "0.01", "--threads", "2", .. options]
        );
        Assert.True(result.ExitCode == 0, result.Error);
        return result;
    }

    private int Choices()
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Cache));
        return document.RootElement.GetProperty("choices").GetArrayLength();
    }

    private static string[] Notices(CommandResult result) =>
        [.. result.Error.Split('\n').Where(line => line.Contains("tuning: ") || line.Contains("oneDNN"))];
}
