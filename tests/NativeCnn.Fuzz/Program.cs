using System.Diagnostics;
using System.Globalization;

namespace NativeCnn.Fuzz;

/// <summary>
/// <c>NativeCnn.Fuzz [SECONDS] [SEED] [MUTANTS]</c>: mutates every format that the library reads, for so long (60 s) or
/// so many mutants, and exits with 1 if anything but a documented exception came of one. What failed is in
/// <c>tests/corpus</c>, and the tests run it from then on.
/// </summary>
internal static class Program
{
    private const int Round = 200;

    // The process that computes: its parent lives on if a mutant ends it.
    private const string Child = "--child";

    private static int Main(string[] arguments)
    {
        if (arguments is [Child, string folder, .. string[] rest])
            return Compute(rest, folder);
        // Memory, where the system has a folder of it: a file for each mutant is slow on a disk.
        string place = Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();
        string work = Directory
            .CreateDirectory(Path.Combine(place, $"nativecnn-fuzz-{Environment.ProcessId}"))
            .FullName;
        try
        {
            using Process child = Process.Start(
                new ProcessStartInfo(Environment.ProcessPath!, [Child, work, .. arguments])
            )!;
            child.WaitForExit();
            if (child.ExitCode is not (0 or 1 or 2 or Findings.HangExitCode))
                KeepLast(work, child.ExitCode);
            return child.ExitCode;
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    private static int Compute(string[] arguments, string folder)
    {
        if (!TryParse(arguments, out double seconds, out ulong seed, out long most))
        {
            Console.Error.WriteLine("usage: fuzz [SECONDS] [SEED] [MUTANTS]");
            return 2;
        }
        using var findings = new Findings(TimeSpan.FromSeconds(2));
        FuzzRun[] runs =
        [
            .. FuzzTarget.All.Select(target => new FuzzRun(target, seed, Path.Combine(folder, target.Name), findings)),
        ];
        foreach ((FuzzRun run, FuzzTarget target) in runs.Zip(FuzzTarget.All))
        {
            // First what is right or was found before; the compiler's time is not a mutant's.
            foreach (byte[] input in target.Wholes.Concat(Corpus.Of(target).Select(File.ReadAllBytes)))
                run.RunOne(input);
        }
        runs =
        [
            .. FuzzTarget.All.Select(target => new FuzzRun(target, seed, Path.Combine(folder, target.Name), findings)),
        ];
        long start = Stopwatch.GetTimestamp();
        long mutants = 0;
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < seconds && mutants < most && findings.MayGoOn)
        {
            foreach (FuzzRun run in runs)
                run.Run(Round);
            mutants = runs.Sum(run => run.Mutants);
        }
        Report(runs, findings, Stopwatch.GetElapsedTime(start), seed);
        return findings.Count == 0 ? 0 : 1;
    }

    private static bool TryParse(string[] arguments, out double seconds, out ulong seed, out long most)
    {
        (seconds, seed, most) = (60, 1, long.MaxValue);
        return arguments.Length <= 3
            && (arguments.Length < 1 || TryNumber(arguments[0], out seconds))
            && (arguments.Length < 2 || ulong.TryParse(arguments[1], CultureInfo.InvariantCulture, out seed))
            && (arguments.Length < 3 || long.TryParse(arguments[2], CultureInfo.InvariantCulture, out most));
    }

    private static bool TryNumber(string text, out double number) =>
        double.TryParse(text, CultureInfo.InvariantCulture, out number) && number >= 0;

    private static void Report(FuzzRun[] runs, Findings findings, TimeSpan time, ulong seed)
    {
        var form = CultureInfo.InvariantCulture;
        Console.WriteLine(
            string.Create(form, $"{"format", -14} {"mutants", 9} {"outcomes", 9} {"worst ms", 9} {"worst kB", 9}")
        );
        foreach (FuzzRun run in runs)
        {
            Console.WriteLine(
                string.Create(
                    form,
                    $"{run.Name, -14} {run.Mutants, 9} {run.Outcomes, 9} {run.WorstTime.TotalMilliseconds, 9:F0} {run.WorstBytes / 1024, 9}"
                )
            );
        }
        Console.WriteLine(
            string.Create(
                form,
                $"{runs.Sum(run => run.Mutants):N0} mutants in {time.TotalSeconds:F0} s, seed {seed}: {findings.Count} findings; at most {Process.GetCurrentProcess().PeakWorkingSet64 >> 20} MB resident"
            )
        );
    }

    // The file that was written last is what ended the process.
    private static void KeepLast(string folder, int exitCode)
    {
        FileInfo? last = new DirectoryInfo(folder).GetFiles().MaxBy(file => file.LastWriteTimeUtc);
        string place = last is null ? "before any input" : Corpus.Add(last.Name, File.ReadAllBytes(last.FullName));
        Console.Error.WriteLine($"A mutant ended the process with exit code {exitCode}; kept as {place}");
    }
}
