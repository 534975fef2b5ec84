using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Managed;

public sealed partial class ManagedBackend
{
    private static readonly bool DenseUpdate = Provide<DenseUpdate>(
        (b, operation) => b.Plan(operation.Update) is null ? null : new DenseUpdateKernel(b, operation)
    );
}

/// <summary>
/// The definition: the gradient as of any dense layer, and then the update, whichever it is. Both in float64, so that
/// the gradient is not rounded between them.
/// </summary>
internal sealed class DenseUpdateKernel : Kernel
{
    private readonly DenseBackwardWeightsKernel _backward;
    private readonly Kernel _update;

    public DenseUpdateKernel(ManagedBackend backend, DenseUpdate operation)
        : base(backend, operation)
    {
        var wide = new ManagedBackend(ElementType.Float64);
        Shape input = operation.Operands[0].Shape;
        _backward = new DenseBackwardWeightsKernel(wide, new DenseBackwardWeights(input, operation.Update.Shape));
        _update = wide.Plan(operation.Update)!;
    }

    protected internal override void Compute(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        var wide = new Tensor[operands.Length];
        for (int i = 0; i < wide.Length; i++)
        {
            wide[i] = new Tensor(operands[i]!.Shape, ElementType.Float64);
            operands[i]!.CopyTo(wide[i]);
        }
        // g[o,k] = Σ_n dy[n,o] x[n,k], added to zeros
        using var gradient = new Tensor(_update.Operation.Operands[0].Shape, ElementType.Float64);
        _backward.Compute([wide[0], wide[1], gradient], scalars: default);
        // After the input and the output's gradient come the states and the weights, as the update takes them.
        _update.Compute([gradient, .. wide[2..]], scalars);
        for (int i = 2; i < wide.Length; i++)
            wide[i].CopyTo(operands[i]!);
        foreach (Tensor tensor in wide)
            tensor.Dispose();
    }
}
