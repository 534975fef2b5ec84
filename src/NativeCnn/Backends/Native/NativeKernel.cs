using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;
using NativeCnn.Threading;

namespace NativeCnn.Backends.Native;

/// <summary>A kernel by the shim and OpenBLAS, on the backend's threads.</summary>
internal abstract unsafe class NativeKernel<TOperation> : Kernel
    where TOperation : Operation
{
    // Of the run under way. No two kernels of a backend run at the same time.
    private readonly nint[] _operands;
    private readonly double[] _scalars;

    protected NativeKernel(NativeBackend backend, TOperation operation)
        : base(backend, operation)
    {
        Pool = backend.Pool;
        Memory = backend.NewScratch();
        _operands = new nint[operation.Operands.Count];
        _scalars = new double[operation.Scalars.Count];
    }

    /// <summary>What it computes.</summary>
    protected new TOperation Operation => (TOperation)base.Operation;

    /// <summary>The threads.</summary>
    protected WorkerPool Pool { get; }

    /// <summary>The scratch memory; what is needed has to be required in the constructor.</summary>
    protected Scratch Memory { get; }

    public sealed override ScratchSize Scratch => Memory.Size;

    protected internal override void Reserve() => Memory.Reserve();

    protected internal sealed override void Compute(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
#if DEBUG
        Memory.Poison();
#endif
        for (int i = 0; i < operands.Length; i++)
            _operands[i] = operands[i] is { } tensor ? (nint)tensor.Pointer : 0;
        scalars.CopyTo(_scalars);
        if (PackedOperand is { } place && Memory.Packed.IsKept)
        {
            Memory.Packed.Begin(operands[place]!);
            Launch();
            Memory.Packed.End();
        }
        else
        {
            Launch();
        }
#if DEBUG
        if (!Memory.AreGuardsIntact())
            throw new InvalidOperationException($"{Algorithm} wrote beyond the scratch memory that it required.");
#endif
    }

    internal sealed override void KeepPacked() => Memory.Packed.Keep();

    internal sealed override long KeptBytes => Memory.Packed.KeptBytes;

    internal sealed override void ForgetPacked() => Memory.Packed.Forget();

    internal sealed override void FreePacked() => Memory.Packed.Free();

    /// <summary>Runs the work on the pool.</summary>
    protected abstract void Launch();

    /// <summary>The scalars of the run under way.</summary>
    protected ReadOnlySpan<double> Scalars => _scalars;

    /// <summary>A scalar of the run under way.</summary>
    protected double Scalar(int place) => _scalars[place];

    /// <summary>An operand of the run under way from an element on, or null where it is not wanted.</summary>
    protected float* At(int place, long element = 0) =>
        _operands[place] == 0 ? null : (float*)_operands[place] + element;

    /// <summary>An operand of the run under way, of any element type, or null where it is not wanted.</summary>
    protected void* Pointer(int place) => (void*)_operands[place];
}

/// <summary>A kernel whose work is cut into chunks, which the threads share.</summary>
internal abstract class ChunkKernel<TOperation>(NativeBackend backend, TOperation operation)
    : NativeKernel<TOperation>(backend, operation)
    where TOperation : Operation
{
    /// <summary>How many chunks a run has.</summary>
    protected abstract int Chunks { get; }

    protected override void Launch()
    {
        var work = new Work(this);
        Pool.Run(ref work, Chunks);
    }

    /// <summary>Computes a chunk; called on several threads at once.</summary>
    protected abstract void ComputeChunk(int chunk, int worker);

    private readonly struct Work(ChunkKernel<TOperation> kernel) : IParallelWork
    {
        public void Run(int chunk, int worker) => kernel.ComputeChunk(chunk, worker);
    }
}
