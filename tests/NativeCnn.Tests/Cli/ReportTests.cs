using System.Text.RegularExpressions;
using NativeCnn.Cli;
using NativeCnn.Cli.Report;
using NativeCnn.Models;
using NativeCnn.Networks;
using NativeCnn.Tensors;
using NativeCnn.Training;

namespace NativeCnn.Tests.Cli;

/// <summary>The page that a run leaves: whole in itself, and readable without seeing it.</summary>
public sealed partial class ReportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Train_leaves_a_page_with_all_of_its_sections()
    {
        CommandResult result = CommandLine.Run([
            "train",
            "--data",
            "digits:300,100",
            "--epochs",
            "2",
            "--early-stopping",
            "5",
            "--tensorboard",
            "--out",
            _folder.Path,
        ]);
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Contains(_folder.At("report.html"), result.Output, StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(_folder.At("tensorboard")));
        string page = File.ReadAllText(_folder.At("report.html"));
        foreach (
            string title in (string[])
                [
                    "Curves",
                    "Classes",
                    "Confusion matrix",
                    "Worst mistakes",
                    "First filters",
                    "Where the time went",
                    "Settings",
                    "Machine",
                ]
        )
            Assert.Contains($"<h2>{title}</h2>", page, StringComparison.Ordinal);
        Assert.Contains("<th scope=\"row\">early-stopping</th><td>5</td>", page, StringComparison.Ordinal);
        CheckPage(page);
    }

    [Theory]
    [InlineData(3, true)]
    [InlineData(40, true)]
    [InlineData(3, false)]
    public void A_page_is_whole_whatever_the_names_and_numbers_are(int classes, bool isTested)
    {
        string[] names = [.. Enumerable.Range(0, classes).Select(i => $"<script>&\"'{i}\u001b")];
        var matrix = new ConfusionMatrix(names);
        matrix.Add(0, 1);
        matrix.Add(1, 1);
        using Network network = ModelCatalog.Create("perceptron", new Shape(1, 8, 8, 1), classes, 1);
        string page = new TrainingReport
        {
            Title = "a <b> & \"c\"",
            Network = network,
            Result = new TrainingResult(
                [new EpochRecord(1, 0.5, 0.5, isTested ? 0.25 : null, isTested ? 1 : null, 1, 10)],
                1,
                10,
                Interrupted: false
            ),
            Settings = new RunSettings(),
            Evaluation = isTested ? new EvaluationResult(0.5, 0.25, matrix, 2, 1) : null,
            Machine = [("processor", "<x>")],
        }.ToHtml();
        CheckPage(page);
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(isTested, page.Contains("<h2>Classes", StringComparison.Ordinal));
        Assert.Equal(isTested && classes == 3, page.Contains("class=\"matrix\"", StringComparison.Ordinal));
    }

    private static void CheckPage(string page)
    {
        Assert.StartsWith("<!DOCTYPE html>\n<html lang=\"en\">", page, StringComparison.Ordinal);
        foreach (string needed in (string[])["width=device-width", "prefers-color-scheme: dark", "<title>", "<main>"])
            Assert.Contains(needed, page, StringComparison.Ordinal);
        // Encoded pictures may spell anything.
        page = Encoded().Replace(page, "");
        // Nothing from elsewhere, and no numbers that are none.
        foreach (
            string foreign in (string[])["http:", "https:", "<link", "<script", "url(", "@import", "NaN", "Infinity"]
        )
            Assert.DoesNotContain(foreign, page, StringComparison.Ordinal);
        Assert.All(Pictures().Matches(page), match => Assert.Matches(" alt=\"[^\"]+\"", match.Value));
        Assert.All(
            Drawings().Matches(page),
            match => Assert.Matches(" role=\"img\" aria-label=\"[^\"]+\"", match.Value)
        );
        Assert.All(Tables().Matches(page), match => Assert.StartsWith("<caption>", match.Groups[1].Value));
        Assert.DoesNotContain("<th>", page, StringComparison.Ordinal);
        // Every element that is opened is closed, in order.
        Stack<string> open = new();
        foreach (Match tag in Tags().Matches(page[page.IndexOf("<html", StringComparison.Ordinal)..]))
        {
            string name = tag.Groups[2].Value;
            if (name is "meta" or "img" || tag.Value.EndsWith("/>", StringComparison.Ordinal))
                continue;
            if (tag.Groups[1].Length == 0)
                open.Push(name);
            else
                Assert.Equal(name, open.Pop());
        }
        Assert.Empty(open);
    }

    [GeneratedRegex("base64,[^\"]+")]
    private static partial Regex Encoded();

    [GeneratedRegex("<img[^>]*>")]
    private static partial Regex Pictures();

    [GeneratedRegex("<svg[^>]*>")]
    private static partial Regex Drawings();

    [GeneratedRegex("<table[^>]*>(.{9})")]
    private static partial Regex Tables();

    [GeneratedRegex("<(/?)([a-z0-9]+)[^>]*>")]
    private static partial Regex Tags();
}
