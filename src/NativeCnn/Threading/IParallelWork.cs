namespace NativeCnn.Threading;

/// <summary>Work that is cut into chunks: its results do not depend on which thread does one, or when.</summary>
internal interface IParallelWork
{
    /// <summary>Does one chunk.</summary>
    /// <param name="chunk">0 to the number of chunks − 1.</param>
    /// <param name="worker">Which thread this is, 0 to threads − 1: the index of its scratch memory.</param>
    void Run(int chunk, int worker);
}
