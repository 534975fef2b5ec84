using FsCheck;
using FsCheck.Fluent;
using NativeCnn.Networks.Compilation;

namespace NativeCnn.Tests.Networks.Compilation;

public sealed class MemoryPlanTests
{
    [Fact]
    public void Buffers_alive_together_never_share_a_byte()
    {
        Gen<(int Bytes, int First, int Length)> buffer =
            from bytes in Gen.Choose(1, 5000)
            from first in Gen.Choose(0, 30)
            from length in Gen.Choose(0, 20)
            select (bytes, first, length);
        Prop.ForAll(
                buffer.ArrayOf().ToArbitrary(),
                rows =>
                {
                    PlannedBuffer[] buffers = [.. rows.Select(Create)];
                    long size = MemoryPlan.Place(buffers);
                    return buffers.All(b => b.Offset % 64 == 0 && b.Offset + b.Bytes <= size)
                        && buffers.All(a => buffers.All(b => a == b || !a.Overlaps(b) || Apart(a, b)));
                }
            )
            .QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Memory_is_used_again_once_a_buffer_is_dead()
    {
        PlannedBuffer[] chain = [.. Enumerable.Range(0, 10).Select(i => Create((1024, i, 1)))];
        Assert.Equal(2048, MemoryPlan.Place(chain));
    }

    [Fact]
    public void A_sum_that_the_machine_does_not_have_is_refused_with_the_sum()
    {
        var e = Assert.Throws<InsufficientMemoryException>(() => MemoryPlan.CheckAvailable(1L << 50, "Network 'x'"));
        Assert.Contains("Network 'x' needs 1,073,741,824 MB", e.Message, StringComparison.Ordinal);
    }

    private static PlannedBuffer Create((int Bytes, int First, int Length) row)
    {
        var buffer = new PlannedBuffer("buffer", row.Bytes, row.First);
        buffer.UseAt(row.First + row.Length);
        return buffer;
    }

    private static bool Apart(PlannedBuffer a, PlannedBuffer b) =>
        a.Offset + a.Bytes <= b.Offset || b.Offset + b.Bytes <= a.Offset;
}
