using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Native;
using NativeCnn.Tensors;

namespace NativeCnn.Tests.Backends;

/// <summary>The contract of the native backend, and that it computes what the managed backend specifies.</summary>
public sealed class NativeBackendTests(NativeBackendTests.Fixture fixture)
    : OperationContractTests<NativeBackendTests.Fixture>(fixture)
{
    [Theory]
    [MemberData(nameof(OperationCases.Names), MemberType = typeof(OperationCases))]
    public void Computes_what_the_managed_backend_specifies(string name)
    {
        OperationCase row = OperationCases.Find(name);
        using ManagedBackend specification = new();
        using NativeBackend exact = new(new NativeBackendOptions { Threads = 2, Exact = true });
        OperationRun.Of(row, exact).AssertClose(OperationRun.Of(row, specification), Tolerance.OfSum(row.SumLength));
    }

    [Theory]
    [MemberData(nameof(OperationCases.Names), MemberType = typeof(OperationCases))]
    public void The_planners_choice_is_within_the_bounds_of_its_algorithms(string name)
    {
        OperationCase row = OperationCases.Find(name);
        using ManagedBackend specification = new();
        // The tiles of 64 points, which only these have, round more than a plain sum may.
        bool largeTiles =
            name.StartsWith("Convolution", StringComparison.Ordinal)
            && name.Contains(", 5×5", StringComparison.Ordinal)
            && !name.Contains("stride", StringComparison.Ordinal)
            && !name.Contains("dilation", StringComparison.Ordinal);
        Tolerance tolerance = largeTiles ? Tolerance.OfWinograd(row.SumLength) : Tolerance.OfSum(row.SumLength);
        OperationRun.Of(row, Backend).AssertClose(OperationRun.Of(row, specification), tolerance);
    }

    [Theory]
    [MemberData(nameof(OperationCases.Names), MemberType = typeof(OperationCases))]
    public void Any_number_of_threads_gives_the_same_bits(string name)
    {
        OperationCase row = OperationCases.Find(name);
        OperationRun twoThreads = OperationRun.Of(row, Backend);
        OperationRun.Of(row, Shared.OneThread).AssertSameBits(twoThreads);
        OperationRun.Of(row, Shared.ThreeThreads).AssertSameBits(twoThreads);
    }

    [Fact]
    public void Says_what_it_is()
    {
        Assert.Equal("native", Backend.Name);
        Assert.Equal(2, Backend.Threads);
        Assert.Equal(ElementType.Float32, Backend.ElementType);
    }

    public sealed class Fixture() : BackendFixture(new NativeBackend(threads: 2))
    {
        public NativeBackend OneThread { get; } = new(threads: 1);

        public NativeBackend ThreeThreads { get; } = new(threads: 3);

        protected override void DisposeOthers()
        {
            OneThread.Dispose();
            ThreeThreads.Dispose();
        }
    }
}
