using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using NativeCnn.Randomness;

namespace NativeCnn.Fuzz;

/// <summary>Runs mutants of one format, and keeps those that bring something new as a source of others.</summary>
internal sealed class FuzzRun(FuzzTarget target, ulong seed, string file, Findings findings)
{
    private const int MostSources = 2000;

    private readonly Mutator _mutator = new(target.Words);
    private readonly List<byte[]> _sources = [.. target.Wholes, .. Corpus.Of(target).Select(File.ReadAllBytes)];
    private readonly HashSet<string> _outcomes = [];
    private ulong _number;

    public string Name => target.Name;

    public long Mutants { get; private set; }

    public TimeSpan WorstTime { get; private set; }

    public long WorstBytes { get; private set; }

    public int Outcomes => _outcomes.Count;

    /// <summary>Runs this many mutants: always the same ones for a seed and a corpus.</summary>
    public void Run(int mutants)
    {
        for (int i = 0; i < mutants && findings.MayGoOn; i++)
        {
            var random = new RandomStream(seed, _number++);
            byte[] mutant = target.Mutate(_sources[random.NextInt(_sources.Count)], _mutator, ref random);
            RunOne(mutant);
        }
    }

    /// <summary>Runs one input under watch.</summary>
    public void RunOne(byte[] input)
    {
        findings.Begin(target, input);
        long bytes = GC.GetAllocatedBytesForCurrentThread();
        long start = Stopwatch.GetTimestamp();
        string outcome;
        try
        {
            outcome = target.Run(input, file);
        }
#pragma warning disable CA1031 // Every exception that a target does not expect is a finding.
        catch (Exception e)
        {
            findings.Add($"{e.GetType().Name}: {e.Message}\n{e.StackTrace}");
            outcome = e.GetType().Name;
        }
#pragma warning restore CA1031
        TimeSpan time = Stopwatch.GetElapsedTime(start);
        bytes = GC.GetAllocatedBytesForCurrentThread() - bytes;
        if (bytes > target.MostBytes)
            findings.Add(string.Create(CultureInfo.InvariantCulture, $"{bytes:N0} bytes were allocated."));
        findings.End();
        Mutants++;
        WorstTime = time > WorstTime ? time : WorstTime;
        WorstBytes = Math.Max(WorstBytes, bytes);
        if (_outcomes.Add(outcome) && _sources.Count < MostSources)
            _sources.Add(input);
    }
}

/// <summary>The folder of inputs that once failed, or that are worth a try at every run of the tests.</summary>
internal static class Corpus
{
    private static readonly string Root = Path.Combine(Repository(), "tests", "corpus");

    /// <summary>A format's files.</summary>
    public static string[] Of(FuzzTarget target)
    {
        string folder = Path.Combine(Root, target.Name);
        return Directory.Exists(folder) ? [.. Directory.GetFiles(folder).Order(StringComparer.Ordinal)] : [];
    }

    /// <summary>Keeps an input.</summary>
    public static string Add(string format, byte[] input)
    {
        string folder = Directory.CreateDirectory(Path.Combine(Root, format)).FullName;
        string path = Path.Combine(folder, Convert.ToHexStringLower(SHA256.HashData(input))[..12]);
        File.WriteAllBytes(path, input);
        return path;
    }

    private static string Repository()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "NativeCnn.sln")))
            folder = Path.GetDirectoryName(folder);
        return folder ?? throw new DirectoryNotFoundException("The corpus is in tests/corpus of the repository.");
    }
}
