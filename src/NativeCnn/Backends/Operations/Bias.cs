using NativeCnn.Tensors;

namespace NativeCnn.Backends.Operations;

/// <summary>db[o] += Σ over batch and positions of dz[n,y,x,o]. Serves convolution and dense.</summary>
/// <param name="shape">N×H×W×O of the output gradient; the bias gradient is 1×1×1×O.</param>
public sealed class BiasBackward(Shape shape)
    : Operation(
        "backward-bias",
        // The pixels, and what was there.
        shape.PixelCount + 1L,
        [Operand.Read("outputGradient", shape), Operand.Accumulated("biasGradient", Shape.Vector(1, shape.Channels))]
    );
