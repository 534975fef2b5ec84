using System.Globalization;
using System.Text.Json;
using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Cli.Commands;
using NativeCnn.Networks;
using NativeCnn.Training;

namespace NativeCnn.Cli.Output;

/// <summary>A profile as a table or as JSON, with what the machine can do beside what was reached.</summary>
/// <param name="Network">What was profiled.</param>
/// <param name="Batch">Examples per step.</param>
/// <param name="Backend">What computed.</param>
/// <param name="Profile">The times.</param>
/// <param name="PeakGflops">The measured peak of fused multiply-adds of all threads, in GFLOP/s.</param>
/// <param name="Bandwidth">The measured bandwidth of the memory for all threads, in GB/s.</param>
/// <remarks>
/// Each operation is held against whichever bound takes longer: its operations at the FMA peak, or its bytes at the
/// bandwidth. The share can pass 100 %: Winograd computes a product with fewer multiplications than the definition has,
/// by which it is counted, and small layers stay in caches, which are faster than memory.
/// </remarks>
internal sealed record ProfileTable(
    Network Network,
    int Batch,
    Backend Backend,
    NetworkProfile Profile,
    double PeakGflops,
    double Bandwidth
)
{
    private const string OneDnnPrefix = CommonOptions.OneDnn + " ";

    public void Print(CommandOutput output)
    {
        TextTable table = new(
            $"{Network.Name}, batch {Batch}, threads: {Backend.Threads}, backend: {Backend.Name}",
            new TextColumn("layer", Footer: "step"),
            new TextColumn("pass"),
            new TextColumn("ms", IsNumber: true, Footer: Number(Profile.Step.Median, "0.000")),
            new TextColumn("of step", IsNumber: true, Rank: 1),
            new TextColumn("GFLOP/s", IsNumber: true, Rank: 5),
            new TextColumn("GB/s", IsNumber: true, Rank: 6),
            new TextColumn("of peak", IsNumber: true, Rank: 2),
            new TextColumn("bound", Rank: 4),
            new TextColumn("algorithm", Rank: 3)
        );
        foreach (ProfiledOperation operation in Profile.Operations)
        {
            (string bound, double share) = Bound(operation);
            table.Row(
                operation.Layer,
                operation.Pass,
                Number(operation.Milliseconds, "0.000"),
                Percent(operation.Milliseconds / Profile.Step.Median),
                operation.Operations > 0 ? Number(Gflops(operation), "0") : "",
                Number(GigabytesPerSecond(operation), "0.0"),
                Percent(share),
                bound,
                operation.Algorithm
            );
        }
        output.Table(table);
        output.Line($"FMA peak         {Number(PeakGflops, "0")} GFLOP/s, memory {Number(Bandwidth, "0.0")} GB/s");
        if (Profile.Operations.Any(operation => Bound(operation).Share > 1))
            output.Line(
                "Above 100 %      data in caches, which are faster than memory, or Winograd, counted by definition"
            );
        foreach ((string library, double milliseconds) in Libraries())
        {
            string share = Percent(milliseconds / Profile.Step.Median);
            output.Line($"By {library, -14}{Number(milliseconds, "0.000")} ms, {share} of the step");
        }
        output.Line($"Between them     {Number(Profile.OtherMilliseconds, "0.000")} ms");
        if (Profile is { SynchronisationShare: { } waiting, ImbalanceShare: { } imbalance })
        {
            output.Line($"Synchronisation  {Percent(waiting)} of the step");
            output.Line($"Imbalance        {Percent(imbalance)} of the step");
        }
    }

    public void Write(Utf8JsonWriter json)
    {
        json.WriteString("model", Network.Name);
        json.WriteNumber("batch", Batch);
        json.WriteString("backend", Backend.Name);
        json.WriteNumber("threads", Backend.Threads);
        json.WriteNumber("step_ms", Profile.Step.Median);
        json.WriteNumber("step_ms_min", Profile.Step.Fastest);
        json.WriteNumber("steps", Profile.Step.Runs);
        json.WriteNumber("other_ms", Profile.OtherMilliseconds);
        json.NumberOrNull("synchronisation_share", Profile.SynchronisationShare);
        json.NumberOrNull("imbalance_share", Profile.ImbalanceShare);
        json.WriteNumber("fma_peak_gflops", PeakGflops);
        json.WriteNumber("bandwidth_gb_per_s", Bandwidth);
        json.WriteStartObject("ms_by_library");
        foreach ((string library, double milliseconds) in Libraries())
            json.WriteNumber(library, milliseconds);
        json.WriteEndObject();
        json.WriteStartArray("operations");
        foreach (ProfiledOperation operation in Profile.Operations)
        {
            (string bound, double share) = Bound(operation);
            json.WriteStartObject();
            json.WriteString("layer", operation.Layer);
            json.WriteString("kind", operation.Kind);
            json.WriteString("pass", operation.Pass);
            json.WriteNumber("ms", operation.Milliseconds);
            json.WriteNumber("gflop", operation.Operations / 1e9);
            json.WriteNumber("megabytes", operation.Bytes / 1e6);
            json.NumberOrNull("gflops", Gflops(operation));
            json.NumberOrNull("gb_per_s", GigabytesPerSecond(operation));
            json.WriteString("bound", bound);
            json.NumberOrNull("share_of_peak", share);
            json.WriteString("algorithm", operation.Algorithm);
            json.WriteString("library", LibraryOf(operation));
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    // The most time first.
    private IEnumerable<(string Library, double Milliseconds)> Libraries() =>
        Profile
            .Operations.GroupBy(LibraryOf)
            .Select(group => (group.Key, group.Sum(operation => operation.Milliseconds)))
            .OrderByDescending(library => library.Item2);

    // oneDNN's kernels are named so; all else is the engine's own.
    private string LibraryOf(ProfiledOperation operation) =>
        operation.Algorithm.StartsWith(OneDnnPrefix, StringComparison.Ordinal) ? CommonOptions.OneDnn
        : Backend is ManagedBackend ? CommonOptions.Managed
        : CommonOptions.Native;

    private (string Bound, double Share) Bound(ProfiledOperation operation)
    {
        double compute = Gflops(operation) / PeakGflops;
        double memory = GigabytesPerSecond(operation) / Bandwidth;
        return compute > memory ? ("compute", compute) : ("memory", memory);
    }

    // Operations and bytes per nanosecond.
    private static double Gflops(ProfiledOperation operation) => operation.Operations / (1e6 * operation.Milliseconds);

    private static double GigabytesPerSecond(ProfiledOperation operation) =>
        operation.Bytes / (1e6 * operation.Milliseconds);

    private static string Number(double value, string format) =>
        double.IsFinite(value) ? value.ToString(format, CultureInfo.InvariantCulture) : "";

    private static string Percent(double share) => Number(100 * share, "0.0") + " %";
}
