using System.Text.Json;
using NativeCnn.Cli.Output;
using NativeCnn.Formats;
using NativeCnn.Networks;

namespace NativeCnn.Tests.Cli;

/// <summary>Text of files never commands the terminal.</summary>
public sealed class ControlCharacterTests : IDisposable
{
    // Clears the screen; sets the title; the same by one byte of C1; turns the direction of writing; ends a line.
    private const string Bad = "a\e[2Jb\e]0;title\ac\u009b2Jd\u202ee\rf\ng";
    private const string Shown = @"a\u001b[2Jb\u001b]0;title\u0007c\u009b2Jd\u202ee\u000df\u000ag";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_shows_nothing_by_itself_is_written_out()
    {
        Assert.Equal(Shown, TerminalText.Clean(Bad));
        Assert.Equal(
            @"\u0000\u007f\u0085\u200b\u2028\ud800\ufeff",
            TerminalText.Clean("\0\u007f\u0085\u200b\u2028\ud800\ufeff")
        );
        foreach (string text in (string[])["", "plain", "Größe × 日本 🙂", "a  b", @"C:\path"])
            Assert.Equal(text, TerminalText.Clean(text));
    }

    [Fact]
    public void Names_in_a_model_file_are_refused_and_shown_clean()
    {
        string weights = Save(Bad);
        foreach (
            string[] arguments in (string[][])
                [
                    ["summary", "--weights", weights],
                    ["evaluate", "--weights", weights, "--data", "digits:20,20"],
                    ["predict", "--weights", weights, "--data", "digits:20,20", "--index", "0,1"],
                ]
        )
        {
            CommandResult result = CommandLine.Run(arguments);
            result.AssertError(1, weights, "control characters");
            AssertClean(result);
        }
    }

    [Fact]
    public void Errors_and_traces_are_clean()
    {
        string missing = _folder.At($"{Bad}.safetensors");
        foreach (
            string[] more in (string[][])
                [
                    [],
                    ["--verbose"],
                ]
        )
        {
            CommandResult result = CommandLine.Run(["evaluate", "--weights", missing, .. more]);
            Assert.Equal(1, result.ExitCode);
            Assert.Contains(@"\u001b[2J", result.Error);
            AssertClean(result);
        }
        CommandResult option = CommandLine.Run("train", "--lr", Bad);
        option.AssertError(2, @"\u001b[2J");
        AssertClean(option);
    }

    private string Save(string name)
    {
        string weights = _folder.At("model.safetensors");
        using Network network = NetworkBuilder.Start(28, 28, 1).Dense(10).Build(1, "plain");
        ModelFile.Save(weights, network);
        // The engine writes no such names itself.
        SafetensorsTensor[] tensors =
        [
            .. network.Parameters.Select(p => new SafetensorsTensor(
                p.Name,
                [p.Shape.BatchSize, p.Shape.Height, p.Shape.Width, p.Shape.Channels],
                p.Value
            )),
        ];
        Dictionary<string, string> metadata;
        using (SafetensorsFile file = SafetensorsFile.Open(weights))
        {
            metadata = new Dictionary<string, string>(file.Metadata);
            (string key, string architecture) = file.Metadata.Single(pair =>
                pair.Value.Contains("\"plain\"", StringComparison.Ordinal)
            );
            metadata[key] = architecture.Replace(
                "\"plain\"",
                JsonSerializer.Serialize($"net{name}"),
                StringComparison.Ordinal
            );
        }
        Safetensors.Write(weights, tensors, metadata);
        return weights;
    }

    private static void AssertClean(CommandResult result)
    {
        foreach (string stream in (string[])[result.Output, result.Error])
            Assert.DoesNotContain(stream, c => c != '\n' && (char.IsControl(c) || c == '\u202e'));
        Assert.DoesNotContain("\ng", result.Output + result.Error);
    }
}
