using NativeCnn.Tensors;

namespace NativeCnn.Data;

/// <summary>
/// Reads a data set in batches, ahead of their use: background threads, one by default, fill a ring of batches that are
/// allocated once. What a batch holds does not depend on how many they are. After construction an epoch allocates no managed memory.
/// </summary>
/// <remarks>
/// One thread calls <see cref="StartEpoch"/> and <see cref="Next"/>. An error of the data set comes out of the <see
/// cref="Next"/> that would have returned the batch, as it is; so does an <see cref="InvalidDataException"/> for an
/// example whose label is no class or whose values are not all finite.
/// </remarks>
public sealed class BatchLoader : IDisposable
{
    /// <summary>The most threads that a loader has.</summary>
    public const int MaximumThreads = 256;

    private readonly BatchReader _reader;

    /// <summary>Allocates the batches and starts the threads, which wait for the first epoch.</summary>
    /// <param name="dataset">The examples.</param>
    /// <param name="batchSize">How many examples a batch holds, 1 or more. It may be more than the set has.</param>
    /// <param name="seed">
    /// With the epoch's number it decides the order, and what is random about an example of an <see
    /// cref="IRandomDataset"/>.
    /// </param>
    /// <param name="shuffle">Whether each epoch has a random order of its own; otherwise the set's order.</param>
    /// <param name="prefetch">How many batches are filled ahead, 1 or more.</param>
    /// <param name="threads">How many threads read examples, 1 to 256.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is below 1, or there are too many threads.</exception>
    /// <exception cref="ArgumentException">The set has no examples or no classes.</exception>
    /// <exception cref="ShapeException">A batch of this size would be too large.</exception>
    public BatchLoader(
        IDataset dataset,
        int batchSize,
        ulong seed = 0,
        bool shuffle = true,
        int prefetch = 2,
        int threads = 1
    )
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(prefetch, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threads, MaximumThreads);
        CheckNotEmpty(dataset);
        _reader = new BatchReader(dataset, batchSize, seed, shuffle, prefetch, threads);
    }

    /// <summary>The number of batches in an epoch.</summary>
    public int BatchCount => _reader.BatchCount;

    /// <summary>
    /// How long <see cref="Dispose"/> waits for an example that is being read, since the data set may be freed next.
    /// </summary>
    internal TimeSpan Patience
    {
        init => _reader.Patience = value;
    }

    /// <summary>Starts an epoch from its first batch; what is left of another epoch is dropped.</summary>
    /// <param name="epoch">Its number, 0 or more, which with the seed decides the order.</param>
    /// <param name="cancellation">Ends the wait for an example of the epoch before that is being read.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; no epoch is under way.</exception>
    /// <exception cref="ObjectDisposedException">The loader was disposed.</exception>
    public void StartEpoch(int epoch, CancellationToken cancellation = default) => StartEpochAt(epoch, 0, cancellation);

    /// <summary>Starts an epoch from one of its batches, which training was stopped before.</summary>
    /// <param name="epoch">Its number, 0 or more, which with the seed decides the order.</param>
    /// <param name="firstBatch">How many of its batches are left out, 0 to <see cref="BatchCount"/>.</param>
    /// <param name="cancellation">Ends the wait for an example of the epoch before that is being read.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is outside its range.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; no epoch is under way.</exception>
    /// <exception cref="ObjectDisposedException">The loader was disposed.</exception>
    internal void StartEpochAt(int epoch, int firstBatch, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        ArgumentOutOfRangeException.ThrowIfNegative(firstBatch);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(firstBatch, BatchCount);
        _reader.StartEpoch(epoch, firstBatch, cancellation);
    }

    /// <summary>The next batch, or null at the end of the epoch. It may be used until the next call.</summary>
    /// <param name="cancellation">Ends the wait for the batch, also where the data set never returns.</param>
    /// <exception cref="InvalidOperationException">No epoch was started.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; the next call waits for the same batch.</exception>
    /// <exception cref="InvalidDataException">A label is no class, or a value is not finite.</exception>
    /// <exception cref="ObjectDisposedException">The loader was disposed, perhaps during the wait.</exception>
    public Batch? Next(CancellationToken cancellation = default)
    {
        Batch? batch = _reader.Next(cancellation);
        GC.KeepAlive(this);
        return batch;
    }

    /// <summary>
    /// Stops the threads, also in mid-epoch, and frees the batches. Examples that are being read are waited for, but not
    /// for ever: after some seconds the threads are left to themselves, and free the batches when the data set returns.
    /// </summary>
    public void Dispose()
    {
        _reader.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Refuses a data set that nothing can be learned from or measured on.</summary>
    /// <exception cref="ArgumentException">It has no examples or no classes.</exception>
    internal static void CheckNotEmpty(IDataset dataset)
    {
        if (dataset.Count < 1)
            throw new ArgumentException($"The data set {dataset.Name} has no examples.", nameof(dataset));
        if (dataset.ClassNames is not { Count: > 0 })
            throw new ArgumentException($"The data set {dataset.Name} has no classes.", nameof(dataset));
    }

    /// <summary>Stops the threads of a loader that nobody disposed; the last batch's memory goes with the batch.</summary>
    ~BatchLoader() => _reader?.Stop();
}
