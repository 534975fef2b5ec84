// Operations with every role of operands: read, overwritten, updated (state) and accumulated (a parameter's
// gradient), some of which are not always wanted.
using NativeCnn.Backends;
using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace Extensions;

/// <summary>
/// y = s_c (x − m_c). In training m_c is the mean of channel c over the batch, and the running mean r_c becomes r_c +
/// rate (m_c − r_c); at inference m_c is r_c.
/// </summary>
public sealed class BatchCenteringForward : Operation
{
    public BatchCenteringForward(Shape shape, float rate, bool isTraining)
        : base(
            "forward",
            shape.PixelCount,
            [
                Operand.Read("input", shape),
                Operand.Read("scale", Shape.Vector(1, shape.Channels)),
                new Operand(
                    "runningMean",
                    isTraining ? OperandRole.Updated : OperandRole.Read,
                    Shape.Vector(1, shape.Channels)
                ),
                Operand.Overwritten("batchMean", Shape.Vector(1, shape.Channels), isTraining),
                Operand.Overwritten("output", shape, mayBe: "input"),
            ]
        )
    {
        if (rate is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(rate), rate, "BatchCentering: the rate is 0 to 1.");
        Rate = rate;
    }

    public float Rate { get; }
}

/// <summary>ds_c += Σ dy (x − m_c); dx = s_c (dy − mean of dy over channel c).</summary>
public sealed class BatchCenteringBackward(Shape shape, bool wantsInputGradient)
    : Operation(
        "backward-data",
        shape.PixelCount,
        [
            Operand.Read("input", shape),
            Operand.Read("scale", Shape.Vector(1, shape.Channels)),
            Operand.Read("batchMean", Shape.Vector(1, shape.Channels)),
            Operand.Read("outputGradient", shape),
            Operand.Overwritten("inputGradient", shape, wantsInputGradient, mayBe: "outputGradient"),
            Operand.Accumulated("scaleGradient", Shape.Vector(1, shape.Channels)),
        ]
    );

internal sealed class BatchCenteringForwardKernel(Backend backend, BatchCenteringForward operation)
    : PlainKernel(backend, operation)
{
    private readonly float _rate = operation.Rate;

    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        ReadOnlySpan<T> x = Elements<T>(operands[0]);
        ReadOnlySpan<T> scale = Elements<T>(operands[1]);
        Span<T> running = Elements<T>(operands[2]);
        Span<T> mean = Elements<T>(operands[3]);
        Span<T> y = Elements<T>(operands[4]);
        int channels = scale.Length;
        for (int c = 0; c < channels; c++)
        {
            T m = running[c];
            if (!mean.IsEmpty)
            {
                double sum = 0;
                for (int k = c; k < x.Length; k += channels)
                    sum += double.CreateTruncating(x[k]);
                mean[c] = m = T.CreateTruncating(sum / (x.Length / channels));
                running[c] += T.CreateTruncating(_rate) * (m - running[c]);
            }
            for (int k = c; k < x.Length; k += channels)
                y[k] = scale[c] * (x[k] - m);
        }
    }
}

internal sealed class BatchCenteringBackwardKernel(Backend backend, BatchCenteringBackward operation)
    : PlainKernel(backend, operation)
{
    protected override void Compute<T>(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        ReadOnlySpan<T> x = Elements<T>(operands[0]);
        ReadOnlySpan<T> scale = Elements<T>(operands[1]);
        ReadOnlySpan<T> mean = Elements<T>(operands[2]);
        ReadOnlySpan<T> dy = Elements<T>(operands[3]);
        Span<T> dx = Elements<T>(operands[4]);
        Span<T> dscale = Elements<T>(operands[5]);
        int channels = scale.Length;
        for (int c = 0; c < channels; c++)
        {
            double sum = 0;
            double products = 0;
            for (int k = c; k < x.Length; k += channels)
            {
                sum += double.CreateTruncating(dy[k]);
                products += double.CreateTruncating(dy[k] * (x[k] - mean[c]));
            }
            dscale[c] += T.CreateTruncating(products);
            T meanGradient = T.CreateTruncating(sum / (x.Length / channels));
            for (int k = c; k < dx.Length; k += channels)
                dx[k] = scale[c] * (dy[k] - meanGradient);
        }
    }
}
