using NativeCnn.Interop;
using NativeCnn.Tensors;
using NativeCnn.Threading;

namespace NativeCnn.Backends.Native;

// Softmax and the losses: chunks of examples. The losses of the examples are added in their order.
public sealed unsafe partial class NativeBackend
{
    /// <inheritdoc/>
    public void SoftmaxForward(Tensor input, Tensor output)
    {
        OperationChecks.SoftmaxForward(input, output, ElementType);
        RowWork work = RowsOf(RowOperation.SoftmaxForward, input.Shape) with
        {
            Source = input.Floats,
            Target = output.Floats,
        };
        _pool.Run(ref work, work.Chunks);
    }

    /// <inheritdoc/>
    public void SoftmaxBackward(Tensor output, Tensor outputGradient, Tensor inputGradient)
    {
        OperationChecks.SoftmaxBackward(output, outputGradient, inputGradient, ElementType);
        RowWork work = RowsOf(RowOperation.SoftmaxBackward, output.Shape) with
        {
            Source = output.Floats,
            Other = outputGradient.Floats,
            Target = inputGradient.Floats,
        };
        _pool.Run(ref work, work.Chunks);
    }

    /// <inheritdoc/>
    public double SoftmaxCrossEntropy(Tensor logits, ReadOnlySpan<int> labels, double scale, Tensor? logitGradient)
    {
        OperationChecks.SoftmaxCrossEntropy(logits, labels, logitGradient, ElementType);
        fixed (int* indices = labels)
        {
            RowWork work = RowsOf(RowOperation.SoftmaxCrossEntropy, logits.Shape, labels.Length) with
            {
                Source = logits.Floats,
                Labels = indices,
                Target = logitGradient is null ? null : logitGradient.Floats,
                Scale = (float)scale,
            };
            return RunLoss(work, labels.Length, logitGradient);
        }
    }

    /// <inheritdoc/>
    public double SquaredError(
        Tensor output,
        Tensor targets,
        int count,
        double factor,
        double scale,
        Tensor? outputGradient
    )
    {
        OperationChecks.SquaredError(output, targets, count, factor, outputGradient, ElementType);
        RowWork work = RowsOf(RowOperation.SquaredError, output.Shape, count) with
        {
            Source = output.Floats,
            Other = targets.Floats,
            Target = outputGradient is null ? null : outputGradient.Floats,
            Scale = (float)scale,
            Factor = (float)factor,
        };
        return RunLoss(work, count, outputGradient);
    }

    private double RunLoss(RowWork work, int count, Tensor? gradient)
    {
        _workspace.ReserveShared(Math.Max(count, 1));
        work = work with { Losses = _workspace.Shared };
        _pool.Run(ref work, work.Chunks);
        if (gradient is not null)
            gradient.Span[(count * gradient.Shape.ExampleCount)..].Clear();
        double sum = 0;
        for (int n = 0; n < count; n++)
            sum += _workspace.Shared[n];
        return sum;
    }

    private static RowWork RowsOf(RowOperation operation, Shape shape, int? rows = null)
    {
        int perChunk = RowsPerChunk(shape.ExampleCount);
        return new RowWork
        {
            Operation = operation,
            Rows = rows ?? shape.Batch,
            Columns = shape.ExampleCount,
            RowsPerChunk = perChunk,
        };
    }

    private enum RowOperation
    {
        SoftmaxForward,
        SoftmaxBackward,
        SoftmaxCrossEntropy,
        SquaredError,
    }

    private readonly struct RowWork : IParallelWork
    {
        public required RowOperation Operation { get; init; }
        public required int Rows { get; init; }
        public required int Columns { get; init; }
        public required int RowsPerChunk { get; init; }
        public float* Source { get; init; }
        public float* Other { get; init; }
        public int* Labels { get; init; }
        public float* Losses { get; init; }
        public float* Target { get; init; }
        public float Scale { get; init; }
        public float Factor { get; init; }

        public int Chunks => ChunkCount(Rows, RowsPerChunk);

        public void Run(int chunk, int worker)
        {
            long first = (long)chunk * RowsPerChunk;
            long rows = Math.Min(RowsPerChunk, Rows - first);
            float* source = Source + first * Columns;
            float* other = Other == null ? null : Other + first * Columns;
            float* target = Target == null ? null : Target + first * Columns;
            switch (Operation)
            {
                case RowOperation.SoftmaxForward:
                    Shim.nativecnn_softmax_forward(source, rows, Columns, target);
                    break;
                case RowOperation.SoftmaxBackward:
                    Shim.nativecnn_softmax_backward(source, other, rows, Columns, target);
                    break;
                case RowOperation.SoftmaxCrossEntropy:
                    Shim.nativecnn_softmax_cross_entropy(
                        source,
                        Labels + first,
                        rows,
                        Columns,
                        Scale,
                        Losses + first,
                        target
                    );
                    break;
                default:
                    Shim.nativecnn_squared_error(source, other, rows, Columns, Factor, Scale, Losses + first, target);
                    break;
            }
        }
    }
}
