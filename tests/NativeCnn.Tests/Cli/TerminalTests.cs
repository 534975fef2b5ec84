using System.Text.RegularExpressions;
using NativeCnn.Cli.Output;
using NativeCnn.Training;

namespace NativeCnn.Tests.Cli;

/// <summary>What is printed fits the terminal, from 20 columns up.</summary>
public sealed class TerminalTests
{
    public static TheoryData<int> Widths => [20, 39, 40, 59, 60, 79, 80, 99, 100, 120, 200];

    [Theory]
    [MemberData(nameof(Widths))]
    public void The_progress_is_one_line_of_whole_figures(int width)
    {
        foreach (TrainingProgress progress in Progresses())
        {
            string line = TrainingDisplay.Line(progress, width);
            Assert.InRange(line.Length, 1, width);
            string[] figures = TrainingDisplay.Line(progress, 1000).Split("  ");
            if (line.EndsWith('…'))
                continue;
            Assert.All(
                line.Split("  ").Where(part => part[0] is not ('━' or '─')),
                part => Assert.Contains(part, figures)
            );
        }
    }

    [Fact]
    public void Figures_go_in_the_order_of_what_they_matter()
    {
        TrainingProgress progress = new(3, 10, 392, 938, 0.1234, 0.9712, 12_345, TimeSpan.FromSeconds(42));
        Assert.Equal(
            "epoch 3/10  ━━━━━━━───────────────────────  step 392/938  loss 0.1234  accuracy 97.12 %  12,345 images/s  0:42 left",
            TrainingDisplay.Line(progress, 200)
        );
        Assert.Equal("epoch 3/10  loss 0.1234  accuracy 97.12 %  0:42 left", TrainingDisplay.Line(progress, 59));
        Assert.EndsWith(
            "12,345 images/s  loading 7 %  0:42 left",
            TrainingDisplay.Line(progress with { WaitingShare = 0.07 }, 200)
        );
        Assert.Equal("epoch 3/10  loss 0.1234  0:42 left", TrainingDisplay.Line(progress, 39));
        Assert.Equal("epoch 3/10", TrainingDisplay.Line(progress, 19));
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void On_a_screen_of_any_width_only_the_last_line_is_drawn_again(int width)
    {
        Screen screen = new(width);
        CommandOutput output = new(screen, () => screen.Width);
        using (TrainingDisplay display = new(output, 100))
        {
            foreach (TrainingProgress progress in Progresses())
                display.BatchFinished(progress);
            display.EpochFinished(new EpochRecord(1, 2e9, 0.5, 0.25, 0.75, 12.3, 4567));
        }
        Assert.Equal(2, screen.Lines.Count);
        Assert.StartsWith("epoch   1/100", screen.Lines[0]);
        Assert.Equal("", screen.Lines[1]);
    }

    [Fact]
    public void A_screen_that_becomes_narrower_keeps_no_remnants()
    {
        Screen screen = new(120);
        CommandOutput output = new(screen, () => screen.Width);
        output.Line("before");
        using TrainingDisplay display = new(output, 10);
        display.BatchFinished(Progresses()[0]);
        Assert.Equal(2, screen.Lines.Count);
        screen.Resize(45);
        Assert.True(screen.Lines.Count > 2, "The screen did not break the line.");
        display.Dispose();
        Assert.Equal(["before", ""], screen.Lines);
    }

    [Fact]
    public void Without_a_terminal_there_are_plain_lines()
    {
        StringWriter text = new();
        using (TrainingDisplay display = new(new CommandOutput(text, width: null), 10))
        {
            display.BatchFinished(Progresses()[0]);
            display.EpochFinished(new EpochRecord(1, 0.5, 0.5, 0.25, 0.75, 12.3, 4567));
        }
        Assert.Equal(
            "epoch  1/10  loss 0.5000  accuracy 50.00 %  test loss 0.2500  test accuracy 75.00 %  4,567 images/s  12.3 s\n",
            text.ToString()
        );
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Tables_fit_and_break_nothing(int width)
    {
        TextTable table = Table();
        string[] lines = [.. table.Render(width)];
        Assert.All(lines, line => Assert.InRange(TerminalText.Width(line), 0, width));
        string[] whole = [.. table.Render(1000)];
        if (width >= 40)
        {
            // The columns that stay are whole; what was left out is named.
            Assert.Contains("431,080", string.Join('\n', lines));
            Assert.Equal(
                TerminalText.Width(whole[1]) > width,
                lines[^1].Contains("room", StringComparison.Ordinal)
                    || lines[^2].Contains("room", StringComparison.Ordinal)
            );
        }
        Assert.Equal(TerminalText.Width(whole[1]) <= width, table.Fits(width));
    }

    [Theory]
    [InlineData("drawn digits, test 12", 10, false, "drawn dig…")]
    [InlineData("drawn digits, test 12", 10, true, "…, test 12")]
    [InlineData("日本語", 5, false, "日本…")]
    [InlineData("日本語", 4, true, "…語")]
    [InlineData("fits", 4, true, "fits")]
    public void What_is_too_long_is_cut_where_it_says_less(string text, int width, bool keepsEnd, string cut) =>
        Assert.Equal(cut, TerminalText.Cut(text, width, keepsEnd));

    [Fact]
    public void Words_are_not_broken_and_paths_are_left_whole()
    {
        Assert.Equal(
            ["Training lenet", "  on 20,000", "  examples", "  /a/path/that/is/longer/than/the/line", "  of digits"],
            TerminalText.Wrap("Training lenet on 20,000 examples /a/path/that/is/longer/than/the/line of digits", 15, 2)
        );
        Assert.Equal(["short"], TerminalText.Wrap("short", 15, 2));
    }

    [Fact]
    public void Console_streams_are_used_in_one_place()
    {
        string root = Path.Combine(SharedData.Repository, "src", "NativeCnn.Cli");
        IEnumerable<string> users = Directory
            .EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
            .Where(file => !Path.GetRelativePath(root, file).StartsWith("obj", StringComparison.Ordinal))
            .Where(file => Regex.IsMatch(File.ReadAllText(file), @"Console\.(Write|Out|Error|Open|Set)"))
            .Select(file => Path.GetFileNameWithoutExtension(file));
        // Each of these cleans what it writes, or writes bytes that were cleaned.
        Assert.Equal(["CommandOutput", "Notice", "StandardStream"], users.Order());
    }

    private static TextTable Table()
    {
        TextTable table = new(
            "lenet, input 64×28×28×1",
            new TextColumn("layer", Footer: "total"),
            new TextColumn("kind", Rank: 3),
            new TextColumn("output shape", Rank: 1),
            new TextColumn("parameters", IsNumber: true, Footer: "431,080"),
            new TextColumn("multiply-adds", IsNumber: true, Rank: 2, Footer: "2,293,000")
        );
        table.Row("convolution1", "convolution", "64×24×24×20", "520", "288,000");
        table.Row("eine ungewöhnlich lange Schicht 日本", "max-pooling", "64×12×12×20", "0", "0");
        return table;
    }

    private static List<TrainingProgress> Progresses() =>
        [
            new(1, 100, 1, 938, 2.3, 0.1, 392, TimeSpan.FromSeconds(4)),
            new(1, 100, 938, 938, 2e9, 1, 12_345_678, TimeSpan.FromHours(123), 0.999),
            new(100_000, 100_000, 1_000_000, 1_000_000, 1e30, 0.5, double.PositiveInfinity, TimeSpan.Zero),
        ];

    /// <summary>What the terminal shows: lines break at the last column, and again when it becomes narrower.</summary>
    private sealed class Screen(int width) : StringWriter
    {
        private readonly List<string> _lines = [""];
        private int _row;
        private int _column;

        public int Width { get; private set; } = width;

        public List<string> Lines => _lines;

        public void Resize(int narrower)
        {
            string last = _lines[^1];
            _lines.RemoveAt(_lines.Count - 1);
            for (int at = 0; at < last.Length; at += narrower)
                _lines.Add(last[at..Math.Min(at + narrower, last.Length)]);
            _row = _lines.Count - 1;
            _column = _lines[^1].Length;
            Width = narrower;
        }

        public override void Write(string? value)
        {
            foreach (Match part in Regex.Matches(value ?? "", @"\e\[(\d*)([AKJ])|[\s\S]"))
            {
                if (part.Value == "\r")
                    _column = 0;
                else if (part.Value == "\n")
                    NextLine();
                else if (part.Groups[2].Value == "A")
                    _row -= int.Parse(part.Groups[1].Value);
                else if (part.Groups[2].Value is "K" or "J")
                    Erase(below: part.Groups[2].Value == "J");
                else
                    Put(part.Value);
            }
        }

        private void Put(string character)
        {
            if (_column == Width)
                NextLine();
            _lines[_row] =
                _lines[_row][.._column] + character + _lines[_row][Math.Min(_column + 1, _lines[_row].Length)..];
            _column++;
        }

        private void Erase(bool below)
        {
            _lines[_row] = _lines[_row][.._column];
            if (below)
                _lines.RemoveRange(_row + 1, _lines.Count - _row - 1);
        }

        private void NextLine()
        {
            _row++;
            _column = 0;
            if (_row == _lines.Count)
                _lines.Add("");
        }
    }
}
