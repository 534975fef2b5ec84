using NativeCnn.Backends;
using NativeCnn.Backends.Native;
using NativeCnn.Backends.Native.Convolutions;
using NativeCnn.Backends.Operations;
using NativeCnn.Interop;
using NativeCnn.Threading;

namespace NativeCnn.OneDnn;

/// <summary>
/// Backward-filter: each part gives a sum in oneDNN's layout, sums of the same filters are added, and what comes out is
/// brought into the engine's layout and added to what is there.
/// </summary>
internal sealed unsafe class OneDnnFilterGradient : NativeKernel<ConvolutionBackwardFilter>
{
    private readonly OneDnnApi _library;
    private readonly FilterGradientParts _parts;

    private OneDnnFilterGradient(
        OneDnnApi library,
        NativeBackend backend,
        ConvolutionBackwardFilter operation,
        FilterGradientParts parts
    )
        : base(backend, operation)
    {
        (_library, _parts) = (library, parts);
        Memory.RequirePrivate(parts.PrivateFloats);
        Memory.RequireShared(parts.SumFloats * parts.Count + operation.Geometry.FilterShape.Count);
        Algorithm = $"onednn {parts.Implementation}";
    }

    public override string Algorithm { get; }

    // The whole gradient in the engine's layout, behind the sums.
    private float* Plain => Memory.Shared + _parts.SumFloats * _parts.Count;

    /// <summary>The kernel, or null where oneDNN has nothing for it but plain loops.</summary>
    public static Kernel? Plan(OneDnnApi library, NativeBackend backend, ConvolutionBackwardFilter operation) =>
        FilterGradientParts.Describe(library, operation.Geometry) is { } parts
            ? new OneDnnFilterGradient(library, backend, operation, parts)
            : null;

    protected internal override void Reserve()
    {
        base.Reserve();
        _parts.Create(_library, Pool.Threads);
    }

    protected override void Launch()
    {
        var work = new Work(this);
        Pool.Run(ref work, _parts.Count);
        if (_parts.Sums == 1)
            return;
        PartialSums.AddUp(Pool, Memory.Shared, _parts.Sums, _parts.SumFloats * _parts.Slices);
        var reorder = new ReorderWork(this);
        Pool.Run(ref reorder, _parts.Slices);
        PartialSums.AddUp(Pool, Plain, 1, Operation.Geometry.FilterShape.Count, At(2));
    }

    // Sums of the same examples are neighbours.
    private float* SumOf(int slice, int sum) => Memory.Shared + ((long)sum * _parts.Slices + slice) * _parts.SumFloats;

    private void Reorder(int slice, int worker) =>
        _parts.Reorder(slice, worker, Memory.Private(worker), SumOf(slice, 0), Plain + _parts.FiltersOf(slice).First);

    private readonly struct Work(OneDnnFilterGradient owner) : IParallelWork
    {
        public void Run(int part, int worker)
        {
            FilterGradientParts parts = owner._parts;
            (int slice, int sum) = parts[part];
            parts.Run(part, worker, owner.Memory.Private(worker), owner.At(0), owner.At(1), owner.SumOf(slice, sum));
            if (parts.Sums > 1)
                return;
            // The only sum of these filters is still in the core's own cache.
            owner.Reorder(slice, worker);
            (long first, long count) = parts.FiltersOf(slice);
            Shim.nativecnn_accumulate(owner.Plain + first, count, owner.At(2, first));
        }
    }

    private readonly struct ReorderWork(OneDnnFilterGradient owner) : IParallelWork
    {
        public void Run(int slice, int worker) => owner.Reorder(slice, worker);
    }
}
