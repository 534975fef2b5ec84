using System.Globalization;
using System.Text.Json;
using NativeCnn.Networks;

namespace NativeCnn.Cli.Output;

/// <summary>Predictions as a table or as JSON.</summary>
internal static class PredictionTable
{
    // With more classes than this, a row holds the most probable ones by name.
    private const int MostColumns = 12;
    private const int MostProbable = 5;

    /// <summary>Prints the predictions, and below them what could not be read.</summary>
    /// <param name="output">Where.</param>
    /// <param name="network">What predicted.</param>
    /// <param name="all">The predictions.</param>
    /// <param name="top">How many of the most probable classes to name, or null for what there is room for.</param>
    public static void Print(CommandOutput output, Network network, IReadOnlyList<PredictionOutput> all, int? top)
    {
        List<PredictionOutput> predictions = [.. all.Where(p => p.Problem is null)];
        if (top is { } number)
            output.Table(MostProbableClasses(network, predictions, Math.Min(number, network.OutputShape.Count)));
        else
            PrintWhatFits(output, network, predictions);
        foreach (PredictionOutput p in all.Where(p => p.Problem is not null))
            output.Line(p.Problem!);
    }

    /// <summary>Prints the predictions as comma-separated values, one line for each and one for the names.</summary>
    public static void PrintCsv(Network network, IReadOnlyList<PredictionOutput> predictions, int top)
    {
        int count = Math.Min(top, network.OutputShape.Count);
        List<string> names = ["example", "label", "probability"];
        for (int i = 2; i <= count; i++)
            names.AddRange([$"label{i}", $"probability{i}"]);
        IEnumerable<IEnumerable<string>> rows = predictions.Select(p =>
            (IEnumerable<string>)
                [
                    p.Source,
                    .. p.Problem is null
                        ? p.Top(count)
                            .SelectMany<(float Probability, int Label), string>(c =>
                                [Name(network, c.Label), c.Probability.ToString("R", CultureInfo.InvariantCulture)]
                            )
                        : Enumerable.Repeat("", 2 * count),
                    p.Problem ?? "",
                ]
        );
        CsvLines.Print([
            [.. names, "problem"],
            .. rows,
        ]);
    }

    private static void PrintWhatFits(
        CommandOutput output,
        Network network,
        IReadOnlyList<PredictionOutput> predictions
    )
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

    /// <summary>Prints one object with the probabilities of all classes, or of the most probable ones by name.</summary>
    public static void PrintJson(Network network, IReadOnlyList<PredictionOutput> predictions, int? top) =>
        JsonLine.Print(json =>
        {
            json.WriteString("model", network.Name);
            json.WriteStartArray("predictions");
            foreach (PredictionOutput p in predictions)
            {
                json.WriteStartObject();
                json.WriteString("example", p.Source);
                if (p.Problem is { } problem)
                    json.WriteString("problem", problem);
                else
                    WriteClasses(json, network, p, top);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        });

    private static void WriteClasses(Utf8JsonWriter json, Network network, PredictionOutput p, int? top)
    {
        if (p.Actual is { } actual)
            json.WriteNumber("actual", actual);
        json.WriteNumber("label", p.Label);
        json.WriteString("name", Name(network, p.Label));
        if (top is { } count)
        {
            json.WriteStartArray("top");
            foreach ((float probability, int label) in p.Top(count))
            {
                json.WriteStartObject();
                json.WriteNumber("label", label);
                json.WriteString("name", Name(network, label));
                json.WriteNumber("probability", probability);
                json.WriteEndObject();
            }
        }
        else
        {
            json.WriteStartArray("probabilities");
            foreach (float probability in p.Probabilities)
                json.WriteNumberValue(probability);
        }
        json.WriteEndArray();
    }

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
            IEnumerable<string> classes = p.Top(count)
                .Select(c => $"{Name(network, c.Label)} {Probability(c.Probability)}");
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
        yield return p.Source;
        if (AreKnown(predictions))
            yield return p.Actual is { } actual ? Name(network, actual) : "";
        yield return Name(network, p.Label);
    }

    private static bool AreKnown(IReadOnlyList<PredictionOutput> predictions) =>
        predictions.Any(p => p.Actual is not null);

    private static string Probability(float p) => p.ToString("0.000", CultureInfo.InvariantCulture);

    private static string Name(Network network, int label) =>
        label < network.ClassNames.Count ? network.ClassNames[label] : label.ToString(CultureInfo.InvariantCulture);
}
