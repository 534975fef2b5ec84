using System.Globalization;

namespace NativeCnn.Cli.Diagnostics;

/// <summary>The largest resident memory that this process has had.</summary>
internal static class ProcessMemory
{
    /// <summary>In units of 2^20 bytes.</summary>
    public static double PeakMegabytes() => (LinuxPeak() ?? WorkingSetPeak()) / 1048576.0;

    // VmHWM, the high-water mark of the resident set, in kB.
    private static long? LinuxPeak()
    {
        const string Status = "/proc/self/status";
        const string Field = "VmHWM:";
        if (!File.Exists(Status))
            return null;
        string? line = File.ReadLines(Status).FirstOrDefault(l => l.StartsWith(Field, StringComparison.Ordinal));
        return line is null
            ? null
            : 1024 * long.Parse(line[Field.Length..].Replace("kB", "").Trim(), CultureInfo.InvariantCulture);
    }

    private static long WorkingSetPeak()
    {
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }
}
