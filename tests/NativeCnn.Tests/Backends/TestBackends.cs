using System.Reflection;
using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Native;
using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;
using Xunit.Sdk;

namespace NativeCnn.Tests.Backends;

/// <summary>Every backend there is, by a name that a theory can show.</summary>
internal static class TestBackends
{
    private static readonly Dictionary<string, Func<Backend>> Makers = new()
    {
        ["managed"] = () => new ManagedBackend(),
        ["managed in float64"] = () => new ManagedBackend(ElementType.Float64),
        ["native"] = () => new NativeBackend(threads: 2),
    };

    /// <summary>The names of all backends.</summary>
    public static IEnumerable<string> Names => Makers.Keys;

    /// <summary>The backend of a name.</summary>
    public static Backend Create(string name) => Makers[name]();

    /// <summary>As <see cref="Compute(Backend, Operation, double[][], double[])"/> on the backend of a name.</summary>
    public static double[][] Compute(string name, Operation operation, params double[][] given) =>
        Compute(name, [], operation, given);

    /// <summary>As <see cref="Compute(Backend, Operation, double[][], double[])"/> on the backend of a name.</summary>
    public static double[][] Compute(string name, double[] scalars, Operation operation, params double[][] given)
    {
        using Backend backend = Create(name);
        return backend.Compute(operation, given, scalars);
    }

    /// <summary>
    /// Runs an operation on values, those of the wanted operands that hold something before, in their order; returns
    /// those of the wanted operands that are written, in their order.
    /// </summary>
    public static double[][] Compute(
        this Backend backend,
        Operation operation,
        double[][] given,
        params double[] scalars
    )
    {
        var values = new Queue<double[]>(given);
        var operands = new Tensor?[operation.Operands.Count];
        for (int k = 0; k < operands.Length; k++)
        {
            Operand declared = operation.Operands[k];
            if (!declared.IsWanted)
                continue;
            operands[k] = new Tensor(declared.Shape, declared.TypeOn(backend.ElementType));
            if (declared.Role != OperandRole.Overwritten)
                TensorValues.Write(values.Dequeue(), operands[k]!);
        }
        Assert.Empty(values);
        backend.Prepare(operation).Run(operands, scalars);
        double[][] written =
        [
            .. operands
                .Where((operand, k) => operand is not null && operation.Operands[k].Role != OperandRole.Read)
                .Select(operand => TensorValues.Read(operand!)),
        ];
        foreach (Tensor? operand in operands)
            operand?.Dispose();
        return written;
    }
}

/// <summary>A kernel of one's own, which leaves its operands as they are.</summary>
internal sealed class TestKernel(Backend backend, Operation operation, Action? compute = null)
    : Kernel(backend, operation)
{
    public bool IsReserved { get; private set; }

    protected internal override void Reserve() => IsReserved = true;

    protected internal override void Compute(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars) =>
        compute?.Invoke();
}

/// <summary>Gives a theory the names of all backends.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class EveryBackendAttribute : DataAttribute
{
    public override IEnumerable<object[]> GetData(MethodInfo testMethod) =>
        TestBackends.Names.Select(name => new object[] { name });
}
