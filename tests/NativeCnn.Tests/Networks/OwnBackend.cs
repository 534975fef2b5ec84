using NativeCnn.Backends;
using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Tests.Networks;

/// <summary>What a kernel of the tests' own does with its operands.</summary>
internal delegate void OwnKernel(ReadOnlySpan<Tensor?> operands);

/// <summary>A backend of the tests' own: computes the operations that it was given kernels for, and no other.</summary>
internal sealed class OwnBackend(ElementType type = ElementType.Float32) : Backend
{
    private readonly Dictionary<Type, OwnKernel> _kernels = [];

    public override string Name => "own";

    public override ElementType ElementType => type;

    public override int Threads => 1;

    public OwnBackend With<TOperation>(OwnKernel compute)
    {
        _kernels.Add(typeof(TOperation), compute);
        return this;
    }

    public override Kernel? Plan(Operation operation) =>
        _kernels.TryGetValue(operation.GetType(), out OwnKernel? compute) ? new Bound(this, operation, compute) : null;

    private sealed class Bound(Backend backend, Operation operation, OwnKernel compute) : Kernel(backend, operation)
    {
        protected internal override void Compute(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars) =>
            compute(operands);
    }
}
