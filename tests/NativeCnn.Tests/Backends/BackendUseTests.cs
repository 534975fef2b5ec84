using NativeCnn.Backends;
using NativeCnn.Backends.Operations;

namespace NativeCnn.Tests.Backends;

/// <summary>A backend runs one kernel at a time, and none after its end; others change nothing.</summary>
public sealed class BackendUseTests
{
    private const string InUse = "is in use by another call. Give each thread one of its own, or take turns.";

    // One row of each operation.
    private static IEnumerable<OperationCase> Rows => OperationCases.All.DistinctBy(row => row.Operation.GetType());

    [Theory, EveryBackend]
    public void A_second_thread_is_refused_and_disturbs_nothing(string name)
    {
        using Backend backend = TestBackends.Create(name);
        using AutoResetEvent inside = new(false);
        using AutoResetEvent go = new(false);
        Kernel blocking = new TestKernel(backend, new Nothing(), () => WaitHandle.SignalAndWait(inside, go));
        (OperationCase Row, OperationRun Run)[] before = [.. Rows.Select(row => (row, OperationRun.Of(row, backend)))];
        Kernel[] kernels = [.. Rows.Select(row => backend.Prepare(row.Operation))];
        Thread other = new(() => blocking.Run([]));
        other.Start();
        try
        {
            inside.WaitOne();
            foreach ((OperationCase row, Kernel kernel) in Rows.Zip(kernels))
                AssertRefused<InvalidOperationException>(backend, row, kernel, InUse);
            Refuse<InvalidOperationException>(() => backend.Prepare(kernels[0].Operation), backend, InUse);
            Refuse<InvalidOperationException>(backend.Dispose, backend, InUse);
        }
        finally
        {
            go.Set();
            other.Join();
        }
        Assert.All(before, pair => OperationRun.Of(pair.Row, backend).AssertSameBits(pair.Run));
    }

    [Theory, EveryBackend]
    public void A_kernel_within_a_kernel_is_refused_and_leaves_the_backend_usable(string name)
    {
        using Backend backend = TestBackends.Create(name);
        Kernel inner = new TestKernel(backend, new Nothing(), () => { });
        Kernel outer = new TestKernel(backend, new Nothing(), () => inner.Run([]));
        Refuse<InvalidOperationException>(() => outer.Run([]), backend, InUse);
        inner.Run([]);
    }

    [Theory, EveryBackend]
    public void A_disposed_backend_computes_nothing(string name)
    {
        Backend backend = TestBackends.Create(name);
        Kernel[] kernels = [.. Rows.Select(row => backend.Prepare(row.Operation))];
        backend.Dispose();
        backend.Dispose();
        foreach ((OperationCase row, Kernel kernel) in Rows.Zip(kernels))
            AssertRefused<ObjectDisposedException>(backend, row, kernel, "was disposed");
        Refuse<ObjectDisposedException>(() => backend.Prepare(kernels[0].Operation), backend, "was disposed");
    }

    private static void AssertRefused<TException>(Backend backend, OperationCase row, Kernel kernel, string words)
        where TException : Exception
    {
        using OperationMemory memory = new(row, backend.ElementType);
        byte[] before = memory.Bytes();
        Refuse<TException>(() => kernel.Run(memory.Operands, row.Scalars), backend, words);
        Comparison.SameBits<byte>(before, memory.Bytes(), row.Name);
    }

    private static void Refuse<TException>(Action action, Backend backend, string words)
        where TException : Exception
    {
        string message = Assert.Throws<TException>(action).Message;
        Assert.Contains($"backend '{backend.Name}' {words}", message, StringComparison.Ordinal);
    }

    private sealed class Nothing() : Operation("forward", 0, []);
}
