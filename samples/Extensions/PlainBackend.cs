// A partial backend: it has kernels for the operations of this sample and for nothing else. A CompositeBackend asks
// it before, or after, a backend of the engine, which has kernels for the rest.
using System.Numerics;
using NativeCnn.Backends;
using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace Extensions;

/// <summary>
/// The operations of this sample in plain loops, in float32 for training and in float64 for checking gradients.
/// </summary>
public sealed class PlainBackend(ElementType elementType = ElementType.Float32) : Backend
{
    public override string Name => "plain";

    public override ElementType ElementType => elementType;

    public override int Threads => 1;

    public override Kernel? Plan(Operation operation) =>
        operation switch
        {
            SquaredReluForward o => new SquaredReluForwardKernel(this, o),
            SquaredReluBackward o => new SquaredReluBackwardKernel(this, o),
            BatchCenteringForward o => new BatchCenteringForwardKernel(this, o),
            BatchCenteringBackward o => new BatchCenteringBackwardKernel(this, o),
            LogisticCrossEntropyLoss o => new LogisticCrossEntropyKernel(this, o),
            RmsPropUpdate o => new RmsPropKernel(this, o),
            _ => null,
        };
}

/// <summary>
/// A kernel that is written once for tensors of both element types. By now the operands are what the operation
/// declares.
/// </summary>
internal abstract class PlainKernel(Backend backend, Operation operation) : Kernel(backend, operation)
{
    protected sealed override void Compute(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        if (Backend.ElementType == ElementType.Float32)
            Compute<float>(operands, scalars);
        else
            Compute<double>(operands, scalars);
    }

    protected abstract void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
        where T : unmanaged, IFloatingPointIeee754<T>;

    /// <summary>The elements of an operand; none where it is not wanted.</summary>
    protected static Span<T> Elements<T>(Tensor? operand)
        where T : unmanaged => operand is null ? default : operand.AsSpan<T>();
}
