using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Managed;

public sealed partial class ManagedBackend
{
    private static readonly bool DivisiveNorm =
        Provide<DivisiveNormForward>((b, operation) => new DivisiveNormForwardKernel(b, operation))
        && Provide<DivisiveNormBackward>((b, operation) => new DivisiveNormBackwardKernel(b, operation));
}

internal sealed class DivisiveNormForwardKernel(ManagedBackend backend, DivisiveNormForward operation)
    : ManagedKernel<DivisiveNormForward>(backend, operation)
{
    // s = √(Σ_j K ∗ v_j²);  c = mean of s;  y_i = v_i / max(c, s)
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        Shape shape = operands[0]!.Shape;
        int pixels = shape.Height * shape.Width;
        for (int n = 0; n < shape.BatchSize; n++)
        {
            ReadOnlySpan<T> v = Elements<T>(operands[0]).Slice(n * shape.ElementsPerExample, shape.ElementsPerExample);
            Span<T> y = Elements<T>(operands[1]).Slice(n * shape.ElementsPerExample, shape.ElementsPerExample);
            var squares = new double[pixels];
            for (int k = 0; k < v.Length; k++)
                squares[k / shape.Channels] += Wide(v[k]) * Wide(v[k]);
            double[] s = GaussianMeans.Of(Operation.Window, squares, shape.Height, shape.Width, shape.Channels);
            for (int p = 0; p < pixels; p++)
                s[p] = Math.Sqrt(s[p]);
            double c = Operation.Constant > 0 ? Operation.Constant : s.Average();
            for (int k = 0; k < v.Length; k++)
            {
                double d = Math.Max(c, s[k / shape.Channels]);
                y[k] = d == 0 ? T.Zero : Round<T>(Wide(v[k]) / d);
            }
            if (operands[2] is null)
                continue;
            for (int p = 0; p < pixels; p++)
                Elements<T>(operands[2])[n * pixels + p] = Round<T>(s[p]);
        }
    }
}

internal sealed class DivisiveNormBackwardKernel(ManagedBackend backend, DivisiveNormBackward operation)
    : ManagedKernel<DivisiveNormBackward>(backend, operation)
{
    // d = max(c, s);  g = Σ_j dy_j v_j;  dd = −g / d², to s where s ≥ c, else to c and from there to all s evenly;
    // dv_i = dy_i / d + v_i Kᵀ ∗ (ds / s), as s² = Σ_j K ∗ v_j²
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        Shape shape = operands[0]!.Shape;
        int pixels = shape.Height * shape.Width;
        for (int n = 0; n < shape.BatchSize; n++)
        {
            ReadOnlySpan<T> v = Elements<T>(operands[0]).Slice(n * shape.ElementsPerExample, shape.ElementsPerExample);
            ReadOnlySpan<T> s = Elements<T>(operands[1]).Slice(n * pixels, pixels);
            ReadOnlySpan<T> dy = Elements<T>(operands[2]).Slice(n * shape.ElementsPerExample, shape.ElementsPerExample);
            Span<T> dv = Elements<T>(operands[3]).Slice(n * shape.ElementsPerExample, shape.ElementsPerExample);
            var g = new double[pixels];
            for (int k = 0; k < v.Length; k++)
                g[k / shape.Channels] += Wide(dy[k]) * Wide(v[k]);
            double mean = 0;
            foreach (T value in s)
                mean += Wide(value) / pixels;
            double c = Operation.Constant > 0 ? Operation.Constant : mean;
            var ds = new double[pixels];
            double dc = 0;
            for (int p = 0; p < pixels; p++)
            {
                double d = Math.Max(c, Wide(s[p]));
                double dd = d == 0 ? 0 : -g[p] / (d * d);
                if (Wide(s[p]) < c)
                    dc += dd;
                else
                    ds[p] = dd;
            }
            for (int p = 0; p < pixels; p++)
            {
                ds[p] += Operation.Constant > 0 ? 0 : dc / pixels;
                ds[p] = Wide(s[p]) == 0 ? 0 : ds[p] / Wide(s[p]);
            }
            double[] spread = GaussianMeans.Adjoint(Operation.Window, ds, shape.Height, shape.Width, shape.Channels);
            for (int k = 0; k < v.Length; k++)
            {
                int p = k / shape.Channels;
                double d = Math.Max(c, Wide(s[p]));
                dv[k] = Round<T>((d == 0 ? 0 : Wide(dy[k]) / d) + Wide(v[k]) * spread[p]);
            }
        }
    }
}
