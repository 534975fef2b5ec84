using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Native;
using NativeCnn.Backends.Operations;
using NativeCnn.Layers;
using NativeCnn.Losses;
using NativeCnn.Networks;
using NativeCnn.Optimizers;
using NativeCnn.Tensors;
using NativeCnn.Training;
using SoftmaxCrossEntropy = NativeCnn.Losses.SoftmaxCrossEntropy;

namespace NativeCnn.Tests.Networks;

/// <summary>Networks on backends that lack operations, and on several at once.</summary>
public sealed class BackendChoiceTests
{
    [Theory]
    [InlineData(
        Phase.Inference,
        "Layer 'flat' (dense): The backend 'own' has no kernel for DenseForward (input 2×1×1×3"
    )]
    [InlineData(
        Phase.Training,
        "Layer 'flat' (dense): The backend 'own' has no kernel for ActivationBiasBackward (output 2×1×1×4"
    )]
    public void A_missing_kernel_is_named_with_its_layer(Phase phase, string expected)
    {
        using Network network = NetworkBuilder.Start(1, 1, 3).Add(new Dense(4), "flat").Tanh().Build();
        using OwnBackend own = new();
        if (phase == Phase.Training)
            own.With<DenseForward>(_ => { });
        var e = Assert.Throws<NotSupportedException>(() => network.Compile(own, 2, phase));
        Assert.StartsWith(expected, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_update_or_loss_is_named()
    {
        using Network network = NetworkBuilder.Start(1, 1, 3).Dense(4).Build();
        using OwnBackend own = new();
        own.With<DenseForward>(_ => { }).With<DenseBackwardWeights>(_ => { }).With<BiasBackward>(_ => { });
        var e = Assert.Throws<NotSupportedException>(() => network.Compile(own, 2, Phase.Training, new Adam()));
        Assert.StartsWith("The backend 'own' has no kernel for AdamUpdate", e.Message, StringComparison.Ordinal);
        own.With<AdamUpdate>(_ => { });
        e = Assert.Throws<NotSupportedException>(() =>
            new TrainingStep(network, own, 2, new SoftmaxCrossEntropy(), new Adam())
        );
        Assert.StartsWith(
            "The backend 'own' has no kernel for SoftmaxCrossEntropy",
            e.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void The_first_backend_of_several_that_can_computes()
    {
        int runs = 0;
        using ManagedBackend managed = new();
        // tanh of a layer of its own, as the managed backend defines it, and counted.
        using OwnBackend own = new OwnBackend().With<ActivationForward>(operands =>
        {
            runs++;
            managed.Prepare(new ActivationForward(Activation.Tanh, operands[0]!.Shape)).Run(operands);
        });
        using CompositeBackend several = new(own, managed);
        double[][] expected = Train(managed);
        Assert.Equal(0, runs);
        Assert.Equal(expected, Train(several));
        Assert.Equal(3, runs);
    }

    [Fact]
    public void A_composite_of_both_backends_gives_what_the_first_gives()
    {
        using NativeBackend native = new(2);
        using ManagedBackend managed = new();
        using CompositeBackend several = new(native, managed);
        Assert.Equal(Train(native), Train(several));
        using Network network = Create();
        // Kernels of one backend share their scratch memory.
        Assert.Equal(
            NetworkMemory.Of(network, native, 3, Phase.Training),
            NetworkMemory.Of(network, several, 3, Phase.Training)
        );
    }

    private static double[][] Train(Backend backend)
    {
        using Network network = Create();
        using var step = new TrainingStep(network, backend, 3, new SoftmaxCrossEntropy(), new Sgd());
        using Tensor input = NetworkCases.Input(network, 3, 1);
        for (int i = 0; i < 3; i++)
            step.Run(input, Targets.Classes([0, 1, 2]));
        return NetworkCases.Values(network);
    }

    private static Network Create() =>
        NetworkBuilder.Start(5, 5, 2).Convolution(4, 3).MaxPooling(2).Tanh().Dense(3).Build(8);
}
