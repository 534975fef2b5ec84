using NativeCnn.Backends;
using NativeCnn.Backends.Native;
using NativeCnn.Backends.Native.Convolutions;
using NativeCnn.Backends.Operations;
using NativeCnn.Threading;

namespace NativeCnn.OneDnn;

/// <summary>
/// Forward and backward-data: the filters are brought into oneDNN's layout once per run, then the parts of the batch are
/// computed side by side.
/// </summary>
internal sealed unsafe class OneDnnConvolution : NativeKernel<ConvolutionOperation>
{
    private readonly OneDnnApi _library;
    private readonly BatchParts _parts;
    private readonly ConvolutionPart _whole;
    private readonly ConvolutionPart _last;
    private readonly PrimitiveDescription? _reorder;
    private readonly MemoryDescription _plain;
    private readonly long _readPerExample;
    private readonly long _writtenPerExample;
    private Primitive? _wholePrimitive;
    private Primitive? _lastPrimitive;
    private Primitive? _reorderPrimitive;

    private OneDnnConvolution(
        OneDnnApi library,
        NativeBackend backend,
        ConvolutionOperation operation,
        BatchParts parts,
        ConvolutionPart whole,
        ConvolutionPart last
    )
        : base(backend, operation)
    {
        (_library, _parts, _whole, _last) = (library, parts, whole, last);
        ConvolutionGeometry g = operation.Geometry;
        (_readPerExample, _writtenPerExample) =
            operation is ConvolutionForward
                ? (g.Input.ElementsPerExample, g.Output.ElementsPerExample)
                : (g.Output.ElementsPerExample, g.Input.ElementsPerExample);
        _plain = ConvolutionPart.PlainFilters(library, g);
        Memory.RequirePrivate(Math.Max(whole.ScratchFloats, last.ScratchFloats));
        if (!whole.Filters.IsAs(_plain))
        {
            _reorder = library.Reorder(_plain, whole.Filters);
            Memory.RequireShared(whole.Filters.Floats);
            Memory.RequirePrivate(_reorder.ScratchFloats);
        }
        Algorithm = $"onednn {whole.Implementation}";
    }

    public override string Algorithm { get; }

    /// <summary>The kernel, or null where oneDNN has nothing for it but plain loops.</summary>
    public static Kernel? Plan(
        OneDnnApi library,
        NativeBackend backend,
        ConvolutionOperation operation,
        ConvolutionPass pass
    )
    {
        ConvolutionGeometry geometry = operation.Geometry;
        bool hasBias = operation is ConvolutionForward { HasBias: true };
        var parts = new BatchParts(geometry.BatchSize);
        if (ConvolutionPart.Describe(library, geometry, parts.Size, pass, hasBias) is not { } whole)
            return null;
        ConvolutionPart? last =
            parts.LastSize == parts.Size
                ? whole
                : ConvolutionPart.Describe(library, geometry, parts.LastSize, pass, hasBias);
        // Both read the same filters.
        return last is null || !last.Filters.IsAs(whole.Filters)
            ? null
            : new OneDnnConvolution(library, backend, operation, parts, whole, last);
    }

    protected internal override void Reserve()
    {
        base.Reserve();
        if (_wholePrimitive is not null)
            return;
        if (_reorder is not null)
        {
            _reorderPrimitive = new Primitive(
                _library,
                _reorder,
                1,
                new PrimitiveOperand(Interop.OneDnn.ONEDNN_SOURCE, _plain),
                new PrimitiveOperand(Interop.OneDnn.ONEDNN_DESTINATION, _whole.Filters)
            );
        }
        _lastPrimitive = _last.Create(_library, Pool.Threads);
        _wholePrimitive = _last == _whole ? _lastPrimitive : _whole.Create(_library, Pool.Threads);
    }

    protected override void Launch()
    {
        float* filters = At(1);
        if (_reorderPrimitive is { } reorder)
        {
            reorder.Run(0, Private(0), (nint)filters, (nint)Memory.Shared);
            filters = Memory.Shared;
        }
        var work = new Work(this, filters);
        Pool.Run(ref work, _parts.Count);
    }

    // A block that nobody requires was never taken.
    private float* Private(int worker) => Scratch.BytesPerThread > 0 ? Memory.Private(worker) : null;

    private readonly struct Work(OneDnnConvolution owner, float* filters) : IParallelWork
    {
        public void Run(int part, int worker)
        {
            long example = owner._parts.FirstOf(part);
            Primitive primitive = part == owner._parts.Count - 1 ? owner._lastPrimitive! : owner._wholePrimitive!;
            float* scratch = owner.Private(worker);
            nint read = (nint)owner.At(0, example * owner._readPerExample);
            if (owner.Operation is not ConvolutionForward forward)
            {
                primitive.Run(
                    worker,
                    scratch,
                    read,
                    (nint)filters,
                    (nint)owner.At(2, example * owner._writtenPerExample)
                );
                return;
            }
            float* output = owner.At(3, example * owner._writtenPerExample);
            if (forward.HasBias)
                primitive.Run(worker, scratch, read, (nint)filters, (nint)owner.At(2), (nint)output);
            else
                primitive.Run(worker, scratch, read, (nint)filters, (nint)output);
            ConvolutionGeometry g = forward.Geometry;
            int pixels = owner._parts.SizeOf(part) * g.OutputHeight * g.OutputWidth;
            // The engine's own: oneDNN's ReLU swallows a NaN.
            BiasActivation.Finish(forward.Activation, null, pixels, g.Filters, g.Filters, output);
        }
    }
}
