using System.Diagnostics;
using System.Runtime.ExceptionServices;
using NativeCnn.Randomness;
using NativeCnn.Tensors;

namespace NativeCnn.Data;

/// <summary>
/// The thread of a <see cref="BatchLoader"/> and the ring that it fills. The thread holds on to this and not to the
/// loader, so that a loader that nobody disposed can be collected and end it.
/// </summary>
internal sealed class BatchReader : IDisposable
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
    private bool _abandoned;
    private ExceptionDispatchInfo? _failure;

    public BatchReader(IDataset dataset, int batchSize, ulong seed, bool shuffle, int prefetch)
    {
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

    public int BatchCount => (int)(((long)_order.Length + _batchSize - 1) / _batchSize);

    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(2);

    public void StartEpoch(int epoch, int firstBatch, CancellationToken cancellation)
    {
        lock (_lock)
        {
            CheckOpen();
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
            _filled = _returned = _released = firstBatch;
            _failure = null;
            _cancelled = false;
            _started = true;
            Monitor.PulseAll(_lock);
        }
    }

    public Batch? Next(CancellationToken cancellation)
    {
        lock (_lock)
        {
            CheckOpen();
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

    /// <summary>Has the thread end when the example that it reads has been read; does not wait and frees nothing.</summary>
    public void Stop()
    {
        lock (_lock)
        {
            _abandoned = true;
            _cancelled = true;
            Monitor.PulseAll(_lock);
        }
    }

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
            static reader =>
            {
                object taken = ((BatchReader)reader!)._lock;
                lock (taken)
                    Monitor.PulseAll(taken);
            },
            this
        );

    private void Wait(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        Monitor.Wait(_lock);
        CheckOpen();
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
                !_disposed
                && !_abandoned
                && (!_started || _cancelled || IsRingFull || _filled == BatchCount || _failure is not null)
            )
                Monitor.Wait(_lock);
            if (_disposed || _abandoned)
                return null;
            _filling = true;
            return _filled;
        }
    }

    private void CheckOpen() => ObjectDisposedException.ThrowIf(_disposed, typeof(BatchLoader));

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
        // Whoever has the batch may dispose its tensor meanwhile.
        using TensorHold hold = batch.Images.Hold();
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
        if (label < 0 || label >= _classes)
            throw new InvalidDataException(
                $"Example {index} of {_dataset.Name} has the label {label}; its classes are 0 to {_classes - 1}."
            );
        _dataset.Read(index, values);
        if (FiniteValues.FirstOther<float>(values) is int place)
            throw new InvalidDataException(Batch.NonFiniteExample(_dataset.Name, index, place, values[place]));
        return label;
    }
}
