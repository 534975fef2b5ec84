using System.Globalization;
using System.Text.Json;
using NativeCnn.Networks;
using NativeCnn.Verification;

namespace NativeCnn.Cli.Output;

/// <summary>What a comparison of backends found: tables and a verdict of one line, or JSON.</summary>
internal sealed record ComparisonTable(Network Network, string Data, ComparisonOptions Options, ComparisonResult Result)
{
    private string Reference => Result.Curves[0].Backend;

    private IEnumerable<string> Others => Result.Curves.Skip(1).Select(curve => curve.Backend);

    public void Print(CommandOutput output)
    {
        PrintTensors(output);
        output.Line("");
        PrintLosses(output);
        output.Line("");
        output.Line(Verdict());
    }

    public void Write(Utf8JsonWriter json)
    {
        json.WriteBoolean("passed", Result.Passed);
        json.WriteString("verdict", Verdict());
        json.WriteString("model", Network.Name);
        json.WriteString("data", Data);
        json.WriteNumber("batch", Options.Training.BatchSize);
        json.WriteNumber("steps", Options.Steps);
        json.WriteString("reference", Reference);
        json.WriteNumber("allowed_units", Result.AllowedUnits);
        json.WriteNumber("allowed_loss_share", Result.AllowedLossShare);
        json.WritePropertyName("first_difference");
        if (Result.FirstDifference is var (tensor, difference))
        {
            json.WriteStartObject();
            json.WriteNumber("step", difference.FirstBeyond!.Value);
            json.WriteString("layer", tensor.Layer);
            json.WriteString("operation", tensor.Operation);
            json.WriteString("tensor", tensor.Tensor);
            json.WriteString("backend", difference.Backend);
            json.WriteEndObject();
        }
        else
            json.WriteNullValue();
        json.WriteStartArray("losses");
        foreach (LossCurve curve in Result.Curves)
            WriteCurve(json, curve);
        json.WriteEndArray();
        json.WriteStartArray("tensors");
        foreach (ComparedTensor compared in Result.Tensors)
            WriteTensor(json, compared);
        json.WriteEndArray();
    }

    private static void WriteCurve(Utf8JsonWriter json, LossCurve curve)
    {
        json.WriteStartObject();
        json.WriteString("backend", curve.Backend);
        json.WriteStartArray("losses");
        foreach (double loss in curve.Losses)
        {
            if (double.IsFinite(loss))
                json.WriteNumberValue(loss);
            else
                json.WriteNullValue();
        }
        json.WriteEndArray();
        json.NumberOrNull("worst_share", curve.WorstShare);
        json.NumberOrNull("first_step_beyond", curve.FirstBeyond);
        json.WriteEndObject();
    }

    private static void WriteTensor(Utf8JsonWriter json, ComparedTensor compared)
    {
        json.WriteStartObject();
        json.WriteString("layer", compared.Layer);
        json.WriteString("operation", compared.Operation);
        json.WriteString("pass", compared.Pass);
        json.WriteString("tensor", compared.Tensor);
        json.WriteString("algorithm", compared.Algorithm);
        json.WriteStartArray("differences");
        foreach (TensorDifference difference in compared.Differences)
        {
            TensorCheck worst = difference.Worst;
            json.WriteStartObject();
            json.WriteString("backend", difference.Backend);
            json.WriteString("algorithm", difference.Algorithm);
            json.WriteBoolean("passed", difference.FirstBeyond is null);
            json.NumberOrNull("units", worst.Units);
            json.NumberOrNull("error", worst.Error);
            json.WriteNumber("unit", worst.Unit);
            json.WriteNumber("allowed", worst.Allowed);
            json.WriteNumber("step", difference.Step);
            json.WriteNumber("element", worst.Index);
            json.NumberOrNull("expected", worst.Expected);
            json.NumberOrNull("computed", worst.Actual);
            json.NumberOrNull("first_step_beyond", difference.FirstBeyond);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void PrintTensors(CommandOutput output)
    {
        TextTable table = new(
            $"{Network.Name}, batch {Options.Training.BatchSize}, {Data}, steps: {Options.Steps}. Worst difference from "
                + $"{Reference} in units of rounding, every operation by itself on the same values:",
            [
                new TextColumn("layer"),
                new TextColumn("operation", Rank: 1),
                new TextColumn("tensor"),
                .. Others.Select(name => new TextColumn(name, IsNumber: true)),
                new TextColumn("allowed", IsNumber: true, Rank: 2),
                new TextColumn("worst error", IsNumber: true, Rank: 3),
                new TextColumn("at step", IsNumber: true, Rank: 5),
                new TextColumn("algorithms", Rank: 4),
                new TextColumn(""),
            ]
        );
        foreach (ComparedTensor compared in Result.Tensors)
        {
            TensorDifference worst = compared.Differences.MaxBy(difference => difference.Worst.Units)!;
            table.Row([
                compared.Layer.Length > 0 ? compared.Layer : compared.Pass,
                compared.Operation,
                compared.Tensor,
                .. compared.Differences.Select(difference => Units(difference.Worst.Units)),
                Allowed(worst.Worst),
                worst.Worst.Error == 0 ? "0" : Number(worst.Worst.Error, "0.0e+0"),
                Number(worst.Step, "0"),
                Algorithms(compared),
                compared.Differences.All(difference => difference.FirstBeyond is null) ? "" : "FAILED",
            ]);
        }
        output.Table(table);
    }

    private void PrintLosses(CommandOutput output)
    {
        TextTable table = new(
            "The losses of each backend that trains by itself:",
            [
                new TextColumn("step", IsNumber: true, Footer: "off"),
                .. Result.Curves.Select(
                    (curve, i) =>
                        new TextColumn(curve.Backend, IsNumber: true, Footer: i == 0 ? "" : Share(curve.WorstShare))
                ),
                new TextColumn(""),
            ]
        );
        for (int i = 0; i < Options.Steps; i++)
        {
            int step = i + 1;
            table.Row([
                Number(step, "0"),
                .. Result.Curves.Select(curve => i < curve.Losses.Count ? Number(curve.Losses[i], "g8") : ""),
                Result.Curves.Any(curve => curve.FirstBeyond == step) ? "FAILED" : "",
            ]);
        }
        output.Table(table);
    }

    private string Verdict()
    {
        if (Result.FirstDifference is var (tensor, difference))
        {
            TensorCheck worst = difference.Worst;
            return $"FAILED: {difference.Backend} parts from {Reference} at step {difference.FirstBeyond} in "
                + $"{Place(tensor)}: {Units(worst.Units)} units of rounding where {Allowed(worst)} are allowed; at "
                + $"worst, element {worst.Index} is {Number(worst.Actual, "g7")} and not {Number(worst.Expected, "g7")}"
                + $"{(difference.Algorithm.Length > 0 ? $" ({difference.Algorithm})" : "")}.{FailedTensors()}{FailedLosses()}";
        }
        if (Result.FirstLossDifference is { } curve)
        {
            return $"FAILED: every operation by itself is within what is allowed, and yet the loss of {curve.Backend} parts "
                + $"from that of {Reference} at step {curve.FirstBeyond}, by up to {Share(curve.WorstShare)} of it where "
                + $"{Share(Result.AllowedLossShare)} is allowed.";
        }
        (ComparedTensor at, TensorDifference most) = Result.Worst;
        return $"Passed: at most {Units(most.Worst.Units)} units of rounding where {Allowed(most.Worst)} are allowed, "
            + $"{most.Backend} in {Place(at)}; losses within {Share(Result.Curves.Max(c => c.WorstShare))} of {Reference}'s.";
    }

    private string FailedTensors()
    {
        int failed = Result.Tensors.Count(tensor => tensor.Differences.Any(d => d.FirstBeyond is not null));
        return failed == 1 ? " No other tensor fails." : $" {Figures.Count(failed)} tensors fail.";
    }

    private string FailedLosses() =>
        Result.FirstLossDifference is { } curve
            ? $" The loss of {curve.Backend} parts at step {curve.FirstBeyond}."
            : " The losses do not part.";

    private static string Place(ComparedTensor tensor) =>
        tensor.Layer.Length > 0
            ? $"layer {tensor.Layer}, {tensor.Operation}, {tensor.Tensor}"
            : $"{tensor.Operation}, {tensor.Tensor}";

    private static string Algorithms(ComparedTensor compared)
    {
        string[] names = [compared.Algorithm, .. compared.Differences.Select(difference => difference.Algorithm)];
        return string.Join(", ", names.Where(name => name.Length > 0).Distinct());
    }

    // What may not be rounded at all is allowed none, whatever a unit is.
    private static string Allowed(TensorCheck check) => Number(check.Unit > 0 ? check.Allowed / check.Unit : 0, "0.##");

    private static string Units(double units) => Number(units, units < 100_000 ? "0.0" : "0.0e+0");

    private static string Share(double share) => share == 0 ? "0" : Number(share, "0.0e+0");

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
