using System.Globalization;
using NativeCnn.Threading;

namespace NativeCnn.Cli.Diagnostics;

/// <summary>
/// How many threads are used by default, and what limits them: affinity, the container's quota, the user.
/// </summary>
internal static class ProcessorLimits
{
    public static Finding Threads()
    {
        List<string> limits = [ThreadCount.Explain()];
        if (Affinity() is { } processors)
            limits.Add($"affinity: processors {processors}");
        if (Quota() is { } quota)
            limits.Add(string.Create(CultureInfo.InvariantCulture, $"quota: {quota:0.##} processors"));
        return new Finding("threads", string.Join("; ", limits));
    }

    /// <summary>The processors on which this process may run, such as 0-3, where the system tells.</summary>
    private static string? Affinity()
    {
        const string Status = "/proc/self/status";
        const string Field = "Cpus_allowed_list:";
        return File.Exists(Status)
            ? File.ReadLines(Status)
                .FirstOrDefault(l => l.StartsWith(Field, StringComparison.Ordinal))
                ?[Field.Length..].Trim()
            : null;
    }

    /// <summary>The processor time per time that the container may use, or null if it is not limited.</summary>
    private static double? Quota()
    {
        // Control groups version 2: "max 100000" or "150000 100000"; version 1: two files, -1 for no limit.
        string[] fields = Read("/sys/fs/cgroup/cpu.max") is { } both
            ? both.Split(' ')
            :
            [
                Read("/sys/fs/cgroup/cpu/cpu.cfs_quota_us") ?? "-1",
                Read("/sys/fs/cgroup/cpu/cpu.cfs_period_us") ?? "1",
            ];
        return
            fields.Length == 2
            && double.TryParse(fields[0], CultureInfo.InvariantCulture, out double time)
            && double.TryParse(fields[1], CultureInfo.InvariantCulture, out double period)
            && time > 0
            && period > 0
            ? time / period
            : null;
    }

    private static string? Read(string path) => File.Exists(path) ? File.ReadAllText(path).Trim() : null;
}
