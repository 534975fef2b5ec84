using System.Globalization;
using System.Text.Json;
using NativeCnn.Training;

namespace NativeCnn.Cli.Output;

/// <summary>The confusion matrix, one row per actual class and one column per predicted class.</summary>
internal static class ConfusionTable
{
    // More columns than this fit no terminal; --json has them all.
    private const int MostClasses = 20;

    public static void Print(CommandOutput output, ConfusionMatrix matrix)
    {
        if (matrix.ClassNames.Count > MostClasses)
        {
            output.Line(
                $"The confusion matrix of {matrix.ClassNames.Count} classes is too wide to print: use evaluate --json."
            );
            return;
        }
        TextTable all = Matrix(matrix);
        output.Table(all.Fits(output.Width) ? all : Mistakes(matrix));
    }

    public static void Write(Utf8JsonWriter json, ConfusionMatrix matrix)
    {
        json.WriteStartArray("confusion_matrix");
        for (int actual = 0; actual < matrix.ClassNames.Count; actual++)
        {
            json.WriteStartArray();
            for (int predicted = 0; predicted < matrix.ClassNames.Count; predicted++)
                json.WriteNumberValue(matrix.Count(actual, predicted));
            json.WriteEndArray();
        }
        json.WriteEndArray();
    }

    /// <summary>Precision, recall and F1 of each class, null where they are not defined.</summary>
    public static void WriteClasses(Utf8JsonWriter json, ConfusionMatrix matrix)
    {
        json.WriteStartArray("classes");
        for (int c = 0; c < matrix.ClassNames.Count; c++)
        {
            json.WriteStartObject();
            json.WriteString("name", matrix.ClassNames[c]);
            json.WriteNumber("examples", matrix.Examples(c));
            json.NumberOrNull("precision", matrix.Precision(c));
            json.NumberOrNull("recall", matrix.Recall(c));
            json.NumberOrNull("f1", matrix.F1(c));
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static TextTable Matrix(ConfusionMatrix matrix)
    {
        int classes = matrix.ClassNames.Count;
        TextTable table = new(
            "actual class down, predicted class across",
            [
                new TextColumn("", IsNumber: true),
                .. matrix.ClassNames.Select(name => new TextColumn(name, IsNumber: true)),
            ]
        );
        for (int actual = 0; actual < classes; actual++)
        {
            IEnumerable<int> counts = Enumerable.Range(0, classes).Select(p => matrix.Count(actual, p));
            table.Row([matrix.ClassNames[actual], .. counts.Select((n, p) => Cell(n, actual == p))]);
        }
        return table;
    }

    // What is left of the matrix where it has no room: for each class, how often it was right, and the worst mistake.
    private static TextTable Mistakes(ConfusionMatrix matrix)
    {
        int classes = matrix.ClassNames.Count;
        TextTable table = new(
            "class by class; a wider terminal or evaluate --json has the confusion matrix",
            new TextColumn("actual"),
            new TextColumn("right", IsNumber: true),
            new TextColumn("of", IsNumber: true),
            new TextColumn("most often taken for")
        );
        for (int actual = 0; actual < classes; actual++)
        {
            int[] counts = [.. Enumerable.Range(0, classes).Select(predicted => matrix.Count(actual, predicted))];
            int[] wrong = [.. counts.Select((n, predicted) => predicted == actual ? 0 : n)];
            int most = Array.IndexOf(wrong, wrong.Max());
            table.Row(
                matrix.ClassNames[actual],
                Figures.Count(counts[actual]),
                Figures.Count(counts.Sum(n => (long)n)),
                wrong[most] == 0 ? "" : $"{matrix.ClassNames[most]} ({Figures.Count(wrong[most])})"
            );
        }
        return table;
    }

    // Zeros are dots, so that the mistakes stand out.
    private static string Cell(int count, bool onDiagonal) =>
        count == 0 && !onDiagonal ? "·" : count.ToString(CultureInfo.InvariantCulture);
}
