using System.Globalization;
using NativeCnn.Networks;
using Spectre.Console;

namespace NativeCnn.Cli.Output;

/// <summary>Predictions as a table or as JSON.</summary>
internal static class PredictionTable
{
    // With more classes than this, a row holds the most probable ones by name.
    private const int MostColumns = 12;
    private const int MostProbable = 5;

    public static void Print(CommandOutput output, Network network, IReadOnlyList<PredictionOutput> predictions)
    {
        bool allClasses = network.OutputShape.Count <= MostColumns;
        bool known = predictions.Any(p => p.Input.Actual is not null);
        Table table = new() { Border = TableBorder.Simple };
        table.AddColumn("example");
        if (known)
            table.AddColumn("actual");
        table.AddColumn("label");
        for (int c = 0; allClasses && c < network.OutputShape.Count; c++)
            table.AddColumn(new TableColumn(Markup.Escape($"p({Name(network, c)})")).RightAligned());
        if (!allClasses)
            table.AddColumn("most probable");
        foreach (PredictionOutput p in predictions)
        {
            List<string> row = [p.Input.Source];
            if (known)
                row.Add(p.Input.Actual is { } actual ? Name(network, actual) : "");
            row.Add(Name(network, p.Label));
            if (allClasses)
                row.AddRange(p.Probabilities.Select(Probability));
            else
                row.Add(MostProbableClasses(network, p.Probabilities));
            table.AddRow([.. row.Select(Markup.Escape)]);
        }
        output.Text.Write(table);
    }

    public static void PrintJson(Network network, IReadOnlyList<PredictionOutput> predictions) =>
        JsonLine.Print(json =>
        {
            json.WriteString("model", network.Name);
            json.WriteStartArray("predictions");
            foreach (PredictionOutput p in predictions)
            {
                json.WriteStartObject();
                json.WriteString("example", p.Input.Source);
                if (p.Input.Actual is { } actual)
                    json.WriteNumber("actual", actual);
                json.WriteNumber("label", p.Label);
                json.WriteString("name", Name(network, p.Label));
                json.WriteStartArray("probabilities");
                foreach (float probability in p.Probabilities)
                    json.WriteNumberValue(probability);
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndArray();
        });

    private static string MostProbableClasses(Network network, float[] probabilities) =>
        string.Join(
            ", ",
            probabilities
                .Select((probability, label) => (probability, label))
                .OrderByDescending(p => p.probability)
                .Take(MostProbable)
                .Select(p => $"{Name(network, p.label)} {Probability(p.probability)}")
        );

    private static string Probability(float p) => p.ToString("0.000", CultureInfo.InvariantCulture);

    private static string Name(Network network, int label) =>
        label < network.ClassNames.Count ? network.ClassNames[label] : label.ToString(CultureInfo.InvariantCulture);
}
