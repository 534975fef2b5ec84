using NativeCnn.Data;

namespace NativeCnn.Tests.Data;

/// <summary>Several threads of a loader give what one gives.</summary>
public class LoaderThreadTests
{
    [Theory]
    [InlineData(1, 3, 1)]
    [InlineData(10, 3, 2)]
    [InlineData(100, 7, 3)]
    [InlineData(100, 64, 4)]
    [InlineData(50, 100, 8)]
    [InlineData(300, 1, 16)]
    public void Batches_do_not_depend_on_the_threads(int count, int batchSize, int threads)
    {
        NumberedDataset set = new(count, 2, 3, 2);
        using BatchLoader alone = new(set, batchSize, seed: 4, prefetch: 3);
        using BatchLoader several = new(set, batchSize, seed: 4, prefetch: 3, threads: threads);
        for (int epoch = 0; epoch < 5; epoch++)
        {
            alone.StartEpoch(epoch);
            several.StartEpoch(epoch);
            while (alone.Next() is Batch expected)
            {
                Batch actual = several.Next()!;
                Assert.Equal(expected.Count, actual.Count);
                Assert.Equal(expected.Indices, actual.Indices);
                Assert.Equal(expected.Labels, actual.Labels);
                Assert.True(expected.Images.Span.SequenceEqual(actual.Images.Span));
            }
            Assert.Null(several.Next());
        }
    }

    [Fact]
    public void Several_examples_are_read_at_once()
    {
        using var together = new Barrier(3);
        // Who reads alone waits for ever for the others.
        NumberedDataset set = new(3) { Reading = _ => Assert.True(together.SignalAndWait(TimeSpan.FromMinutes(1))) };
        using BatchLoader loader = new(set, 3, threads: 3);
        loader.StartEpoch(0);
        Assert.Equal(3, loader.Next()!.Count);
    }

    [Fact]
    public void Of_several_errors_the_first_is_told_after_the_batches_before_it()
    {
        for (int round = 0; round < 20; round++)
        {
            NumberedDataset set = new(40)
            {
                Reading = i =>
                {
                    if (i >= 11)
                        throw new InvalidDataException($"{i}");
                },
            };
            using BatchLoader loader = new(set, 4, shuffle: false, prefetch: 6, threads: 5);
            loader.StartEpoch(0);
            Assert.Equal(0, loader.Next()!.Indices[0]);
            Assert.Equal(4, loader.Next()!.Indices[0]);
            for (int again = 0; again < 2; again++)
                Assert.Equal("11", Assert.Throws<InvalidDataException>(() => loader.Next()).Message);
        }
    }

    [Fact]
    public void An_epoch_can_be_dropped_at_any_batch_and_a_loader_in_mid_epoch()
    {
        NumberedDataset set = new(100);
        for (int taken = 0; taken < 20; taken++)
        {
            using BatchLoader loader = new(set, 5, seed: 2, threads: 4);
            loader.StartEpoch(0);
            for (int i = 0; i < taken; i++)
                loader.Next();
            loader.StartEpoch(1);
            List<int> seen = [];
            while (loader.Next() is Batch batch)
                seen.AddRange(batch.Indices);
            Assert.Equal(Enumerable.Range(0, 100), seen.Order());
            loader.StartEpoch(2);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(257)]
    public void Impossible_numbers_of_threads_are_refused(int threads) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new BatchLoader(new NumberedDataset(2), 1, threads: threads));
}
