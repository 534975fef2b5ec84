using NativeCnn.Backends;

namespace NativeCnn.Tests.Backends;

/// <summary>What <see cref="IBackend"/> promises of every operation, for every row of the registry.</summary>
public abstract class OperationContractTests : IDisposable
{
    private readonly IBackend _backend;

    protected OperationContractTests(IBackend backend) => _backend = backend;

    public static TheoryData<string> Cases => OperationCases.Names;

    /// <summary>The backend under test.</summary>
    protected IBackend Backend => _backend;

    public void Dispose()
    {
        _backend.Dispose();
        GC.SuppressFinalize(this);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Inputs_stay_untouched(string name) =>
        OperationRun.Of(OperationCases.Find(name), _backend).AssertInputsUntouched();

    [Theory]
    [MemberData(nameof(Cases))]
    public void Nothing_is_written_outside_the_tensors(string name) =>
        OperationRun.Of(OperationCases.Find(name), _backend).AssertGuardsIntact();

    [Theory]
    [MemberData(nameof(Cases))]
    public void Outputs_do_not_depend_on_what_was_in_them_or_around_them(string name)
    {
        OperationCase row = OperationCases.Find(name);
        OperationRun poisonedWithNan = OperationRun.Of(row, _backend);
        OperationRun.Of(row, _backend, OperationRun.FinitePoison).AssertSameBits(poisonedWithNan);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Parameter_gradients_are_added_to(string name)
    {
        OperationCase row = OperationCases.Find(name);
        OperationRun fromZero = OperationRun.Of(row, _backend, accumulateFromZero: true);
        // Both runs round the sum, and adding the start rounds once more.
        OperationRun.Of(row, _backend).AssertAccumulated(fromZero, Tolerance.OfSum(Math.Max(row.SumLength, 1)));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_run_gives_the_same_bits(string name)
    {
        OperationCase row = OperationCases.Find(name);
        OperationRun.Of(row, _backend).AssertSameBits(OperationRun.Of(row, _backend));
    }
}
