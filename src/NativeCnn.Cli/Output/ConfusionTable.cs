using System.Globalization;
using System.Text.Json;
using NativeCnn.Training;
using Spectre.Console;

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
        Table table = new()
        {
            Border = TableBorder.Simple,
            Title = new TableTitle("actual class down, predicted class across"),
        };
        table.AddColumn(new TableColumn("").RightAligned());
        for (int predicted = 0; predicted < matrix.ClassNames.Count; predicted++)
            table.AddColumn(new TableColumn(Markup.Escape(matrix.ClassNames[predicted])).RightAligned());
        for (int actual = 0; actual < matrix.ClassNames.Count; actual++)
        {
            string[] row = new string[matrix.ClassNames.Count + 1];
            row[0] = Markup.Escape(matrix.ClassNames[actual]);
            for (int predicted = 0; predicted < matrix.ClassNames.Count; predicted++)
                row[predicted + 1] = Cell(matrix.Count(actual, predicted), actual == predicted);
            table.AddRow(row);
        }
        output.Text.Write(table);
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

    // Zeros are dots, so that the mistakes stand out.
    private static string Cell(int count, bool onDiagonal) =>
        count == 0 && !onDiagonal ? "·" : count.ToString(CultureInfo.InvariantCulture);
}
