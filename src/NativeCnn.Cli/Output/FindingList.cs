using NativeCnn.Cli.Diagnostics;

namespace NativeCnn.Cli.Output;

/// <summary>What doctor found, one finding per line with its remedy below, or as JSON.</summary>
internal static class FindingList
{
    public static void Print(CommandOutput output, IReadOnlyList<Finding> findings)
    {
        int width = findings.Max(f => f.Name.Length);
        foreach (Finding finding in findings)
        {
            output.Line($"{Mark(finding.State)}  {finding.Name.PadRight(width)}  {finding.Value}", width + 11);
            if (finding.Remedy is { } remedy)
                output.Line($"{new string(' ', width + 11)}{remedy}", width + 11);
        }
        int wrong = findings.Count(f => f.State == FindingState.Wrong);
        int warnings = findings.Count(f => f.State == FindingState.Warning);
        output.Line(wrong + warnings == 0 ? "All is well." : $"{wrong} wrong, {warnings} to be improved.");
    }

    public static void PrintJson(IReadOnlyList<Finding> findings) =>
        JsonLine.Print(json =>
        {
            json.WriteBoolean("ok", findings.All(f => f.State != FindingState.Wrong));
            json.WriteStartArray("findings");
            foreach (Finding finding in findings)
            {
                json.WriteStartObject();
                json.WriteString("name", finding.Name);
                json.WriteString("state", Mark(finding.State).TrimEnd());
                json.WriteString("value", finding.Value);
                if (finding.Remedy is { } remedy)
                    json.WriteString("remedy", remedy);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        });

    private static string Mark(FindingState state) =>
        state switch
        {
            FindingState.Good => "good   ",
            FindingState.Warning => "warning",
            _ => "wrong  ",
        };
}
