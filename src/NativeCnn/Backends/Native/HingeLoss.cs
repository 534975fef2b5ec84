using NativeCnn.Backends.Operations;

namespace NativeCnn.Backends.Native;

public sealed unsafe partial class NativeBackend
{
    private static readonly bool HingeLoss = Provide<HingeLoss>((b, operation) => new HingeLossKernel(b, operation));
}

// loss = 1/C Σ_{c ≠ label} max(0, 1 − y_label + y_c); dy_c = scale/C where the term is above 0, dy_label = −Σ dy_c
internal sealed unsafe class HingeLossKernel(NativeBackend backend, HingeLoss operation)
    : LossKernel<HingeLoss>(backend, operation)
{
    protected override void ComputeRows(long first, long count, int worker)
    {
        int* labels = (int*)Pointer(1) + first;
        float* losses = At(2, first);
        for (long n = 0; n < count; n++)
            losses[n] = Example(Example(0, first + n), labels[n], Example(3, first + n));
    }

    private float Example(float* output, int label, float* gradient)
    {
        double least = output[label] - 1.0;
        double unit = Scalar(0) / Length;
        double sum = 0;
        double slopes = 0;
        for (int c = 0; c < Length; c++)
        {
            double term = c == label ? 0 : Math.Max(0, output[c] - least);
            // NaN stays NaN.
            double slope = term > 0 ? 1 : term;
            sum += term;
            slopes += slope;
            if (gradient != null)
                gradient[c] = (float)(unit * slope);
        }
        if (gradient != null)
            gradient[label] = (float)(-unit * slopes);
        return (float)(sum / Length);
    }
}
