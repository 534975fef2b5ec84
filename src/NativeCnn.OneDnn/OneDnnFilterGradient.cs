using NativeCnn.Backends;
using NativeCnn.Backends.Native;
using NativeCnn.Backends.Native.Convolutions;
using NativeCnn.Backends.Operations;
using NativeCnn.Interop;
using NativeCnn.Threading;

namespace NativeCnn.OneDnn;

/// <summary>
/// Backward-filter: each part of the batch gives a sum in oneDNN's layout, these are added in their order, and the whole
/// is brought into the engine's layout and added to what is there.
/// </summary>
internal sealed unsafe class OneDnnFilterGradient : NativeKernel<ConvolutionBackwardFilter>
{
    // Floats that all partial sums may take: 256 MB.
    private const long MostPartialFloats = 64L << 20;

    private readonly OneDnnApi _library;
    private readonly ConvolutionParts _parts;
    private readonly FilterReorder _reorder;
    private readonly long _sumFloats;
    private readonly int _count;

    private OneDnnFilterGradient(
        OneDnnApi library,
        NativeBackend backend,
        ConvolutionBackwardFilter operation,
        ConvolutionParts parts
    )
        : base(backend, operation)
    {
        (_library, _parts) = (library, parts);
        ConvolutionGeometry g = operation.Geometry;
        _reorder = new FilterReorder(library, parts.Filters, ConvolutionPart.PlainFilters(library, g));
        _count = g.FilterShape.Count;
        // Whole cache lines, so that no two workers write into one.
        _sumFloats = (parts.Filters.Floats + 15) / 16 * 16;
        Memory.RequirePrivate(Math.Max(parts.ScratchFloats, _reorder.ScratchFloats));
        Memory.RequireShared(_sumFloats * parts.Count + _count);
        Algorithm = $"onednn {parts.Implementation}";
    }

    public override string Algorithm { get; }

    /// <summary>The kernel, or null where oneDNN has nothing for it but plain loops.</summary>
    public static Kernel? Plan(OneDnnApi library, NativeBackend backend, ConvolutionBackwardFilter operation) =>
        ConvolutionParts.Describe(
            library,
            operation.Geometry,
            ConvolutionPass.BackwardFilter,
            hasBias: false,
            MostPartialFloats / operation.Geometry.FilterShape.Count
        )
            is { } parts
            ? new OneDnnFilterGradient(library, backend, operation, parts)
            : null;

    protected internal override void Reserve()
    {
        base.Reserve();
        _reorder.Create();
        _parts.Create(_library, Pool.Threads);
    }

    protected override void Launch()
    {
        var work = new Work(this);
        Pool.Run(ref work, _parts.Count);
        if (_parts.Count > 1)
        {
            var sum = new SumWork(this);
            Pool.Run(ref sum, NativeBackend.ChunkCount(_sumFloats, NativeBackend.ElementsPerChunk));
        }
        float* plain = Memory.Shared + _sumFloats * _parts.Count;
        _reorder.Run(Private(0), Memory.Shared, plain);
        var addition = new AdditionWork(plain, At(2), _count);
        Pool.Run(ref addition, NativeBackend.ChunkCount(_count, NativeBackend.ElementsPerChunk));
    }

    // A block that nobody requires was never taken.
    private float* Private(int worker) => Scratch.BytesPerThread > 0 ? Memory.Private(worker) : null;

    private readonly struct Work(OneDnnFilterGradient owner) : IParallelWork
    {
        public void Run(int part, int worker)
        {
            ConvolutionGeometry g = owner.Operation.Geometry;
            long example = owner._parts[part].Example;
            owner._parts.Run(
                part,
                worker,
                owner.Private(worker),
                (nint)owner.At(0, example * g.Input.ElementsPerExample),
                (nint)owner.At(1, example * g.Output.ElementsPerExample),
                (nint)(owner.Memory.Shared + part * owner._sumFloats)
            );
        }
    }

    // Adds the parts' sums to the first, in their order.
    private readonly struct SumWork(OneDnnFilterGradient owner) : IParallelWork
    {
        public void Run(int chunk, int worker)
        {
            long first = (long)chunk * NativeBackend.ElementsPerChunk;
            long count = Math.Min(NativeBackend.ElementsPerChunk, owner._sumFloats - first);
            for (int part = 1; count > 0 && part < owner._parts.Count; part++)
                Shim.nativecnn_accumulate(
                    owner.Memory.Shared + part * owner._sumFloats + first,
                    count,
                    owner.Memory.Shared + first
                );
        }
    }

    private readonly struct AdditionWork(float* from, float* to, int total) : IParallelWork
    {
        public void Run(int chunk, int worker)
        {
            IndexRange elements = IndexRange.Block(total, NativeBackend.ElementsPerChunk, chunk);
            Shim.nativecnn_accumulate(from + elements.First, elements.Count, to + elements.First);
        }
    }
}
