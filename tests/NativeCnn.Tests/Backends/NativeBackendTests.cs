using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Native;
using NativeCnn.Tensors;
using NativeCnn.Threading;

namespace NativeCnn.Tests.Backends;

/// <summary>The contract of the native backend, and that it computes what the managed backend specifies.</summary>
public sealed class NativeBackendTests(NativeBackendTests.Fixture fixture)
    : OperationContractTests<NativeBackendTests.Fixture>(fixture)
{
    public static TheoryData<string> Operations => [.. OperationCases.All.Select(row => row.Operation.Name).Distinct()];

    [Theory, EveryRow]
    public void Computes_what_the_managed_backend_specifies(string name)
    {
        OperationCase row = OperationCases.Find(name);
        using ManagedBackend specification = new();
        OperationRun expected = OperationRun.Of(row, specification);
        OperationRun.Of(row, Backend).AssertClose(expected);
        OperationRun.Of(row, Shared.Exact).AssertClose(expected);
    }

    [Theory, EveryRow]
    public void Any_number_of_threads_gives_the_same_bits(string name)
    {
        OperationCase row = OperationCases.Find(name);
        OperationRun twoThreads = OperationRun.Of(row, Backend);
        OperationRun.Of(row, Shared.OneThread).AssertSameBits(twoThreads);
        OperationRun.Of(row, Shared.ThreeThreads).AssertSameBits(twoThreads);
    }

    // All rows of an operation at once: measuring takes a collection of garbage, and the tests have much of it.
    [Theory]
    [MemberData(nameof(Operations))]
    public void Running_allocates_nothing(string operation)
    {
        OperationCase[] rows = [.. OperationCases.All.Where(row => row.Operation.Name == operation)];
        OperationMemory[] memories = Array.ConvertAll(rows, row => new OperationMemory(row, ElementType.Float32));
        Kernel[] kernels = Array.ConvertAll(rows, row => Backend.Prepare(row.Operation));
        void Run()
        {
            for (int k = 0; k < kernels.Length; k++)
                kernels[k].Run(memories[k].Operands, rows[k].Scalars);
        }
        Run();
        Assert.Equal(0, AllocationMeter.Measure(Run, Backend.Pool));
        Array.ForEach(memories, memory => memory.Dispose());
    }

    [Theory, EveryRow]
    public void Planning_takes_no_memory_and_preparing_what_the_plan_said(string name)
    {
        OperationCase row = OperationCases.Find(name);
        using NativeBackend backend = new(threads: 2);
        ScratchSize size = backend.Plan(row.Operation)!.Scratch;
        Assert.Equal(0, backend.HeldScratchBytes);
        Assert.Equal(size, backend.Prepare(row.Operation).Scratch);
        Assert.Equal(2 * size.BytesPerThread + size.SharedBytes, backend.HeldScratchBytes);
    }

    [Fact]
    public void Exact_kernels_round_as_plain_sums_do() =>
        Assert.All(OperationCases.All, row => Assert.Equal(2, Shared.Exact.Plan(row.Operation)!.RoundingsPerProduct));

    [Fact]
    public void Says_what_it_is() =>
        Assert.Equal(("native", 2, ElementType.Float32), (Backend.Name, Backend.Threads, Backend.ElementType));

    public sealed class Fixture() : BackendFixture(new NativeBackend(threads: 2))
    {
        public NativeBackend Exact { get; } = new(new NativeBackendOptions { Threads = 2, Exact = true });

        public NativeBackend OneThread { get; } = new(threads: 1);

        public NativeBackend ThreeThreads { get; } = new(threads: 3);

        public override void Dispose()
        {
            base.Dispose();
            Exact.Dispose();
            OneThread.Dispose();
            ThreeThreads.Dispose();
        }
    }
}
