using NativeCnn.Randomness;

namespace NativeCnn.Fuzz;

/// <summary>A format that the library reads: wholes to start from, and what is done with a mutant.</summary>
internal abstract class FuzzTarget
{
    /// <summary>All of them, by name.</summary>
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new Targets.Architectures(),
        new Targets.DataSpecifications(),
        new Targets.IdxFiles(compressed: false),
        new Targets.IdxFiles(compressed: true),
        new Targets.ModelFiles(),
        new Targets.NetworkFiles(),
        new Targets.Pictures(),
        new Targets.TuningCaches(),
    ];

    /// <summary>The name, and the folder of its corpus.</summary>
    public abstract string Name { get; }

    /// <summary>Inputs that are right.</summary>
    public abstract IReadOnlyList<byte[]> Wholes { get; }

    /// <summary>Words and numbers of the format, which the mutator puts in.</summary>
    public virtual IReadOnlyList<string> Words => [];

    /// <summary>What one input may allocate on the managed heap, in bytes.</summary>
    public virtual long MostBytes => 64L << 20;

    /// <summary>
    /// Reads an input. Returns what came of it: "read", or a documented refusal. Everything else is a finding.
    /// </summary>
    /// <param name="input">The input.</param>
    /// <param name="file">A place for it, where the format is read from files.</param>
    public abstract string Run(byte[] input, string file);

    /// <summary>Changes an input; by default anywhere.</summary>
    public virtual byte[] Mutate(byte[] input, Mutator mutator, ref RandomStream random) =>
        mutator.Mutate(input, ref random);

    /// <summary>Reads a file, and takes what readers document as a refusal.</summary>
    protected static string Refusal(Action read)
    {
        try
        {
            read();
            return "read";
        }
        catch (Exception e) when (e is IOException or InsufficientMemoryException)
        {
            return Outcome(e);
        }
    }

    /// <summary>The exception without what differs from input to input, so that equal refusals look alike.</summary>
    protected static string Outcome(Exception e) => $"{e.GetType().Name}: {Outline(e.Message)}";

    /// <summary>A message without names, numbers and places.</summary>
    protected static string Outline(string message)
    {
        // Every second part stands between quotes.
        string unquoted = string.Concat(message.Split('\'').Where((_, place) => place % 2 == 0));
        return new string([.. unquoted.Where(c => char.IsAsciiLetter(c) || c == ' ').Take(80)]);
    }
}
