// Fast kernels in C#: vectors over the spans of float32 tensors. This backend has them for two operations only; it
// goes before PlainBackend, which has the others.
using System.Numerics;
using System.Runtime.InteropServices;
using NativeCnn.Backends;
using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace Extensions;

/// <summary>The squared ReLU, eight or sixteen elements at a time.</summary>
public sealed class FastBackend : Backend
{
    public override string Name => "fast";

    public override ElementType ElementType => ElementType.Float32;

    public override int Threads => 1;

    public override Kernel? Plan(Operation operation) =>
        operation switch
        {
            SquaredReluForward o => new FastSquaredReluForwardKernel(this, o),
            SquaredReluBackward o => new FastSquaredReluBackwardKernel(this, o),
            _ => null,
        };
}

internal sealed class FastSquaredReluForwardKernel(Backend backend, SquaredReluForward operation)
    : Kernel(backend, operation)
{
    // y = max(0, x)²
    protected override void Compute(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        ReadOnlySpan<float> x = operands[0]!.Span;
        Span<float> y = operands[1]!.Span;
        ReadOnlySpan<Vector<float>> xs = MemoryMarshal.Cast<float, Vector<float>>(x);
        Span<Vector<float>> ys = MemoryMarshal.Cast<float, Vector<float>>(y);
        for (int k = 0; k < ys.Length; k++)
        {
            Vector<float> r = Vector.Max(xs[k], Vector<float>.Zero);
            ys[k] = r * r;
        }
        for (int k = ys.Length * Vector<float>.Count; k < y.Length; k++)
        {
            float r = float.Max(x[k], 0);
            y[k] = r * r;
        }
    }
}

internal sealed class FastSquaredReluBackwardKernel(Backend backend, SquaredReluBackward operation)
    : Kernel(backend, operation)
{
    // dx = 2 max(0, x) dy
    protected override void Compute(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        ReadOnlySpan<float> x = operands[0]!.Span;
        ReadOnlySpan<float> dy = operands[1]!.Span;
        Span<float> dx = operands[2]!.Span;
        ReadOnlySpan<Vector<float>> xs = MemoryMarshal.Cast<float, Vector<float>>(x);
        ReadOnlySpan<Vector<float>> dys = MemoryMarshal.Cast<float, Vector<float>>(dy);
        Span<Vector<float>> dxs = MemoryMarshal.Cast<float, Vector<float>>(dx);
        for (int k = 0; k < dxs.Length; k++)
            dxs[k] = 2 * Vector.Max(xs[k], Vector<float>.Zero) * dys[k];
        for (int k = dxs.Length * Vector<float>.Count; k < dx.Length; k++)
            dx[k] = 2 * float.Max(x[k], 0) * dy[k];
    }
}
