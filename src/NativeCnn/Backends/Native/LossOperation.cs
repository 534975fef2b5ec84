using NativeCnn.Backends.Operations;

namespace NativeCnn.Backends.Native;

/// <summary>A kernel that computes the losses of chunks of examples, those that count.</summary>
internal abstract unsafe class LossKernel<TOperation>(NativeBackend backend, TOperation operation)
    : ExampleKernel<TOperation>(backend, operation)
    where TOperation : LossOperation
{
    protected override void Launch()
    {
        int count = (int)Scalar(1);
        Rows = count;
        base.Launch();
        int others = Operation.Output.BatchSize - count;
        new Span<float>(At(2, count), others).Clear();
        if (At(3) != null)
            new Span<float>(Example(3, count), others * Length).Clear();
    }
}
