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
    private readonly BatchParts _parts;
    private readonly ConvolutionPart _whole;
    private readonly ConvolutionPart _last;
    private readonly MemoryDescription _plain;
    private readonly PrimitiveDescription _reorder;
    private readonly long _sumFloats;
    private readonly int _count;
    private Primitive? _wholePrimitive;
    private Primitive? _lastPrimitive;
    private Primitive? _reorderPrimitive;

    private OneDnnFilterGradient(
        OneDnnApi library,
        NativeBackend backend,
        ConvolutionBackwardFilter operation,
        BatchParts parts,
        ConvolutionPart whole,
        ConvolutionPart last
    )
        : base(backend, operation)
    {
        (_library, _parts, _whole, _last) = (library, parts, whole, last);
        _plain = ConvolutionPart.PlainFilters(library, operation.Geometry);
        _reorder = library.Reorder(whole.Filters, _plain);
        _count = operation.Geometry.FilterShape.Count;
        // Whole cache lines, so that no two workers write into one.
        _sumFloats = (whole.Filters.Floats + 15) / 16 * 16;
        Memory.RequirePrivate(Math.Max(Math.Max(whole.ScratchFloats, last.ScratchFloats), _reorder.ScratchFloats));
        Memory.RequireShared(_sumFloats * parts.Count + _count);
        Algorithm = $"onednn {whole.Implementation}";
    }

    public override string Algorithm { get; }

    /// <summary>The kernel, or null where oneDNN has nothing for it but plain loops.</summary>
    public static Kernel? Plan(OneDnnApi library, NativeBackend backend, ConvolutionBackwardFilter operation)
    {
        ConvolutionGeometry geometry = operation.Geometry;
        var parts = new BatchParts(geometry.BatchSize, MostPartialFloats / geometry.FilterShape.Count);
        const ConvolutionPass Pass = ConvolutionPass.BackwardFilter;
        if (ConvolutionPart.Describe(library, geometry, parts.Size, Pass, hasBias: false) is not { } whole)
            return null;
        ConvolutionPart? last =
            parts.LastSize == parts.Size
                ? whole
                : ConvolutionPart.Describe(library, geometry, parts.LastSize, Pass, hasBias: false);
        // Their sums are added.
        return last is null || !last.Filters.IsAs(whole.Filters)
            ? null
            : new OneDnnFilterGradient(library, backend, operation, parts, whole, last);
    }

    protected internal override void Reserve()
    {
        base.Reserve();
        if (_wholePrimitive is not null)
            return;
        _reorderPrimitive = new Primitive(
            _library,
            _reorder,
            1,
            new PrimitiveOperand(Interop.OneDnn.ONEDNN_SOURCE, _whole.Filters),
            new PrimitiveOperand(Interop.OneDnn.ONEDNN_DESTINATION, _plain)
        );
        _lastPrimitive = _last.Create(_library, Pool.Threads);
        _wholePrimitive = _last == _whole ? _lastPrimitive : _whole.Create(_library, Pool.Threads);
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
        _reorderPrimitive!.Run(0, Private(0), (nint)Memory.Shared, (nint)plain);
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
            long example = owner._parts.FirstOf(part);
            Primitive primitive = part == owner._parts.Count - 1 ? owner._lastPrimitive! : owner._wholePrimitive!;
            primitive.Run(
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
