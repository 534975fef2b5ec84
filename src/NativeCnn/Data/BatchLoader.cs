using System.Diagnostics;
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
/// cref="Next"/> that would have returned the batch, as it is; so does an <see cref="InvalidDataException"/> for an
/// example whose label is no class or whose values are not all finite.
/// </remarks>
public sealed class BatchLoader : IDisposable
{
    private readonly IDataset _dataset;
    private readonly ulong _seed;
    private readonly bool _shuffle;
    private readonly int _batchSize;
    private readonly int _classes;
    private readonly int[] _order;
    private readonly Batch[] _ring;

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
    /// <exception cref="ArgumentException">The set has no examples or no classes.</exception>
    /// <exception cref="ShapeException">A batch of this size would be too large.</exception>
    public BatchLoader(IDataset dataset, int batchSize, ulong seed = 0, bool shuffle = true, int prefetch = 2)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(prefetch, 1);
        CheckNotEmpty(dataset);
        _dataset = dataset;
        _batchSize = batchSize;
        _classes = dataset.ClassNames.Count;
        _seed = seed;
        _shuffle = shuffle;
        _order = new int[dataset.Count];
        Shape shape = dataset.ExampleShape.WithBatchSize(batchSize);
        // One more than are filled ahead: the one in use.
        _ring = new Batch[Math.Min(prefetch, BatchCount) + 1];
        try
        {
            for (int i = 0; i < _ring.Length; i++)
                _ring[i] = new Batch(shape);
            new Thread(FillUntilDisposed) { IsBackground = true, Name = "NativeCnn batch loader" }.Start();
        }
        catch
        {
            Free();
            throw;
        }
    }

    /// <summary>The number of batches in an epoch.</summary>
    public int BatchCount => (int)(((long)_order.Length + _batchSize - 1) / _batchSize);

    /// <summary>
    /// How long <see cref="Dispose"/> waits for an example that is being read, since the data set may be freed next.
    /// </summary>
    internal TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Starts an epoch from its first batch; what is left of another epoch is dropped.</summary>
    /// <param name="epoch">Its number, which with the seed decides the order.</param>
    /// <param name="cancellation">Ends the wait for an example of the epoch before that is being read.</param>
    /// <exception cref="OperationCanceledException">It was cancelled; no epoch is under way.</exception>
    /// <exception cref="ObjectDisposedException">The loader was disposed.</exception>
    public void StartEpoch(int epoch, CancellationToken cancellation = default)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _cancelled = true;
            _started = false;
            CancellationTokenRegistration wake = WakeOn(cancellation);
            try
            {
                while (_filling)
                    Wait(cancellation);
            }
            finally
            {
                wake.Unregister();
            }
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
    /// <param name="cancellation">Ends the wait for the batch, also where the data set never returns.</param>
    /// <exception cref="InvalidOperationException">No epoch was started.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; the next call waits for the same batch.</exception>
    /// <exception cref="InvalidDataException">A label is no class, or a value is not finite.</exception>
    /// <exception cref="ObjectDisposedException">The loader was disposed, perhaps during the wait.</exception>
    public Batch? Next(CancellationToken cancellation = default)
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
            if (_filled == _returned && _failure is null)
                WaitForBatch(cancellation);
            if (_filled == _returned)
                _failure!.Throw();
            return _ring[_returned++ % _ring.Length];
        }
    }

    /// <summary>
    /// Stops the thread, also in mid-epoch, and frees the batches. An example that is being read is waited for, but not
    /// for ever: after some seconds the thread is left to itself, and frees the batches when the data set returns.
    /// </summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_disposed)
                return;
            _disposed = true;
            _cancelled = true;
            Monitor.PulseAll(_lock);
            // From here on the batches belong to whoever is last.
            if (!_filling)
                Free();
            long start = Stopwatch.GetTimestamp();
            TimeSpan left = Patience;
            while (_filling && left > TimeSpan.Zero && Monitor.Wait(_lock, left))
                left = Patience - Stopwatch.GetElapsedTime(start);
        }
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

    private void WaitForBatch(CancellationToken cancellation)
    {
        CancellationTokenRegistration wake = WakeOn(cancellation);
        try
        {
            while (_filled == _returned && _failure is null)
                Wait(cancellation);
        }
        finally
        {
            wake.Unregister();
        }
    }

    // Unregistered without waiting for the callback, which may be waiting for the lock.
    private CancellationTokenRegistration WakeOn(CancellationToken cancellation) =>
        cancellation.UnsafeRegister(
            static loader =>
            {
                object taken = ((BatchLoader)loader!)._lock;
                lock (taken)
                    Monitor.PulseAll(taken);
            },
            this
        );

    private void Wait(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        Monitor.Wait(_lock);
        ObjectDisposedException.ThrowIf(_disposed, this);
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
                if (_disposed)
                    Free();
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

    private void Free()
    {
        // Not all are there where the constructor failed.
        foreach (Batch? batch in _ring)
            batch?.Images.Dispose();
    }

    private void Fill(Batch batch, int number)
    {
        int start = number * _batchSize;
        int count = Math.Min(_batchSize, _order.Length - start);
        int valueCount = _dataset.ExampleShape.Count;
        Span<float> images = batch.Images.Span;
        for (int i = 0; i < count && !Volatile.Read(ref _cancelled); i++)
            batch.Labels[i] = Read(batch.Indices[i] = _order[start + i], images.Slice(i * valueCount, valueCount));
        batch.Count = count;
        batch.Indices.AsSpan(count).Fill(-1);
        batch.Labels.AsSpan(count).Fill(-1);
        images[(count * valueCount)..].Clear();
    }

    // Checked here, where the example is known and nobody waits: what comes later would only see a strange loss.
    private int Read(int index, Span<float> values)
    {
        int label = _dataset.Label(index);
        if ((uint)label >= (uint)_classes)
            throw new InvalidDataException(
                $"Example {index} of {_dataset.Name} has the label {label}; its classes are 0 to {_classes - 1}."
            );
        _dataset.Read(index, values);
        if (FiniteValues.FirstOther<float>(values) is int place)
            throw new InvalidDataException(Batch.NonFiniteExample(_dataset.Name, index, place, values[place]));
        return label;
    }
}
