using NativeCnn.Backends;
using NativeCnn.Backends.Native;
using NativeCnn.Backends.Operations;
using NativeCnn.Layers;
using NativeCnn.Losses;
using NativeCnn.Networks;
using NativeCnn.Optimizers;
using NativeCnn.Tensors;
using SoftmaxCrossEntropy = NativeCnn.Losses.SoftmaxCrossEntropy;

namespace NativeCnn.Tests.Networks;

/// <summary>Who may use a compiled network when: one thread at a time, and nobody after its end.</summary>
public sealed class NetworkUseTests : IDisposable
{
    private const string InUse =
        "The compiled network 'gated' is in use by another call. Give each thread one of its own, or take turns.";

    private readonly ManualResetEventSlim _inside = new();
    private readonly ManualResetEventSlim _go = new();
    private readonly NativeBackend _native = new(2);
    private readonly CompositeBackend _backend;
    private bool _waits;

    public NetworkUseTests()
    {
        OwnBackend own = new OwnBackend().With<Gate>(operands =>
        {
            if (_waits)
            {
                _inside.Set();
                _go.Wait();
            }
            operands[0]!.CopyTo(operands[1]!);
        });
        _backend = new CompositeBackend(own, _native);
    }

    public void Dispose()
    {
        _backend.Dispose();
        _native.Dispose();
        _inside.Dispose();
        _go.Dispose();
    }

    [Fact]
    public void A_second_thread_is_refused_and_disturbs_nothing()
    {
        double[][] expected = Train(_ => { });
        double[][] values = Train(compiled =>
        {
            foreach ((string name, Action use) in Uses(compiled))
            {
                string message = Assert.Throws<InvalidOperationException>(use).Message;
                Assert.Equal($"{name}: {InUse}", $"{name}: {message}");
            }
        });
        Assert.Equal(expected, values);
    }

    [Fact]
    public void A_backend_in_use_takes_no_other_network()
    {
        using Network other = Create();
        double[][] expected = Train(_ => { });
        double[][] values = Train(_ =>
        {
            var e = Assert.Throws<InvalidOperationException>(() => Compile(other));
            Assert.Contains("backend 'own' is in use by another call", e.Message, StringComparison.Ordinal);
        });
        Assert.Equal(expected, values);
    }

    [Fact]
    public void After_its_end_every_use_is_refused()
    {
        using Network network = Create();
        CompiledNetwork compiled = Compile(network);
        compiled.Dispose();
        compiled.Dispose();
        foreach ((string name, Action use) in Uses(compiled).Where(pair => pair.Name != "Dispose"))
        {
            string message = Assert.Throws<ObjectDisposedException>(use).Message;
            Assert.Contains("The compiled network 'gated' was disposed.", message, StringComparison.Ordinal);
        }
        Assert.Throws<ObjectDisposedException>(() => compiled.Output.Span.Length);
    }

    [Fact]
    public void A_network_whose_parameters_were_freed_says_so()
    {
        Network network = Create();
        using CompiledNetwork compiled = Compile(network);
        using Tensor input = NetworkCases.Input(network, 3, 1);
        network.Dispose();
        Assert.Throws<ObjectDisposedException>(() => compiled.Forward(input));
    }

    [Fact]
    public void A_layer_that_throws_leaves_the_network_usable()
    {
        using Network network = Create();
        using CompiledNetwork compiled = Compile(network);
        using Tensor input = NetworkCases.Input(network, 3, 1);
        compiled.Forward(input);
        double[] expected = TensorValues.Read(compiled.Output);
        Tensor gone = NetworkCases.Input(network, 3, 1);
        gone.Dispose();
        Assert.Throws<ObjectDisposedException>(() => compiled.Forward(gone));
        compiled.Forward(input);
        Assert.Equal(expected, TensorValues.Read(compiled.Output));
    }

    [Fact]
    public void Training_needs_its_phase_and_updates_an_optimiser()
    {
        using Network network = Create();
        using CompiledNetwork inference = network.Compile(_backend, 1, Phase.Inference, new Sgd());
        foreach (Action use in (Action[])[inference.Backward, inference.Update, inference.ZeroGradients])
            Assert.Throws<InvalidOperationException>(use);
        Assert.Throws<InvalidOperationException>(() => inference.OutputGradient);
        Assert.Empty(inference.OutputGradients);
        Assert.All(inference.Parameters, slot => Assert.Null(slot.Gradient));
        using CompiledNetwork plain = network.Compile(_backend, 1, Phase.Training);
        string message = Assert.Throws<InvalidOperationException>(plain.Update).Message;
        Assert.Equal("Network 'gated' was compiled without an optimiser.", message);
    }

    // Three steps, in the second of which the forward pass waits inside a layer while another thread does something.
    private double[][] Train(Action<CompiledNetwork> meanwhile)
    {
        using Network network = Create();
        using CompiledNetwork compiled = Compile(network);
        using PreparedLoss loss = new SoftmaxCrossEntropy().Prepare(_backend, compiled.Output.Shape);
        for (int i = 0; i < 3; i++)
        {
            using Tensor input = NetworkCases.Input(network, 3, (ulong)i);
            compiled.ZeroGradients();
            if (i == 1)
                ForwardWhile(compiled, input, meanwhile);
            else
                compiled.Forward(input);
            loss.Evaluate(compiled.Output, Targets.Classes([0, 1, 2]), 1, compiled.OutputGradient);
            compiled.Backward();
            compiled.Update();
        }
        return NetworkCases.Values(network);
    }

    private void ForwardWhile(CompiledNetwork compiled, Tensor input, Action<CompiledNetwork> meanwhile)
    {
        _waits = true;
        var forward = new Thread(() => compiled.Forward(input));
        forward.Start();
        try
        {
            _inside.Wait();
            meanwhile(compiled);
        }
        finally
        {
            _waits = false;
            _go.Set();
            forward.Join();
            _inside.Reset();
            _go.Reset();
        }
    }

    private static (string Name, Action Use)[] Uses(CompiledNetwork compiled)
    {
        Tensor input = NetworkCases.Input(compiled.Network, 3, 9);
        return
        [
            ("Forward", () => compiled.Forward(input)),
            ("Backward", compiled.Backward),
            ("Update", compiled.Update),
            ("ZeroGradients", compiled.ZeroGradients),
            ("RefreshParameters", compiled.RefreshParameters),
            ("FindNonFinite", () => compiled.FindNonFinite(input)),
            ("Dispose", compiled.Dispose),
        ];
    }

    // Batch 3, and a dense layer large enough for its step to be fused.
    private CompiledNetwork Compile(Network network) =>
        network.Compile(_backend, 3, Phase.Training, new Sgd { Momentum = 0.9f });

    private static Network Create() =>
        NetworkBuilder.Start(8, 8, 4).Dense(256).Tanh().Add(new GateLayer()).Dense(3).Build(3, "gated");

    /// <summary>Waits, when told to, and copies.</summary>
    private sealed class Gate(Shape shape)
        : Operation("forward", 0, [Operand.Read("input", shape), Operand.Overwritten("output", shape)]);

    private sealed class GateLayer : Layer
    {
        public override string Kind => "test-gate";

        public override Shape InferShape(ReadOnlySpan<Shape> inputs) => inputs[0];

        public override void Forward(LayerContext context) =>
            context.Call(new Gate(context.Input.Shape), context.Input, context.Output);

        public override void Backward(LayerContext context) => context.PassGradient(0, context.OutputGradient);
    }
}
