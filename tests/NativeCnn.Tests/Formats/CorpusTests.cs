using NativeCnn.Fuzz;
using NativeCnn.Randomness;

namespace NativeCnn.Tests.Formats;

/// <summary>What fuzzing found, and what it starts from, is run with every test run.</summary>
public sealed class CorpusTests
{
    public static TheoryData<string> Formats => [.. FuzzTarget.All.Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Formats))]
    public void Whole_inputs_are_read_and_all_others_are_read_or_refused_as_documented(string name)
    {
        FuzzTarget target = FuzzTarget.All.Single(target => target.Name == name);
        string file = Path.GetTempFileName();
        try
        {
            // Whether a folder is there is not a matter of form.
            Assert.All(
                target.Wholes,
                whole => Assert.Matches("read|FileNotFound|DirectoryNotFound|folder", target.Run(whole, file))
            );
            string[] corpus = Corpus.Of(target);
            Assert.NotEmpty(corpus);
            Assert.All(
                corpus,
                path =>
                {
                    long before = GC.GetAllocatedBytesForCurrentThread();
                    target.Run(File.ReadAllBytes(path), file);
                    Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, target.MostBytes);
                }
            );
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Faults_that_were_planted_are_found()
    {
        var kept = new List<byte[]>();
        string Keep(string format, byte[] input)
        {
            kept.Add(input);
            return format;
        }
        using var findings = new Findings(TimeSpan.FromMinutes(1), Keep);
        var run = new FuzzRun(new Planted(), seed: 1, "unused", findings);
        run.Run(20_000);
        Assert.InRange(findings.Count, 2, kept.Count);
        Assert.Contains(kept, input => input.Length > 0 && input[0] == 0xFF);
        Assert.Contains(kept, input => input.Length > 64);
    }

    [Fact]
    public void The_same_seed_makes_the_same_mutants()
    {
        foreach (FuzzTarget target in FuzzTarget.All)
        {
            var mutator = new Mutator(target.Words);
            for (ulong number = 0; number < 200; number++)
            {
                var first = new RandomStream(5, number);
                var second = new RandomStream(5, number);
                byte[] whole = target.Wholes[(int)number % target.Wholes.Count];
                byte[] mutant = target.Mutate(whole, mutator, ref first);
                Assert.Equal(mutant, target.Mutate(whole, mutator, ref second));
            }
        }
    }

    // Reads beyond its end where the first byte says so, and takes too much for long inputs.
    private sealed class Planted : FuzzTarget
    {
        public override string Name => "planted";

        public override IReadOnlyList<byte[]> Wholes { get; } = ["a small input of no format"u8.ToArray()];

        public override long MostBytes => 1 << 20;

        public override string Run(byte[] input, string file)
        {
            if (input is [0xFF, ..])
                return $"{input[input.Length]}";
            return input.Length > 64 ? $"{new byte[2 << 20].Length}" : "read";
        }
    }
}
