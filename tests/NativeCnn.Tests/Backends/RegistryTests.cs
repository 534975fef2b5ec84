using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Native;
using NativeCnn.Backends.Operations;
using NativeCnn.Benchmarks;

namespace NativeCnn.Tests.Backends;

/// <summary>That nothing was forgotten: what the engine declares has kernels, and rows that check them.</summary>
public sealed class RegistryTests
{
    [Fact]
    public void Every_operation_has_rows_kernels_and_a_benchmark()
    {
        IEnumerable<Type> declared = EngineTypes.Of<Operation>();
        Assert.Empty(declared.Except(OperationCases.All.Select(row => row.Operation.GetType())));
        Assert.Empty(declared.Except(ManagedBackend.Operations));
        Assert.Empty(declared.Except(NativeBackend.Operations));
        Assert.Empty(declared.Except(BenchmarkedOperations.All.Select(row => row.Operation.GetType())));
    }

    [Fact]
    public void Every_operation_with_an_activation_has_rows_with_each_kind()
    {
        var kinds =
            from row in OperationCases.All
            from property in row.Operation.GetType().GetProperties()
            where property.PropertyType == typeof(Activation)
            group ((Activation)property.GetValue(row.Operation)!).Kind by row.Operation.Name;
        Assert.NotEmpty(kinds);
        // What needs its input is never in one pass with the bias after it.
        ActivationKind[] fused =
        [
            .. ActivationTraits.All.Where(t => t.DerivativeSource != DerivativeSource.Input).Select(t => t.Kind),
        ];
        Assert.All(
            kinds,
            used =>
                Assert.Equal(
                    used.Key == nameof(ActivationBiasBackward) ? fused : Enum.GetValues<ActivationKind>(),
                    used.Distinct().Order()
                )
        );
    }

    [Fact]
    public void Every_gradient_is_compared_with_differences()
    {
        IEnumerable<Operation> gradients = OperationCases
            .All.Select(row => row.Operation)
            .Where(operation =>
                operation.Operands.Any(operand =>
                    operand is { IsWanted: true, Role: OperandRole.Overwritten or OperandRole.Accumulated }
                    && operand.Name.Contains("radient", StringComparison.Ordinal)
                )
            );
        IEnumerable<string> compared = OperationGradientTests.Rows.Select(row => row.Operation.Name);
        Assert.Empty(gradients.Select(operation => operation.Name).Distinct().Except(compared));
    }
}
