using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Operations;
using NativeCnn.Layers;
using NativeCnn.Models;
using NativeCnn.Networks;
using NativeCnn.Networks.Compilation;
using NativeCnn.Tensors;

namespace NativeCnn.Tests.Networks;

public sealed class NetworkBuilderTests
{
    [Fact]
    public void LeNet_has_the_shapes_and_parameters_of_the_paper()
    {
        using Network network = LeNet.Create(new Shape(1, 28, 28, 1), 10);
        Assert.Equal(
            ["1×24×24×20", "1×12×12×20", "1×8×8×50", "1×4×4×50", "1×1×1×500", "1×1×1×500", "1×1×1×10"],
            network.Nodes.Select(node => node.OutputShape.ToString())
        );
        Assert.Equal(431_080, network.ParameterCount);
        NetworkSummary summary = network.Summarize(64);
        Assert.Equal(64L * (576 * 25 * 20 + 64 * 500 * 50 + 800 * 500 + 500 * 10), summary.MultiplyAdds);
        Assert.True(summary.Inference.Total < summary.Training.Total);
    }

    [Fact]
    public void The_same_seed_gives_the_same_values_and_another_seed_others()
    {
        using Network a = LeNet.Create(new Shape(1, 28, 28, 1), 10, 5);
        using Network b = LeNet.Create(new Shape(1, 28, 28, 1), 10, 5);
        using Network c = LeNet.Create(new Shape(1, 28, 28, 1), 10, 6);
        Assert.Equal(a.Parameters[0].Value.Span.ToArray(), b.Parameters[0].Value.Span.ToArray());
        Assert.NotEqual(a.Parameters[0].Value.Span.ToArray(), c.Parameters[0].Value.Span.ToArray());
    }

    [Fact]
    public void A_layer_that_does_not_fit_is_named_with_the_shapes()
    {
        var e = Assert.Throws<ShapeException>(() => NetworkBuilder.Start(4, 4, 3).Convolution(8, 5));
        Assert.Contains("Layer 'convolution1' (convolution)", e.Message, StringComparison.Ordinal);
        Assert.Contains("1×4×4×3", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_convolution_with_a_border_is_the_border_and_a_convolution()
    {
        Node output = NetworkBuilder
            .Start(6, 5, 2)
            .Convolution(4, 3, BorderKind.Reflection, Padding.Same(3), stride: 2, groups: 2);
        using Network network = output.Build();
        var border = Assert.IsType<BorderPadding>(network.Nodes[0].Layer);
        Assert.Equal((BorderKind.Reflection, Padding.All(1)), (border.Border, border.Padding));
        var convolution = Assert.IsType<Convolution>(network.Nodes[1].Layer);
        Assert.Equal(
            (new Size2(2, 2), 2, Padding.Valid),
            (convolution.Stride, convolution.Groups, convolution.Padding)
        );
        Assert.Equal(new Shape(1, 3, 3, 4), output.Shape);
        var e = Assert.Throws<ShapeException>(() =>
            NetworkBuilder.Start(2, 2, 1).Convolution(1, 3, BorderKind.Reflection, new Padding(4, 3, 2, 1))
        );
        Assert.Contains("[4, 3, 2, 1]", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Adding_different_shapes_names_both()
    {
        Node input = NetworkBuilder.Start(4, 4, 3);
        Node other = input.Convolution(8, 3);
        var e = Assert.Throws<ShapeException>(() => other.Plus(input));
        Assert.Contains("1×2×2×8", e.Message, StringComparison.Ordinal);
        Assert.Contains("1×4×4×3", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_output_that_nobody_reads_is_named()
    {
        Node input = NetworkBuilder.Start(4, 4, 1);
        input.Dense(3);
        var e = Assert.Throws<InvalidOperationException>(() => input.Dense(2).Build());
        Assert.Contains("'dense1'", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_layers_of_one_name_are_refused()
    {
        Node head = NetworkBuilder.Start(4, 4, 1).Add(new Dense(3), "head");
        Assert.Throws<ArgumentException>(() => head.Add(new Dense(3), "head"));
    }

    [Fact]
    public void A_batch_that_overflows_a_tensor_names_the_layer()
    {
        using Network network = LeNet.Create(new Shape(1, 28, 28, 1), 10);
        using var backend = new ManagedBackend();
        var e = Assert.Throws<ShapeException>(() => network.Compile(backend, 1_000_000, Phase.Training));
        Assert.Contains("Layer 'convolution1'", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_batch_beyond_the_machines_memory_is_refused_before_anything_is_allocated()
    {
        using var backend = new ManagedBackend();
        Node last = NetworkBuilder.Start(2048, 2048, 8);
        for (int i = 0; i < 12; i++)
            last = last.Convolution(60, 3, padding: Padding.All(1)).Tanh();
        using Network large = last.Convolution(2, 1).Build();
        var e = Assert.Throws<InsufficientMemoryException>(() => large.Compile(backend, 8, Phase.Training));
        Assert.Contains("MB", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_input_of_another_shape_is_refused_with_both_shapes()
    {
        using Network network = LeNet.Create(new Shape(1, 28, 28, 1), 10);
        using var backend = new ManagedBackend();
        using CompiledNetwork compiled = network.Compile(backend, 2, Phase.Inference);
        using var input = new Tensor(new Shape(3, 28, 28, 1));
        var e = Assert.Throws<ShapeException>(() => compiled.Forward(input));
        Assert.Contains("2×28×28×1", e.Message, StringComparison.Ordinal);
        Assert.Contains("3×28×28×1", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_compiled_for_inference_has_no_gradients()
    {
        using Network network = LeNet.Create(new Shape(1, 28, 28, 1), 10);
        using var backend = new ManagedBackend();
        using CompiledNetwork compiled = network.Compile(backend, 2, Phase.Inference);
        Assert.Throws<InvalidOperationException>(() => compiled.OutputGradient);
        Assert.Throws<InvalidOperationException>(compiled.ZeroGradients);
    }

    [Fact]
    public void Activations_are_fused_into_the_layer_before_them_and_share_its_memory()
    {
        using Network network = LeNet.Create(new Shape(1, 28, 28, 1), 10);
        using var backend = new ManagedBackend();
        CompilationPlan plan = NetworkCompiler.Plan(network, new CompilationOptions(backend, 64, Phase.Training));
        Assert.Equal(6, plan.Program.Forward.Count());
        Assert.Equal(Activation.Relu, plan.Program.Layers[4].Node.Activation);
    }
}
