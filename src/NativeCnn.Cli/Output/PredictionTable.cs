using System.Globalization;
using NativeCnn.Networks;

namespace NativeCnn.Cli.Output;

/// <summary>Predictions as a table or as JSON.</summary>
internal static class PredictionTable
{
    // With more classes than this, a row holds the most probable ones by name.
    private const int MostColumns = 12;
    private const int MostProbable = 5;

    public static void Print(CommandOutput output, Network network, IReadOnlyList<PredictionOutput> predictions)
    {
        if (network.OutputShape.Count <= MostColumns)
        {
            TextTable all = AllClasses(network, predictions);
            if (all.Fits(output.Width))
            {
                output.Table(all);
                return;
            }
        }
        // As many classes as there is room for.
        int count = Math.Min(MostProbable, network.OutputShape.Count);
        while (count > 1 && !MostProbableClasses(network, predictions, count).Fits(output.Width))
            count--;
        output.Table(MostProbableClasses(network, predictions, count));
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

    private static TextTable AllClasses(Network network, IReadOnlyList<PredictionOutput> predictions)
    {
        IEnumerable<int> classes = Enumerable.Range(0, network.OutputShape.Count);
        TextTable table = new(
            null,
            [
                .. Beginning(predictions),
                .. classes.Select(c => new TextColumn($"p({Name(network, c)})", IsNumber: true)),
            ]
        );
        foreach (PredictionOutput p in predictions)
            table.Row([.. Beginning(network, predictions, p), .. p.Probabilities.Select(Probability)]);
        return table;
    }

    private static TextTable MostProbableClasses(
        Network network,
        IReadOnlyList<PredictionOutput> predictions,
        int count
    )
    {
        TextTable table = new(null, [.. Beginning(predictions), new TextColumn("most probable")]);
        foreach (PredictionOutput p in predictions)
        {
            IEnumerable<string> classes = p
                .Probabilities.Select((probability, label) => (probability, label))
                .OrderByDescending(c => c.probability)
                .Take(count)
                .Select(c => $"{Name(network, c.label)} {Probability(c.probability)}");
            table.Row([.. Beginning(network, predictions, p), string.Join(", ", classes)]);
        }
        return table;
    }

    private static IEnumerable<TextColumn> Beginning(IReadOnlyList<PredictionOutput> predictions) =>
        AreKnown(predictions)
            ? [new TextColumn("example", KeepsEnd: true), new TextColumn("actual"), new TextColumn("label")]
            : [new TextColumn("example", KeepsEnd: true), new TextColumn("label")];

    private static IEnumerable<string> Beginning(
        Network network,
        IReadOnlyList<PredictionOutput> predictions,
        PredictionOutput p
    )
    {
        yield return p.Input.Source;
        if (AreKnown(predictions))
            yield return p.Input.Actual is { } actual ? Name(network, actual) : "";
        yield return Name(network, p.Label);
    }

    private static bool AreKnown(IReadOnlyList<PredictionOutput> predictions) =>
        predictions.Any(p => p.Input.Actual is not null);

    private static string Probability(float p) => p.ToString("0.000", CultureInfo.InvariantCulture);

    private static string Name(Network network, int label) =>
        label < network.ClassNames.Count ? network.ClassNames[label] : label.ToString(CultureInfo.InvariantCulture);
}
