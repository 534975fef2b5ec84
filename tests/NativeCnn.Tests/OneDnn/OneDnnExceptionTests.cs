using NativeCnn.Backends;
using NativeCnn.Backends.Native;
using NativeCnn.Backends.Operations;
using NativeCnn.Interop;
using NativeCnn.Layers;
using NativeCnn.Networks;
using NativeCnn.OneDnn;
using NativeCnn.Tensors;

namespace NativeCnn.Tests.OneDnn;

/// <summary>A primitive that oneDNN refuses: its status in words, with the names of layer and operation.</summary>
public sealed class OneDnnExceptionTests
{
    [Theory]
    [InlineData(dnnl_constant.dnnl_out_of_memory, "there is not memory enough")]
    [InlineData(dnnl_constant.dnnl_invalid_arguments, "the arguments contradict each other")]
    [InlineData(dnnl_constant.dnnl_unimplemented, "this build has no implementation")]
    [InlineData((dnnl_constant)77, "status 77")]
    internal void Preparing_a_network_names_the_layer(dnnl_constant status, string meaning)
    {
        using var refusing = new RefusingBackend((int)status, refusesToPrepare: true);
        using Network network = NewNetwork();
        string message = Assert.Throws<OneDnnException>(() => network.Compile(refusing, 2, Phase.Training)).Message;
        Assert.StartsWith("Layer 'convolution2' (convolution): ConvolutionForward (2×6×6×3 → 2, 3×3)", message);
        Assert.EndsWith($": dnnl_primitive_create of oneDNN failed: {meaning}.", message);
    }

    [Fact]
    public void Running_a_network_names_the_layer_and_it_can_be_disposed()
    {
        using var refusing = new RefusingBackend((int)dnnl_constant.dnnl_out_of_memory, refusesToPrepare: false);
        using Network network = NewNetwork();
        using CompiledNetwork compiled = network.Compile(refusing, 2, Phase.Inference);
        using var input = new Tensor(new Shape(2, 8, 8, 1));
        string message = Assert.Throws<OneDnnException>(() => compiled.Forward(input)).Message;
        Assert.StartsWith("Layer 'convolution2' (convolution): ConvolutionForward (", message);
        Assert.EndsWith(": dnnl_primitive_execute of oneDNN failed: there is not memory enough.", message);
        // Nobody holds the network any more.
        Assert.Throws<OneDnnException>(() => compiled.Forward(input));
    }

    [Fact]
    public void Without_a_network_the_operation_is_named()
    {
        using var refusing = new RefusingBackend((int)dnnl_constant.dnnl_unimplemented, refusesToPrepare: true);
        var geometry = new ConvolutionGeometry(new Shape(1, 6, 6, 3), 2, new Size2(3, 3));
        string message = Assert
            .Throws<OneDnnException>(() =>
                refusing.Prepare(new ConvolutionForward(geometry, Activation.Identity, hasBias: true))
            )
            .Message;
        Assert.StartsWith("ConvolutionForward (1×6×6×3 → 2, 3×3)", message);
    }

    private static Network NewNetwork() =>
        NetworkBuilder.Start(8, 8, 1).Convolution(3, 3).Convolution(2, 3).Dense(2).Build(1);

    /// <summary>Says of convolutions with 3 channels what oneDNN would, and computes all else.</summary>
    private sealed class RefusingBackend(int status, bool refusesToPrepare) : Backend
    {
        private readonly NativeBackend _native = new(1);

        public override string Name => "refusing";

        public override ElementType ElementType => _native.ElementType;

        public override int Threads => 1;

        public override Kernel? Plan(Operation operation) =>
            operation is ConvolutionForward { Geometry.Channels: 3 }
                ? new Refused(this, operation)
                : _native.Plan(operation);

        protected override void Dispose(bool disposing)
        {
            _native.Dispose();
            base.Dispose(disposing);
        }

        private sealed class Refused(RefusingBackend backend, Operation operation) : Kernel(backend, operation)
        {
            protected internal override void Reserve()
            {
                if (backend.RefusesToPrepare)
                    OneDnnException.Check(backend.Status, "dnnl_primitive_create");
            }

            protected internal override void Compute(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars) =>
                OneDnnException.Check(backend.Status, "dnnl_primitive_execute");
        }

        private int Status => status;

        private bool RefusesToPrepare => refusesToPrepare;
    }
}
