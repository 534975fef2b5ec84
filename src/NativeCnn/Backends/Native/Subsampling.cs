using System.Numerics;
using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Native;

// Chunks of rows of the small image, each a row of blocks of the large one.
public sealed unsafe partial class NativeBackend
{
    private static readonly bool Subsampling =
        Provide<SubsamplingForward>((b, operation) => new SubsamplingForwardKernel(b, operation))
        && Provide<SubsamplingBackwardData>((b, operation) => new SubsamplingBackwardDataKernel(b, operation))
        && Provide<SubsamplingBackwardCoefficients>(
            (b, operation) => new SubsamplingBackwardCoefficientsKernel(b, operation)
        );
}

internal sealed unsafe class SubsamplingForwardKernel(NativeBackend backend, SubsamplingForward operation)
    : RowKernel<SubsamplingForward>(
        backend,
        operation,
        (long)operation.Operands[3].Shape.BatchSize * operation.Operands[3].Shape.Height,
        (long)operation.Operands[0].Shape.Width * operation.Operands[0].Shape.Channels * operation.Block.Height
    )
{
    private readonly Shape _input = operation.Operands[0].Shape;
    private readonly Shape _output = operation.Operands[3].Shape;

    protected override void ComputeRows(long first, long count, int worker)
    {
        int length = _output.Width * _output.Channels;
        float* coefficients = At(1);
        float* bias = At(2);
        for (long r = first; r < first + count; r++)
        {
            float* output = At(3, r * length);
            float* sums = At(4, r * length);
            float* from = At(0, PixelRow.Start(_output, r, Operation.Block.Height, _input));
            Blocks.Sum(from, _output, Operation.Block, 1, sums == null ? output : sums);
            for (int k = 0; k < length; k += _output.Channels)
            for (int c = 0; c < _output.Channels; c += Lanes.Count)
            {
                int lanes = Math.Min(Lanes.Count, _output.Channels - c);
                Vector<float> sum = Lanes.Load((sums == null ? output : sums) + k + c, lanes);
                Lanes.Store(
                    Lanes.Load(coefficients + c, lanes) * sum + Lanes.Load(bias + c, lanes),
                    output + k + c,
                    lanes
                );
            }
        }
    }
}

internal sealed unsafe class SubsamplingBackwardDataKernel(NativeBackend backend, SubsamplingBackwardData operation)
    : RowKernel<SubsamplingBackwardData>(
        backend,
        operation,
        (long)operation.Operands[0].Shape.BatchSize * operation.Operands[0].Shape.Height,
        (long)operation.Operands[2].Shape.Width * operation.Operands[2].Shape.Channels * operation.Block.Height
    )
{
    private readonly Shape _output = operation.Operands[0].Shape;
    private readonly Shape _input = operation.Operands[2].Shape;

    protected override void ComputeRows(long first, long count, int worker)
    {
        int length = _input.Width * _input.Channels;
        for (long r = first; r < first + count; r++)
        {
            float* to = At(2, PixelRow.Start(_output, r, Operation.Block.Height, _input));
            Spread(At(0, r * _output.Width * _output.Channels), to);
            for (int a = 1; a < Operation.Block.Height; a++)
                new Span<float>(to, length).CopyTo(new Span<float>(to + (long)a * length, length));
        }
    }

    // The first row of the blocks.
    private void Spread(float* gradient, float* to)
    {
        int channels = _output.Channels;
        float* coefficients = At(1);
        for (int j = 0; j < _output.Width; j++, gradient += channels)
        {
            for (int c = 0; c < channels; c += Lanes.Count)
            {
                int lanes = Math.Min(Lanes.Count, channels - c);
                Vector<float> beta = Lanes.Load(coefficients + c, lanes);
                Vector<float> factor = Operation.IsSquared ? beta * beta : beta;
                Lanes.Store(factor * Lanes.Load(gradient + c, lanes), to + c, lanes);
            }
            float* pixel = to;
            to += channels;
            for (int b = 1; b < Operation.Block.Width; b++, to += channels)
                PixelRow.Copy(pixel, channels, to);
        }
    }
}

internal sealed unsafe class SubsamplingBackwardCoefficientsKernel(
    NativeBackend backend,
    SubsamplingBackwardCoefficients operation
) : ColumnSumsKernel<SubsamplingBackwardCoefficients>(backend, operation, operation.Operands[0].Shape)
{
    protected override void SumRows(long first, long count, float* sums, int worker)
    {
        for (int c = 0; c < Columns; c += Lanes.Count)
        {
            int lanes = Math.Min(Lanes.Count, Columns - c);
            float* values = At(0, first * Columns + c);
            float* gradients = At(1, first * Columns + c);
            WideSum sum = default;
            for (long row = 0; row < count; row++, values += Columns, gradients += Columns)
            {
                Vector<float> value = Lanes.Load(values, lanes);
                Vector<float> gradient = Lanes.Load(gradients, lanes);
                sum.AddProduct(Operation.IsSquared ? value * value : value, gradient);
            }
            Lanes.Store(Lanes.Load(sums + c, lanes) + sum.Rounded, sums + c, lanes);
        }
    }
}
