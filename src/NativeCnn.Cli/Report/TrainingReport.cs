using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using NativeCnn.Cli.Output;
using NativeCnn.Cli.Pictures;
using NativeCnn.Data;
using NativeCnn.Formats;
using NativeCnn.Layers;
using NativeCnn.Networks;
using NativeCnn.Storage;
using NativeCnn.Tensors;
using NativeCnn.Training;

namespace NativeCnn.Cli.Report;

/// <summary>
/// A run on one page: what came out, the curves, which classes are mistaken for which, the worst mistakes, the first
/// filters, the settings, the machine and where the time went. The page needs no network and no script.
/// </summary>
internal sealed class TrainingReport
{
    // A larger matrix is a list of its largest entries.
    private const int MostClasses = 30;
    private const int ListedMistakes = 20;
    private const int SmallestPicture = 96;

    public required string Title { get; init; }

    public required Network Network { get; init; }

    public required TrainingResult Result { get; init; }

    public required IReadOnlyList<(string Name, string Value)> Machine { get; init; }

    public RunSettings? Settings { get; init; }

    public EvaluationResult? Evaluation { get; init; }

    public IDataset? Test { get; init; }

    public IReadOnlyList<Mistake> Mistakes { get; init; } = [];

    /// <summary>Writes the page, whole or not at all.</summary>
    public void Save(string path)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(ToHtml());
        AtomicFile.Write(path, stream => stream.Write(bytes));
    }

    public string ToHtml()
    {
        StringBuilder page = new();
        page.Append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
        page.Append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        page.Append(
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">\n"
        );
        page.Append("<title>").Append(Html.Text(Title)).Append("</title>\n<style>\n").Append(ReportStyle.Css);
        page.Append("\n</style>\n</head>\n<body>\n<header><h1>")
            .Append(Html.Text(Title))
            .Append("</h1></header>\n<main>\n");
        AppendFacts(page);
        Section(page, "Curves", Curves());
        if (Evaluation is { } evaluation)
        {
            Section(page, "Classes", Classes(evaluation.Confusion));
            Section(page, "Confusion matrix", Matrix(evaluation.Confusion));
        }
        Section(page, "Worst mistakes", WorstMistakes());
        Section(page, "First filters", Filters());
        Section(page, "Where the time went", Times());
        Section(page, "Settings", SettingsTable());
        Section(
            page,
            "Machine",
            Html.Table("What computed", ["what", "value"], Machine.Select(row => (string[])[row.Name, row.Value]))
        );
        page.Append("</main>\n<footer>Written by nativecnn train. Everything on this page is in this file.</footer>\n");
        return page.Append("</body>\n</html>\n").ToString();
    }

    private void AppendFacts(StringBuilder page)
    {
        List<(string Name, string Value)> facts = [];
        if (Evaluation is { } evaluation)
        {
            facts.Add(("test accuracy", Figures.Percent(evaluation.Accuracy)));
            if (evaluation.Confusion.ClassNames.Count > EvaluationResult.TopClasses)
                facts.Add(($"among the top {EvaluationResult.TopClasses}", Figures.Percent(evaluation.TopAccuracy)));
            facts.Add(("test loss", Figures.Loss(evaluation.Loss)));
        }
        if (Result.History is [.., var last])
            facts.Add(("training loss", Figures.Loss(last.TrainLoss)));
        facts.Add(("epochs", Figures.Count(Result.History.Count)));
        facts.Add(("training time", Figures.Duration(TimeSpan.FromSeconds(Result.TrainSeconds))));
        facts.Add(("speed", Figures.Rate(Result.ImagesPerSecond)));
        facts.Add(("parameters", Figures.Count(Network.Parameters.Sum(p => (long)p.Shape.Count))));
        page.Append("<dl class=\"facts\">\n");
        foreach ((string name, string value) in facts)
            page.Append("<div><dt>")
                .Append(Html.Text(name))
                .Append("</dt><dd>")
                .Append(Html.Text(value))
                .Append("</dd></div>\n");
        page.Append("</dl>\n");
    }

    private static void Section(StringBuilder page, string title, string content)
    {
        if (content.Length == 0)
            return;
        page.Append("<section><h2>").Append(title).Append("</h2>\n").Append(content).Append("</section>\n");
    }

    private string Curves()
    {
        IReadOnlyList<EpochRecord> history = Result.History;
        if (history.Count == 0)
            return "";
        bool isTested = history.Any(epoch => epoch.TestLoss is not null);
        string loss = Draw("Loss", epoch => epoch.TrainLoss, epoch => epoch.TestLoss, value => Figures.Loss(value));
        string accuracy = Draw(
            "Accuracy",
            epoch => epoch.TrainAccuracy,
            epoch => epoch.TestAccuracy,
            value => Figures.Percent(value)
        );
        string table = Html.Table(
            "Every epoch",
            ["epoch", "training loss", "training accuracy", "test loss", "test accuracy", "seconds"],
            history.Select(e =>
                (string[])
                    [
                        Figures.Count(e.Epoch),
                        Figures.Loss(e.TrainLoss),
                        Figures.Percent(e.TrainAccuracy),
                        e.TestLoss is { } l ? Figures.Loss(l) : "",
                        e.TestAccuracy is { } a ? Figures.Percent(a) : "",
                        e.Seconds.ToString("F1", CultureInfo.InvariantCulture),
                    ]
            )
        );
        return $"<h3>Loss</h3>\n{loss}<h3>Accuracy</h3>\n{accuracy}<details><summary>The numbers</summary>\n{table}</details>\n";

        string Draw(
            string title,
            Func<EpochRecord, double> train,
            Func<EpochRecord, double?> test,
            Func<double, string> format
        )
        {
            List<Curve> curves = [new("training", [.. history.Select(train)])];
            if (isTested)
                curves.Add(new Curve("test", [.. history.Select(epoch => test(epoch) ?? double.NaN)]));
            return CurveChart.Draw(title, curves, format);
        }
    }

    private static string Classes(ConfusionMatrix matrix) =>
        Html.Table(
            "Recall is the share of a class's examples that were found, precision the share of what was taken for it",
            ["class", "examples", "recall", "precision", "F1", "most often taken for"],
            Enumerable
                .Range(0, matrix.ClassNames.Count)
                .Select(c =>
                {
                    int wrong = MostOftenTakenFor(matrix, c);
                    return (string[])
                        [
                            matrix.ClassNames[c],
                            Figures.Count(matrix.Examples(c)),
                            Share(matrix.Recall(c)),
                            Share(matrix.Precision(c)),
                            Share(matrix.F1(c)),
                            wrong < 0 ? "" : $"{matrix.ClassNames[wrong]} ({Figures.Count(matrix.Count(c, wrong))})",
                        ];
                })
        );

    private static string Share(double? share) => share is { } value ? Figures.Percent(value) : "—";

    private static int MostOftenTakenFor(ConfusionMatrix matrix, int actual)
    {
        int most = -1;
        for (int c = 0; c < matrix.ClassNames.Count; c++)
        {
            if (c != actual && matrix.Count(actual, c) > (most < 0 ? 0 : matrix.Count(actual, most)))
                most = c;
        }
        return most;
    }

    private static string Matrix(ConfusionMatrix matrix)
    {
        int classes = matrix.ClassNames.Count;
        if (classes > MostClasses)
            return LargestMistakes(matrix);
        const string Caption = "Rows are actual classes, columns what they were taken for";
        StringBuilder table = new(
            $"<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Confusion matrix\"><table class=\"matrix\"><caption>{Caption}</caption>\n<thead><tr><th scope=\"col\">actual</th>"
        );
        foreach (string name in matrix.ClassNames)
            table.Append("<th scope=\"col\">").Append(Html.Text(name)).Append("</th>");
        table.Append("</tr></thead>\n<tbody>\n");
        for (int actual = 0; actual < classes; actual++)
        {
            table.Append("<tr><th scope=\"row\">").Append(Html.Text(matrix.ClassNames[actual])).Append("</th>");
            long all = Math.Max(1, matrix.Examples(actual));
            for (int predicted = 0; predicted < classes; predicted++)
            {
                int count = matrix.Count(actual, predicted);
                // Roots, so that few are seen beside many; never so dark that the number is lost.
                double share = 0.6 * Math.Sqrt((double)count / all);
                table.Append(
                    CultureInfo.InvariantCulture,
                    $"<td{(count == 0 ? " class=\"zero\"" : $" style=\"--share:{share:F2}\"")}>{count}</td>"
                );
            }
            table.Append("</tr>\n");
        }
        return table.Append("</tbody></table></div>\n").ToString();
    }

    private static string LargestMistakes(ConfusionMatrix matrix)
    {
        int classes = matrix.ClassNames.Count;
        var largest = Enumerable
            .Range(0, classes)
            .SelectMany(actual => Enumerable.Range(0, classes).Select(predicted => (actual, predicted)))
            .Where(pair => pair.actual != pair.predicted && matrix.Count(pair.actual, pair.predicted) > 0)
            .OrderByDescending(pair => matrix.Count(pair.actual, pair.predicted))
            .Take(ListedMistakes);
        return Html.Table(
            $"The most frequent of {classes} classes' mistakes",
            ["actual", "taken for", "times"],
            largest.Select(pair =>
                (string[])
                    [
                        matrix.ClassNames[pair.actual],
                        matrix.ClassNames[pair.predicted],
                        Figures.Count(matrix.Count(pair.actual, pair.predicted)),
                    ]
            )
        );
    }

    private string WorstMistakes()
    {
        if (Test is not { } test || Mistakes.Count == 0)
            return "";
        StringBuilder list = new(
            "<p>Test examples whose wrong output is the furthest above the right one, the worst first.</p>\n<ul class=\"pictures\">\n"
        );
        float[] values = new float[test.ExampleShape.Count];
        foreach (Mistake mistake in Mistakes)
        {
            string words =
                $"Example {mistake.Index}: {test.ClassNames[mistake.Actual]}, taken for {test.ClassNames[mistake.Predicted]}";
            test.Read(mistake.Index, values);
            list.Append("<li><figure style=\"margin:0\">");
            if (PictureOf(test.ExampleShape, values) is { } picture)
                list.Append(Html.Picture(picture, words, "example"));
            list.Append("<figcaption>").Append(Html.Text(words)).Append("</figcaption></figure></li>\n");
        }
        return list.Append("</ul>\n").ToString();
    }

    // Black for the smallest of an example's values and white for the largest: what was normalised is seen again.
    private static Image? PictureOf(Shape shape, float[] values)
    {
        if (shape.Channels is not (1 or 3))
            return null;
        (float low, float high) = TiledPicture.Range(values);
        float span = high > low ? high - low : 1;
        int side = Math.Max(1, SmallestPicture / Math.Max(shape.Height, shape.Width));
        (int height, int width, int channels) = (shape.Height * side, shape.Width * side, shape.Channels);
        var pixels = new float[height * width * channels];
        for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
        for (int c = 0; c < channels; c++)
            pixels[(y * width + x) * channels + c] =
                (values[((y / side) * shape.Width + x / side) * channels + c] - low) / span;
        return new Image(height, width, channels, pixels);
    }

    private string Filters()
    {
        Layer? first = Network.Nodes.Select(node => node.Layer).FirstOrDefault(layer => layer is Convolution);
        if (first is null)
            return "";
        (Tensor filters, Shape shape) = (first.Parameters[0].Value, first.Parameters[0].Shape);
        using TensorHold hold = filters.Hold();
        Image picture = TiledPicture.OfFilters(shape, filters.Span, null);
        string words = $"The filters of {first.Name}, {shape.Outputs} of {shape.Height}×{shape.Width}×{shape.Channels}";
        return $"<p>{Html.Text(words)}: white adds, black takes away.</p>\n{Html.Picture(picture, words, "filters")}\n";
    }

    private string Times()
    {
        TrainingTimes times = Result.Times;
        (string Name, double Seconds)[] parts =
        [
            ("training steps", times.Steps),
            ("waiting for examples", times.Waiting),
            ("testing between epochs", times.Testing),
            ("checkpoints, files and display", times.Following),
        ];
        double all = Math.Max(parts.Sum(part => part.Seconds), 1e-9);
        StringBuilder table = new(
            "<div class=\"wide\"><table><caption>Of the time since the run was begun or gone on with</caption>\n<thead><tr><th scope=\"col\">part</th><th scope=\"col\">seconds</th><th scope=\"col\">share</th><th scope=\"col\" style=\"width:40%\"><span aria-hidden=\"true\"></span></th></tr></thead>\n<tbody>\n"
        );
        foreach ((string name, double seconds) in parts)
            table.Append(
                CultureInfo.InvariantCulture,
                $"<tr><th scope=\"row\">{name}</th><td>{seconds:F1}</td><td>{Figures.Percent(seconds / all)}</td><td><div class=\"bar\" aria-hidden=\"true\"><span style=\"width:{100 * seconds / all:F1}%\"></span></div></td></tr>\n"
            );
        return table.Append("</tbody></table></div>\n").ToString();
    }

    private string SettingsTable() =>
        Settings is null
            ? ""
            : "<div class=\"text\">"
                + Html.Table(
                    "As in run.json; what is not named is the model's own",
                    ["option", "value"],
                    Settings.Options.Select(option => (string[])[option.Key, Value(option.Value)])
                )
                + "</div>\n";

    private static string Value(JsonNode? node) =>
        node is JsonArray list ? string.Join(", ", list.Select(Value)) : node?.ToString() ?? "";
}
