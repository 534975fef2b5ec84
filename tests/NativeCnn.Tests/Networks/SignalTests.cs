using NativeCnn.Backends.Managed;
using NativeCnn.Layers;
using NativeCnn.Networks;
using NativeCnn.Tensors;

namespace NativeCnn.Tests.Networks;

/// <summary>Signals: images of height 1.</summary>
public sealed class SignalTests : INetworkRows
{
    public static Dictionary<string, Func<Network>> Networks { get; } =
        new()
        {
            ["signals"] = () =>
                NetworkBuilder
                    .StartSignal(21, 2)
                    .SignalConvolution(4, 5, stride: 2, before: 1, after: 2)
                    .Tanh()
                    .SignalMaxPooling(3, 1)
                    .SignalConvolution(6, 2, dilation: 2, groups: 2)
                    .Tanh()
                    .SignalAveragePooling(2)
                    .Dense(5)
                    .Build(37),
        };

    [Fact]
    public void A_signals_convolution_is_worked_out_along_it()
    {
        using Network network = NetworkBuilder
            .StartSignal(5, 1)
            .SignalConvolution(1, 3, 2, before: 1, after: 1)
            .Build();
        Assert.Equal(new Shape(1, 1, 3, 1), network.OutputShape);
        TensorValues.Write([1, 10, 100], network.Parameters[0].Value);
        using Tensor input = new(new Shape(1, 1, 5, 1));
        TensorValues.Write([1, 2, 3, 4, 5], input);
        using var backend = new ManagedBackend();
        using CompiledNetwork compiled = network.Compile(backend, 1, Phase.Inference);
        compiled.Forward(input);
        Assert.Equal([210, 432, 54], TensorValues.Read(compiled.Output));
    }

    [Fact]
    public void Windows_tile_a_signal_unless_a_stride_is_given()
    {
        Node signal = NetworkBuilder.StartSignal(12, 3);
        Assert.Equal(new Shape(1, 1, 4, 3), signal.SignalMaxPooling(3).Shape);
        Assert.Equal(new Shape(1, 1, 10, 3), signal.SignalMaxPooling(3, 1).Shape);
        Assert.Equal(new Shape(1, 1, 6, 3), signal.SignalAveragePooling(2).Shape);
        Assert.Throws<ShapeException>(() => signal.SignalConvolution(2, 13));
    }
}
