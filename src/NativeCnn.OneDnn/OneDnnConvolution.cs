using NativeCnn.Backends;
using NativeCnn.Backends.Native;
using NativeCnn.Backends.Native.Convolutions;
using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;
using NativeCnn.Threading;

namespace NativeCnn.OneDnn;

/// <summary>
/// Forward and backward-data: the filters are brought into oneDNN's layout once per run, unless they are kept so, then
/// the parts are computed side by side.
/// </summary>
internal sealed unsafe class OneDnnConvolution : NativeKernel<ConvolutionOperation>
{
    private readonly OneDnnApi _library;
    private readonly ConvolutionParts _parts;
    private readonly FilterReorder? _reorder;
    private readonly Shape _read;
    private readonly Shape _written;

    private OneDnnConvolution(
        OneDnnApi library,
        NativeBackend backend,
        ConvolutionOperation operation,
        ConvolutionParts parts
    )
        : base(backend, operation)
    {
        (_library, _parts) = (library, parts);
        ConvolutionGeometry g = operation.Geometry;
        (_read, _written) = operation is ConvolutionForward ? (g.Input, g.Output) : (g.Output, g.Input);
        Memory.RequirePrivate(parts.ScratchFloats);
        MemoryDescription plain = ConvolutionPart.PlainFilters(library, g);
        if (!parts.Filters.IsAs(plain))
        {
            _reorder = new FilterReorder(library, plain, parts.Filters);
            Memory.Packed.Require(parts.Filters.Floats, groups: 1);
            Memory.RequirePrivate(_reorder.ScratchFloats);
        }
        Algorithm = $"onednn {parts.Implementation}";
    }

    public override string Algorithm { get; }

    internal override int? PackedOperand => _reorder is null ? null : 1;

    /// <summary>The kernel, or null where oneDNN has nothing for it but plain loops.</summary>
    public static Kernel? Plan(
        OneDnnApi library,
        NativeBackend backend,
        ConvolutionOperation operation,
        ConvolutionPass pass
    ) =>
        ConvolutionParts.Describe(
            library,
            operation.Geometry,
            pass,
            hasBias: operation is ConvolutionForward { HasBias: true }
        )
            is { } parts
            ? new OneDnnConvolution(library, backend, operation, parts)
            : null;

    protected internal override void Reserve()
    {
        base.Reserve();
        _reorder?.Create(workers: 1);
        _parts.Create(_library, Pool.Threads);
    }

    protected override void Launch()
    {
        float* filters = At(1);
        if (_reorder is not null)
        {
            float* packed = Memory.PackedOf(0);
            if (!Memory.Packed.IsCurrent)
                _reorder.Run(0, Memory.Private(0), filters, packed);
            filters = packed;
        }
        var work = new Work(this, filters);
        Pool.Run(ref work, _parts.Count);
    }

    private readonly struct Work(OneDnnConvolution owner, float* filters) : IParallelWork
    {
        public void Run(int part, int worker)
        {
            ConvolutionParts parts = owner._parts;
            ConvolutionParts.Place place = parts[part];
            float* scratch = owner.Memory.Private(worker);
            nint read = (nint)owner.At(0, Element(owner._read, place.Example, place.ReadRow));
            long written = Element(owner._written, place.Example, place.WrittenRow);
            if (owner.Operation is not ConvolutionForward forward)
            {
                parts.Run(part, worker, scratch, read, (nint)filters, (nint)owner.At(2, written));
                return;
            }
            float* output = owner.At(3, written);
            if (forward.HasBias)
                parts.Run(part, worker, scratch, read, (nint)filters, (nint)owner.At(2), (nint)output);
            else
                parts.Run(part, worker, scratch, read, (nint)filters, (nint)output);
            ConvolutionGeometry g = forward.Geometry;
            int pixels = place.WrittenRows * g.OutputWidth;
            // The engine's own: oneDNN's ReLU swallows a NaN.
            BiasActivation.Finish(forward.Activation, null, pixels, g.Filters, g.Filters, output);
        }

        private static long Element(Shape shape, long example, long row) =>
            example * shape.ElementsPerExample + row * shape.Width * shape.Channels;
    }
}
