using System.Runtime.ExceptionServices;
using NativeCnn.Randomness;
using NativeCnn.Tensors;

namespace NativeCnn.Data;

/// <summary>
/// Reads a data set in batches, ahead of their use: one background thread fills a ring of batches that are allocated
/// once. After construction an epoch allocates no managed memory.
/// </summary>
/// <remarks>
/// One thread calls <see cref="StartEpoch"/> and <see cref="Next"/>. An error of the data set comes out of the <see
/// cref="Next"/> that would have returned the batch.
/// </remarks>
public sealed class BatchLoader : IDisposable
{
    private readonly IDataset _dataset;
    private readonly ulong _seed;
    private readonly bool _shuffle;
    private readonly int _batchSize;
    private readonly int[] _order;
    private readonly Batch[] _ring;
    private readonly Thread _thread;

    // All of the following is written under the lock. Batch b of an epoch lies in _ring[b % _ring.Length].
    private readonly object _lock = new();
    private int _filled;
    private int _returned;
    private int _released;
    private bool _started;
    private bool _filling;
    private bool _cancelled;
    private bool _disposed;
    private ExceptionDispatchInfo? _failure;

    /// <summary>Allocates the batches and starts the thread, which waits for the first epoch.</summary>
    /// <param name="dataset">The examples.</param>
    /// <param name="batchSize">How many examples a batch holds, 1 or more. It may be more than the set has.</param>
    /// <param name="seed">With the epoch's number it decides the order.</param>
    /// <param name="shuffle">Whether each epoch has a random order of its own; otherwise the set's order.</param>
    /// <param name="prefetch">How many batches are filled ahead, 1 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is below 1.</exception>
    /// <exception cref="ShapeException">A batch of this size would be too large.</exception>
    public BatchLoader(IDataset dataset, int batchSize, ulong seed = 0, bool shuffle = true, int prefetch = 2)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(prefetch, 1);
        _dataset = dataset;
        _batchSize = batchSize;
        _seed = seed;
        _shuffle = shuffle;
        _order = new int[dataset.Count];
        Shape shape = dataset.ExampleShape.WithBatchSize(batchSize);
        // One more than are filled ahead: the one in use.
        _ring = new Batch[Math.Min(prefetch, BatchCount) + 1];
        for (int i = 0; i < _ring.Length; i++)
            _ring[i] = new Batch(shape);
        _thread = new Thread(FillUntilDisposed) { IsBackground = true, Name = "NativeCnn batch loader" };
        _thread.Start();
    }

    /// <summary>The number of batches in an epoch.</summary>
    public int BatchCount => (int)(((long)_order.Length + _batchSize - 1) / _batchSize);

    /// <summary>Starts an epoch from its first batch; what is left of another epoch is dropped.</summary>
    /// <param name="epoch">Its number, which with the seed decides the order.</param>
    public void StartEpoch(int epoch)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _cancelled = true;
            while (_filling)
                Monitor.Wait(_lock);
            for (int i = 0; i < _order.Length; i++)
                _order[i] = i;
            if (_shuffle)
            {
                RandomStream random = new(_seed, (ulong)epoch);
                random.Shuffle(_order);
            }
            _filled = _returned = _released = 0;
            _failure = null;
            _cancelled = false;
            _started = true;
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>The next batch, or null at the end of the epoch. It may be used until the next call.</summary>
    /// <exception cref="InvalidOperationException">No epoch was started.</exception>
    public Batch? Next()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (!_started)
                throw new InvalidOperationException("Call StartEpoch before Next.");
            if (_released < _returned)
            {
                _released = _returned;
                Monitor.PulseAll(_lock);
            }
            if (_returned == BatchCount)
                return null;
            while (_filled == _returned && _failure is null)
                Monitor.Wait(_lock);
            if (_filled == _returned)
                _failure!.Throw();
            return _ring[_returned++ % _ring.Length];
        }
    }

    /// <summary>Stops the thread, also in mid-epoch, and frees the batches.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_disposed)
                return;
            _disposed = true;
            _cancelled = true;
            Monitor.PulseAll(_lock);
        }
        _thread.Join();
        foreach (Batch batch in _ring)
            batch.Images.Dispose();
    }

    private void FillUntilDisposed()
    {
        while (WaitForWork() is int number)
        {
            ExceptionDispatchInfo? failure = null;
            try
            {
                Fill(_ring[number % _ring.Length], number);
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
            lock (_lock)
            {
                _filling = false;
                // A batch of an epoch that was dropped meanwhile counts for nothing.
                if (!_cancelled)
                {
                    _failure = failure;
                    _filled += failure is null ? 1 : 0;
                }
                Monitor.PulseAll(_lock);
            }
        }
    }

    /// <summary>The number of the batch to fill next, or null once the loader is disposed.</summary>
    private int? WaitForWork()
    {
        lock (_lock)
        {
            while (
                !_disposed && (!_started || _cancelled || IsRingFull || _filled == BatchCount || _failure is not null)
            )
                Monitor.Wait(_lock);
            if (_disposed)
                return null;
            _filling = true;
            return _filled;
        }
    }

    private bool IsRingFull => _filled - _released >= _ring.Length;

    private void Fill(Batch batch, int number)
    {
        int start = number * _batchSize;
        int count = Math.Min(_batchSize, _order.Length - start);
        int valueCount = _dataset.ExampleShape.Count;
        Span<float> images = batch.Images.Span;
        for (int i = 0; i < count && !Volatile.Read(ref _cancelled); i++)
        {
            int index = _order[start + i];
            batch.Indices[i] = index;
            batch.Labels[i] = _dataset.Label(index);
            _dataset.Read(index, images.Slice(i * valueCount, valueCount));
        }
        batch.Count = count;
        batch.Indices.AsSpan(count).Fill(-1);
        batch.Labels.AsSpan(count).Fill(-1);
        images[(count * valueCount)..].Clear();
    }
}
