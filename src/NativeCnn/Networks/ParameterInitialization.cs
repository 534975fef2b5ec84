using NativeCnn.Layers;
using NativeCnn.Randomness;
using NativeCnn.Threading;

namespace NativeCnn.Networks;

/// <summary>
/// Fills parameters by their initialisers. Parameter i draws from stream i of the seed; large parameters are filled in blocks
/// by several threads, and the values are those of one thread.
/// </summary>
internal static class ParameterInitialization
{
    /// <summary>Values of a block: some milliseconds of normally distributed ones.</summary>
    internal const int BlockLength = 1 << 17;

    // What a thread fills while another would still be starting, many times over.
    private const long ValuesPerThread = 1 << 20;

    public static void Run(IReadOnlyList<Parameter> parameters, ulong seed)
    {
        var blocks = new List<Block>();
        for (int i = 0; i < parameters.Count; i++)
        {
            Parameter parameter = parameters[i];
            int length = parameter.Initializer.IsElementwise ? BlockLength : parameter.Value.Count;
            for (int first = 0; first < parameter.Value.Count; first += length)
            {
                int count = Math.Min(length, parameter.Value.Count - first);
                blocks.Add(new Block(parameter, new RandomStream(seed, (ulong)i).After((ulong)first), first, count));
            }
        }
        long values = blocks.Sum(block => (long)block.Count);
        using var pool = new WorkerPool((int)Math.Min(ThreadCount.Default, 1 + values / ValuesPerThread));
        var work = new Work(blocks);
        pool.Run(ref work, blocks.Count);
    }

    private sealed record Block(Parameter Parameter, RandomStream Random, int First, int Count);

    private readonly struct Work(List<Block> blocks) : IParallelWork
    {
        public void Run(int chunk, int worker)
        {
            (Parameter parameter, RandomStream random, int first, int count) = blocks[chunk];
            Span<float> values = parameter.Value.Span.Slice(first, count);
            parameter.Initializer.Fill(values, parameter.FanIn, parameter.FanOut, ref random);
        }
    }
}
