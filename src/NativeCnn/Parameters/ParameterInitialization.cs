using NativeCnn.Randomness;
using NativeCnn.Tensors;
using NativeCnn.Threading;

namespace NativeCnn.Parameters;

/// <summary>
/// Fills a parameter by its initialiser. Large ones are filled in blocks by several threads, and the values are those
/// of one thread.
/// </summary>
internal static class ParameterInitialization
{
    /// <summary>Values of a block: some milliseconds of normally distributed ones.</summary>
    internal const int BlockLength = 1 << 17;

    // What a thread fills while another would still be starting, many times over.
    private const long ValuesPerThread = 1 << 20;

    /// <summary>Writes a parameter's initial values, from a stream of a seed's random numbers.</summary>
    public static void Fill(Parameter parameter, Tensor destination, ulong seed, ulong stream)
    {
        int values = destination.Count;
        int length = parameter.Initializer.IsElementwise ? BlockLength : values;
        var blocks = new List<Block>();
        for (int first = 0; first < values; first += length)
        {
            RandomStream random = new RandomStream(seed, stream).After((ulong)first);
            blocks.Add(new Block(parameter, destination, random, first, Math.Min(length, values - first)));
        }
        using var pool = new WorkerPool((int)Math.Min(ThreadCount.Default, 1 + values / ValuesPerThread));
        var work = new Work(blocks);
        pool.Run(ref work, blocks.Count);
    }

    private sealed record Block(Parameter Parameter, Tensor Values, RandomStream Random, int First, int Count);

    private readonly struct Work(List<Block> blocks) : IParallelWork
    {
        public void Run(int chunk, int worker)
        {
            (Parameter parameter, Tensor destination, RandomStream random, int first, int count) = blocks[chunk];
            using TensorHold hold = destination.Hold();
            Span<float> values = destination.Span.Slice(first, count);
            parameter.Initializer.Fill(values, parameter.FanIn, parameter.FanOut, ref random);
        }
    }
}
