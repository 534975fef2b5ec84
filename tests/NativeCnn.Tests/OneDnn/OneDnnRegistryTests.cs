using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Native;
using NativeCnn.Backends.Operations;
using NativeCnn.OneDnn;
using NativeCnn.Tests.Backends;

namespace NativeCnn.Tests.OneDnn;

/// <summary>Every row of the registry on the third backend, forward and backward, against both others.</summary>
public sealed class OneDnnRegistryTests
{
    [OneDnnTheory, EveryRow]
    public void Every_row_is_what_both_other_backends_compute(string name)
    {
        OperationCase row = OperationCases.Find(name);
        using var managed = new ManagedBackend();
        using var native = new NativeBackend(2);
        using var oneDnn = new OneDnnBackend(2);
        OperationRun run = OperationRun.Of(row, oneDnn);
        run.AssertClose(OperationRun.Of(row, managed));
        run.AssertClose(OperationRun.Of(row, native), BothRound(row, oneDnn, native));
        run.AssertInputsUntouched();
        run.AssertGuardsIntact();
    }

    /// <summary>Either kernel may be off by its own tolerance, Winograd's by more than a plain sum.</summary>
    internal static Tolerance BothRound(OperationCase row, Backend first, Backend second)
    {
        IEnumerable<Operand> written = row.Operation.Operands.Where(operand => operand.Role != OperandRole.Read);
        return Tolerance.OfSum(
            written.Max(operand => operand.SumLength ?? row.Operation.SumLength),
            first.Plan(row.Operation)!.RoundingsPerProduct + second.Plan(row.Operation)!.RoundingsPerProduct
        );
    }
}
