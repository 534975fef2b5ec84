using NativeCnn.Cli.Output;
using NativeCnn.Formats;
using NativeCnn.Layers;
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
    public void Names_of_a_model_file_are_shown_clean_in_tables_lines_and_json()
    {
        string weights = Save(Bad);
        string digits = "digits:20,20";
        (string[] Arguments, bool HasNames)[] commands =
        [
            (["summary", "--weights", weights], true),
            (["evaluate", "--weights", weights, "--data", digits], true),
            (["predict", "--weights", weights, "--data", digits, "--index", "0,1"], true),
        ];
        foreach ((string[] arguments, bool hasNames) in commands)
        {
            CommandResult text = CommandLine.Run(arguments);
            AssertClean(text);
            Assert.Equal(hasNames, text.Output.Contains(@"\u001b[2J", StringComparison.Ordinal));
            CommandResult json = CommandLine.Run([.. arguments, "--json"]);
            AssertClean(json);
            // The same characters, by JSON's own escapes.
            Assert.Equal($"net{Bad}", json.Json.GetProperty("model").GetString());
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

        // Names inside a damaged file.
        string weights = Save(Bad);
        byte[] bytes = File.ReadAllBytes(weights);
        int at = bytes.AsSpan().IndexOf("\"dense\\\""u8);
        Assert.True(at > 0);
        bytes[at + 1] = (byte)'x';
        File.WriteAllBytes(weights, bytes);
        CommandResult damaged = CommandLine.Run("evaluate", "--weights", weights);
        Assert.Equal(1, damaged.ExitCode);
        AssertClean(damaged);
    }

    private string Save(string name)
    {
        string weights = _folder.At("model.safetensors");
        NetworkBuilder builder = new();
        Node output = builder.Add(new Dense(10), [builder.Input(28, 28, 1)], $"layer{name}");
        using Network network = builder.Build([output], 1, $"net{name}");
        network.ClassNames = [.. Enumerable.Range(0, 10).Select(i => $"{i}{name}")];
        ModelFile.Save(weights, network);
        return weights;
    }

    private static void AssertClean(CommandResult result)
    {
        foreach (string stream in (string[])[result.Output, result.Error])
            Assert.DoesNotContain(stream, c => c != '\n' && (char.IsControl(c) || c == '\u202e'));
        Assert.DoesNotContain("\ng", result.Output + result.Error);
    }
}
