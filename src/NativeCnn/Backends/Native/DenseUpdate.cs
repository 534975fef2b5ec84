using NativeCnn.Backends.Operations;
using NativeCnn.Interop;

namespace NativeCnn.Backends.Native;

// Chunks of units: the shim sums a block of weights over the batch in registers and updates it there.
public sealed unsafe partial class NativeBackend
{
    private static readonly bool DenseUpdate = Provide<DenseUpdate>(
        (b, operation) => UpdateRule.Knows(operation.Update) ? new DenseUpdateKernel(b, operation) : null
    );
}

internal sealed unsafe class DenseUpdateKernel(NativeBackend backend, DenseUpdate operation)
    : ChunkKernel<DenseUpdate>(backend, operation)
{
    // A multiple of the shim's block of four units.
    private const int UnitsPerChunk = 16;

    private readonly nativecnn_dense_geometry _geometry = DenseGeometry.Of(
        operation.Operands[0],
        operation.Operands[^1]
    );
    private nativecnn_update _update;

    protected override int Chunks => NativeBackend.ChunkCount(_geometry.units, UnitsPerChunk);

    protected override void Launch()
    {
        _update = UpdateRule.Of(Operation.Update, Scalars);
        base.Launch();
    }

    protected override void ComputeChunk(int chunk, int worker)
    {
        nativecnn_update update = _update;
        nativecnn_dense_geometry geometry = _geometry;
        // The input, the output's gradient, the states and the weights.
        int states = Operation.Update.States.Count;
        Shim.nativecnn_dense_update(
            &update,
            &geometry,
            At(0),
            At(1),
            IndexRange.Block(geometry.units, UnitsPerChunk, chunk),
            UpdateRule.HasFirstMoment(Operation.Update) ? At(2) : null,
            UpdateRule.HasSecondMoment(Operation.Update) ? At(1 + states) : null,
            At(2 + states)
        );
    }
}
