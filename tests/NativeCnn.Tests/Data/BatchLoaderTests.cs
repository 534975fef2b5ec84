using System.Diagnostics;
using System.Runtime.CompilerServices;
using NativeCnn.Data;
using NativeCnn.Tensors;
using NativeCnn.Threading;

namespace NativeCnn.Tests.Data;

/// <summary>Tests that measure the whole process's allocation run while nothing else does.</summary>
[CollectionDefinition(nameof(BatchLoaderTests), DisableParallelization = true)]
public class RunsAlone;

[Collection(nameof(BatchLoaderTests))]
public class BatchLoaderTests
{
    [Theory]
    [InlineData(10, 3, 1)]
    [InlineData(10, 5, 2)]
    [InlineData(10, 1, 2)]
    [InlineData(10, 10, 2)]
    [InlineData(3, 8, 4)]
    [InlineData(100, 7, 20)]
    public void Without_shuffling_batches_follow_the_order_of_the_set(int count, int batchSize, int prefetch)
    {
        NumberedDataset set = new(count, 2, 3, 2);
        using BatchLoader loader = new(set, batchSize, shuffle: false, prefetch: prefetch);
        for (int epoch = 0; epoch < 3; epoch++)
        {
            loader.StartEpoch(epoch);
            int seen = 0;
            int batches = 0;
            while (loader.Next() is Batch batch)
            {
                Assert.Equal(new Shape(batchSize, 2, 3, 2), batch.Images.Shape);
                Assert.Equal(Math.Min(batchSize, count - seen), batch.Count);
                for (int i = 0; i < batchSize; i++)
                {
                    int expected = i < batch.Count ? seen + i : -1;
                    Assert.Equal(expected, batch.Indices[i]);
                    Assert.Equal(expected, batch.Labels[i]);
                    foreach (float value in batch.Images.Span.Slice(i * 12, 12))
                        Assert.Equal(Math.Max(expected, 0), value);
                }
                seen += batch.Count;
                batches++;
            }
            Assert.Equal(count, seen);
            Assert.Equal(loader.BatchCount, batches);
            Assert.Null(loader.Next());
        }
    }

    [Fact]
    public void Order_depends_on_seed_and_epoch_alone()
    {
        int[] first = Order(seed: 1, epoch: 4, batchSize: 7, prefetch: 2);
        Assert.Equal(first, Order(seed: 1, epoch: 4, batchSize: 10, prefetch: 3));
        Assert.NotEqual(first, Order(seed: 1, epoch: 5, batchSize: 7, prefetch: 2));
        Assert.NotEqual(first, Order(seed: 2, epoch: 4, batchSize: 7, prefetch: 2));
        Assert.Equal(Enumerable.Range(0, 50), first.Order());
    }

    [Fact]
    public void An_epochs_order_does_not_depend_on_the_epochs_before()
    {
        using BatchLoader loader = new(new NumberedDataset(50), 7, seed: 1);
        loader.StartEpoch(0);
        loader.Next();
        loader.StartEpoch(4);
        Assert.Equal(Order(seed: 1, epoch: 4, batchSize: 7, prefetch: 2), Drain(loader));
    }

    [Fact]
    public void A_returned_batch_stays_as_it_is_until_the_next_call()
    {
        using BatchLoader loader = new(new NumberedDataset(60), 3, shuffle: false);
        loader.StartEpoch(0);
        int start = 0;
        while (loader.Next() is Batch batch)
        {
            // Long enough for the thread to fill every free place.
            Thread.Sleep(2);
            Assert.Equal([start, start + 1, start + 2], batch.Labels);
            Assert.Equal([start, start + 1, start + 2], batch.Images.Span.ToArray().Select(v => (int)v));
            start += 3;
        }
        Assert.Equal(60, start);
    }

    [Fact]
    public void Batches_are_filled_while_the_caller_works()
    {
        using BatchLoader loader = new(
            new NumberedDataset(6) { DelayMilliseconds = 100 },
            1,
            shuffle: false,
            prefetch: 2
        );
        loader.StartEpoch(0);
        loader.Next();
        Thread.Sleep(600);
        long before = Stopwatch.GetTimestamp();
        loader.Next();
        loader.Next();
        Assert.True(Stopwatch.GetElapsedTime(before) < TimeSpan.FromMilliseconds(100));
    }

    [Fact]
    public void An_epoch_allocates_no_managed_memory()
    {
        var dataset = new NumberedDataset(1000, 4, 4, 1);
        using BatchLoader loader = new(dataset, 16, seed: 3);
        void Epochs(int first, int count)
        {
            for (int epoch = first; epoch < first + count; epoch++)
            {
                loader.StartEpoch(epoch);
                while (loader.Next() is not null) { }
            }
        }
        Epochs(0, 1);
        // The runtime allocates an event where a lock is first contended, once in the loader's life: the least of three
        // leaves that out.
        long mine = long.MaxValue;
        long readers = long.MaxValue;
        for (int first = 1; first <= 9; first += 3)
        {
            long before = 0;
            mine = Math.Min(
                mine,
                AllocationMeter.Measure(() =>
                {
                    Epochs(first, 1);
                    before = dataset.ReadersAllocatedBytes;
                    Epochs(first + 1, 2);
                })
            );
            readers = Math.Min(readers, dataset.ReadersAllocatedBytes - before);
        }
        Assert.Equal(0, mine);
        Assert.Equal(0, readers);
    }

    [Fact]
    public void An_error_of_the_set_comes_out_after_the_batches_before_it()
    {
        using BatchLoader loader = new(new NumberedDataset(10) { Broken = 5 }, 2, shuffle: false, prefetch: 4);
        for (int epoch = 0; epoch < 2; epoch++)
        {
            loader.StartEpoch(epoch);
            Assert.Equal(0, loader.Next()?.Labels[0]);
            Assert.Equal(2, loader.Next()?.Labels[0]);
            for (int again = 0; again < 2; again++)
            {
                InvalidDataException error = Assert.Throws<InvalidDataException>(() => loader.Next());
                Assert.Equal("Example 5 cannot be read.", error.Message);
            }
        }
    }

    [Fact]
    public void An_epoch_can_start_again_at_any_batch()
    {
        using BatchLoader loader = new(new NumberedDataset(100), 3, seed: 9);
        int[] expected = Order(seed: 9, epoch: 1, batchSize: 3, prefetch: 2, count: 100);
        for (int taken = 0; taken < 36; taken++)
        {
            loader.StartEpoch(0);
            for (int i = 0; i < taken; i++)
                loader.Next();
            loader.StartEpoch(1);
            Assert.Equal(expected, Drain(loader));
        }
    }

    [Fact]
    public void Disposal_in_mid_epoch_stops_the_thread_without_reading_the_rest()
    {
        BatchLoader loader = new(new NumberedDataset(1000) { DelayMilliseconds = 20 }, 500);
        loader.StartEpoch(0);
        Thread.Sleep(50);
        long before = Stopwatch.GetTimestamp();
        loader.Dispose();
        loader.Dispose();
        // The rest of the batch would take 10 s.
        Assert.True(Stopwatch.GetElapsedTime(before) < TimeSpan.FromSeconds(2));
        Assert.Throws<ObjectDisposedException>(() => loader.Next());
        Assert.Throws<ObjectDisposedException>(() => loader.StartEpoch(1));
    }

    [Fact]
    public void A_loader_that_nobody_disposed_is_collected_with_its_data_set()
    {
        WeakReference dataset = Abandon();
        Assert.True(
            SpinWait.SpinUntil(
                () =>
                {
                    GC.Collect();
                    return !dataset.IsAlive;
                },
                TimeSpan.FromMinutes(2)
            )
        );
    }

    [Fact]
    public void Wrong_use_is_refused()
    {
        NumberedDataset set = new(10);
        Assert.Throws<ArgumentOutOfRangeException>(() => new BatchLoader(set, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new BatchLoader(set, 1, prefetch: 0));
        Assert.Throws<ShapeException>(() => new BatchLoader(new NumberedDataset(10, 1000, 1000), 1 << 20));
        using BatchLoader loader = new(set, 2);
        Assert.Throws<InvalidOperationException>(() => loader.Next());
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Abandon()
    {
        NumberedDataset set = new(10);
        BatchLoader loader = new(set, 2);
        loader.StartEpoch(0);
        loader.Next();
        return new WeakReference(set);
    }

    private static int[] Order(ulong seed, int epoch, int batchSize, int prefetch, int count = 50)
    {
        using BatchLoader loader = new(new NumberedDataset(count), batchSize, seed, prefetch: prefetch);
        loader.StartEpoch(epoch);
        return Drain(loader);
    }

    private static int[] Drain(BatchLoader loader)
    {
        List<int> order = [];
        while (loader.Next() is Batch batch)
            order.AddRange(batch.Indices.AsSpan(0, batch.Count));
        return [.. order];
    }
}
