using NativeCnn.Backends;

namespace NativeCnn.Tests.Backends;

/// <summary>What <see cref="IBackend"/> promises of every operation, for every row of the registry.</summary>
/// <typeparam name="TFixture">Makes the backend under test, once for all rows.</typeparam>
public abstract class OperationContractTests<TFixture>(TFixture fixture) : IClassFixture<TFixture>
    where TFixture : BackendFixture
{
    /// <summary>The backend under test, and what else its tests share.</summary>
    protected TFixture Shared { get; } = fixture;

    /// <summary>The backend under test.</summary>
    protected IBackend Backend => Shared.Backend;

    [Theory]
    [MemberData(nameof(OperationCases.Names), MemberType = typeof(OperationCases))]
    public void Inputs_stay_untouched(string name) =>
        OperationRun.Of(OperationCases.Find(name), Backend).AssertInputsUntouched();

    [Theory]
    [MemberData(nameof(OperationCases.Names), MemberType = typeof(OperationCases))]
    public void Nothing_is_written_outside_the_tensors(string name) =>
        OperationRun.Of(OperationCases.Find(name), Backend).AssertGuardsIntact();

    [Theory]
    [MemberData(nameof(OperationCases.Names), MemberType = typeof(OperationCases))]
    public void Outputs_do_not_depend_on_what_was_in_them_or_around_them(string name)
    {
        OperationCase row = OperationCases.Find(name);
        OperationRun poisonedWithNan = OperationRun.Of(row, Backend);
        OperationRun.Of(row, Backend, OperationRun.FinitePoison).AssertSameBits(poisonedWithNan);
    }

    [Theory]
    [MemberData(nameof(OperationCases.Names), MemberType = typeof(OperationCases))]
    public void Parameter_gradients_are_added_to(string name)
    {
        OperationCase row = OperationCases.Find(name);
        OperationRun fromZero = OperationRun.Of(row, Backend, accumulateFromZero: true);
        // Both runs round the sum, and adding the start rounds once more.
        OperationRun.Of(row, Backend).AssertAccumulated(fromZero, Tolerance.OfSum(Math.Max(row.SumLength, 1)));
    }

    [Theory]
    [MemberData(nameof(OperationCases.Names), MemberType = typeof(OperationCases))]
    public void Every_run_gives_the_same_bits(string name)
    {
        OperationCase row = OperationCases.Find(name);
        OperationRun.Of(row, Backend).AssertSameBits(OperationRun.Of(row, Backend));
    }
}

/// <summary>Holds a backend for the tests of a class.</summary>
public abstract class BackendFixture(IBackend backend) : IDisposable
{
    public IBackend Backend { get; } = backend;

    public void Dispose()
    {
        Backend.Dispose();
        DisposeOthers();
        GC.SuppressFinalize(this);
    }

    protected virtual void DisposeOthers() { }
}
