using System.Globalization;
using NativeCnn.Backends;
using NativeCnn.Verification;

namespace NativeCnn.Cli.Output;

/// <summary>What became of cases: a table of tensors for each, or JSON.</summary>
internal static class VerificationTable
{
    public static void Print(CommandOutput output, CaseResult result)
    {
        string name = Path.GetFileName(result.FilePath);
        TextTable table = new(
            $"{name}: {(result.Passed ? "passed" : "FAILED")}",
            new TextColumn("tensor"),
            new TextColumn("worst error", IsNumber: true),
            new TextColumn("allowed", IsNumber: true),
            new TextColumn("units", IsNumber: true, Rank: 1),
            new TextColumn("element", IsNumber: true, Rank: 2),
            new TextColumn("expected", IsNumber: true, Rank: 4),
            new TextColumn("computed", IsNumber: true, Rank: 3),
            new TextColumn("")
        );
        foreach (TensorCheck tensor in result.Tensors)
            table.Row(
                tensor.Name,
                Number(tensor.Error, "0.0e+0"),
                Number(tensor.Allowed, "0.0e+0"),
                Number(tensor.Units, "0.0"),
                Number(tensor.Index, "0"),
                Number(tensor.Expected, "g7"),
                Number(tensor.Actual, "g7"),
                tensor.Passed ? "" : "FAILED"
            );
        output.Table(table);
        output.Line("");
    }

    public static void PrintSummary(CommandOutput output, IReadOnlyList<CaseResult> results, Backend backend)
    {
        CaseResult worst = results.MaxBy(result => result.Worst.Units)!;
        int failed = results.Count(result => !result.Passed);
        output.Line(
            $"{Figures.Count(results.Count)} {(results.Count == 1 ? "case" : "cases")} on {backend.Name}: "
                + $"{Figures.Count(results.Count - failed)} passed, {Figures.Count(failed)} failed. Worst: "
                + $"{Number(worst.Worst.Units, "0.0")} units of {Number(GoldenFile.AllowedUnits, "0")} allowed, "
                + $"{worst.Worst.Name} of {Path.GetFileName(worst.FilePath)}."
        );
    }

    public static void PrintJson(IReadOnlyList<CaseResult> results, Backend backend) =>
        JsonLine.Print(json =>
        {
            json.WriteBoolean("passed", results.All(result => result.Passed));
            json.WriteString("backend", backend.Name);
            json.WriteNumber("threads", backend.Threads);
            json.WriteNumber("allowed_units", GoldenFile.AllowedUnits);
            json.WriteStartArray("cases");
            foreach (CaseResult result in results)
            {
                json.WriteStartObject();
                json.WriteString("file", result.FilePath);
                json.WriteString("origin", result.Origin);
                json.WriteBoolean("passed", result.Passed);
                json.WriteStartArray("tensors");
                foreach (TensorCheck tensor in result.Tensors)
                {
                    json.WriteStartObject();
                    json.WriteString("name", tensor.Name);
                    json.WriteBoolean("passed", tensor.Passed);
                    json.NumberOrNull("error", tensor.Error);
                    json.WriteNumber("allowed", tensor.Allowed);
                    json.NumberOrNull("units", tensor.Units);
                    json.WriteNumber("element", tensor.Index);
                    json.NumberOrNull("expected", tensor.Expected);
                    json.NumberOrNull("computed", tensor.Actual);
                    json.WriteEndObject();
                }
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndArray();
        });

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
