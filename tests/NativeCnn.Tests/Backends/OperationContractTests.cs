using NativeCnn.Backends;

namespace NativeCnn.Tests.Backends;

/// <summary>What a backend promises of every operation, for every row of the registry.</summary>
/// <typeparam name="TFixture">Makes the backend under test, once for all rows.</typeparam>
public abstract partial class OperationContractTests<TFixture>(TFixture fixture) : IClassFixture<TFixture>
    where TFixture : BackendFixture
{
    /// <summary>The backend under test, and what else its tests share.</summary>
    protected TFixture Shared { get; } = fixture;

    /// <summary>The backend under test.</summary>
    protected Backend Backend => Shared.Backend;

    [Theory, EveryRow]
    public void What_is_read_stays_untouched(string name) =>
        OperationRun.Of(OperationCases.Find(name), Backend).AssertInputsUntouched();

    [Theory, EveryRow]
    public void Nothing_is_written_outside_the_operands(string name) =>
        OperationRun.Of(OperationCases.Find(name), Backend).AssertGuardsIntact();

    [Theory, EveryRow]
    public void Results_do_not_depend_on_what_was_in_them_or_around_them(string name)
    {
        OperationCase row = OperationCases.Find(name);
        OperationRun poisonedWithNan = OperationRun.Of(row, Backend);
        OperationRun.Of(row, Backend, OperationMemory.FinitePoison).AssertSameBits(poisonedWithNan);
    }

    [Theory, EveryRow]
    public void Parameter_gradients_are_added_to(string name)
    {
        OperationCase row = OperationCases.Find(name);
        OperationRun fromZero = OperationRun.Of(row, Backend, accumulateFromZero: true);
        OperationRun.Of(row, Backend).AssertAccumulated(fromZero);
    }

    [Theory, EveryRow]
    public void Every_run_gives_the_same_bits(string name)
    {
        OperationCase row = OperationCases.Find(name);
        OperationRun.Of(row, Backend).AssertSameBits(OperationRun.Of(row, Backend));
    }

    [Theory, EveryRow]
    public void In_place_gives_the_same_bits(string name)
    {
        OperationCase row = OperationCases.Find(name);
        OperationRun apart = OperationRun.Of(row, Backend);
        for (int k = 0; k < row.Operation.Operands.Count; k++)
        {
            if (row.Operation.Operands[k] is { IsWanted: true, MayBe: not null })
                OperationRun.Of(row, Backend, inPlace: k).AssertSameBits(apart);
        }
    }
}

/// <summary>Holds a backend for the tests of a class.</summary>
public abstract class BackendFixture(Backend backend) : IDisposable
{
    public Backend Backend { get; } = backend;

    public virtual void Dispose()
    {
        Backend.Dispose();
        GC.SuppressFinalize(this);
    }
}
