using System.Diagnostics;
using System.Runtime.ExceptionServices;
using NativeCnn.Randomness;
using NativeCnn.Tensors;

namespace NativeCnn.Data;

/// <summary>
/// The threads of a <see cref="BatchLoader"/> and the ring that they fill. The threads hold on to this and not to the
/// loader, so that a loader that nobody disposed can be collected and end them.
/// </summary>
internal sealed class BatchReader : IDisposable
{
    private readonly IDataset _dataset;
    private readonly ulong _seed;
    private readonly bool _shuffle;
    private readonly int _batchSize;
    private readonly int _classes;
    private readonly int[] _order;

    // How many examples a thread takes on at once: all of a batch where it is alone.
    private readonly int _portion;
    private readonly Batch[] _ring;

    // All of the following is written under the lock. Batch b of an epoch lies in _ring[b % _ring.Length].
    private readonly object _lock = new();

    // Examples of the epoch that a thread has taken on, and of each batch in the ring those that are still to be read.
    private int _taken;
    private readonly int[] _missing;
    private int _filled;
    private int _returned;
    private int _released;
    private bool _started;
    private int _epoch;
    private int _reading;
    private int _failedAt;
    private bool _cancelled;
    private bool _disposed;
    private bool _abandoned;
    private ExceptionDispatchInfo? _failure;

    public BatchReader(IDataset dataset, int batchSize, ulong seed, bool shuffle, int prefetch, int threads)
    {
        _dataset = dataset;
        _batchSize = batchSize;
        _classes = dataset.ClassNames.Count;
        _seed = seed;
        _shuffle = shuffle;
        _order = new int[dataset.Count];
        _portion = threads == 1 ? batchSize : Math.Max(1, batchSize / (4 * threads));
        Shape shape = dataset.ExampleShape.WithBatchSize(batchSize);
        // One more than are filled ahead: the one in use.
        _ring = new Batch[Math.Min(prefetch, BatchCount) + 1];
        _missing = new int[_ring.Length];
        try
        {
            for (int i = 0; i < _ring.Length; i++)
                _ring[i] = new Batch(shape);
            for (int i = 0; i < threads; i++)
                new Thread(FillUntilDisposed) { IsBackground = true, Name = "NativeCnn batch loader" }.Start();
        }
        catch
        {
            // Those that were started wait for an epoch, and end.
            Dispose();
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
                while (_reading > 0)
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
            _taken = (int)Math.Min((long)firstBatch * _batchSize, _order.Length);
            _epoch = epoch;
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
            if (IsNextMissing)
                WaitForBatch(cancellation);
            if (_filled == _returned)
                _failure!.Throw();
            return _ring[_returned++ % _ring.Length];
        }
    }

    /// <summary>Has the threads end when the examples that they read have been read; does not wait and frees nothing.</summary>
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
            if (_reading == 0)
                Free();
            long start = Stopwatch.GetTimestamp();
            TimeSpan left = Patience;
            while (_reading > 0 && left > TimeSpan.Zero && Monitor.Wait(_lock, left))
                left = Patience - Stopwatch.GetElapsedTime(start);
        }
    }

    private void WaitForBatch(CancellationToken cancellation)
    {
        CancellationTokenRegistration wake = WakeOn(cancellation);
        try
        {
            while (IsNextMissing)
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
        while (WaitForWork(out int start, out int count))
        {
            ExceptionDispatchInfo? failure = null;
            try
            {
                Fill(_ring[start / _batchSize % _ring.Length], start, count);
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
            lock (_lock)
            {
                _reading--;
                // What was read of an epoch that was dropped meanwhile counts for nothing.
                if (!_cancelled)
                    Finish(start, count, failure);
                if (_disposed && _reading == 0)
                    Free();
                Monitor.PulseAll(_lock);
            }
        }
    }

    private void Finish(int start, int count, ExceptionDispatchInfo? failure)
    {
        if (failure is null)
            _missing[start / _batchSize % _ring.Length] -= count;
        else if (_failure is null || start < _failedAt)
            (_failure, _failedAt) = (failure, start);
        while (_filled < BatchCount && (long)_filled * _batchSize < _taken && _missing[_filled % _ring.Length] == 0)
            _filled++;
    }

    /// <summary>Which examples of the epoch to read next; false once the loader is disposed.</summary>
    private bool WaitForWork(out int start, out int count)
    {
        lock (_lock)
        {
            while (
                !_disposed
                && !_abandoned
                && (!_started || _cancelled || _taken == _order.Length || IsRingFull || _failure is not null)
            )
                Monitor.Wait(_lock);
            (start, count) = (_taken, 0);
            if (_disposed || _abandoned)
                return false;
            int begin = start / _batchSize * _batchSize;
            int examples = Math.Min(_batchSize, _order.Length - begin);
            if (start == begin)
            {
                int place = begin / _batchSize % _ring.Length;
                _missing[place] = _ring[place].Count = examples;
            }
            count = Math.Min(_portion, begin + examples - start);
            _taken += count;
            _reading++;
            return true;
        }
    }

    // While others still read, an example before the failed one may fail too; the first is the one that is told.
    private bool IsNextMissing => _filled == _returned && (_failure is null || _reading > 0);

    private void CheckOpen() => ObjectDisposedException.ThrowIf(_disposed, typeof(BatchLoader));

    private bool IsRingFull => _taken / _batchSize - _released >= _ring.Length;

    private void Free()
    {
        // Not all are there where the constructor failed.
        foreach (Batch? batch in _ring)
            batch?.Images.Dispose();
    }

    private void Fill(Batch batch, int start, int count)
    {
        int valueCount = _dataset.ExampleShape.Count;
        int first = start % _batchSize;
        // Whoever has the batch may dispose its tensor meanwhile.
        using TensorHold hold = batch.Images.Hold();
        Span<float> images = batch.Images.Span;
        for (int i = 0; i < count && !Volatile.Read(ref _cancelled); i++)
        {
            int place = first + i;
            batch.Indices[place] = _order[start + i];
            batch.Labels[place] = Read(_order[start + i], images.Slice(place * valueCount, valueCount));
        }
        // Behind the last example.
        if (start + count != _order.Length)
            return;
        int end = first + count;
        batch.Indices.AsSpan(end).Fill(-1);
        batch.Labels.AsSpan(end).Fill(-1);
        images[(end * valueCount)..].Clear();
    }

    // Checked here, where the example is known and nobody waits: what comes later would only see a strange loss.
    private int Read(int index, Span<float> values)
    {
        int label = _dataset.Label(index);
        if (label < 0 || label >= _classes)
            throw new InvalidDataException(
                $"Example {index} of {_dataset.Name} has the label {label}; its classes are 0 to {_classes - 1}."
            );
        if (_dataset is IRandomDataset random)
            random.Read(index, StreamOf(index), values);
        else
            _dataset.Read(index, values);
        if (FiniteValues.FirstOther<float>(values) is int place)
            throw new InvalidDataException(Batch.NonFiniteExample(_dataset.Name, index, place, values[place]));
        return label;
    }

    // No stream of the orders, whose numbers are the epochs'.
    private RandomStream StreamOf(int index) => new(_seed, ((ulong)_epoch + 1) << 32 | (uint)index);
}
