using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Native;
using NativeCnn.Backends.Native.Convolutions;
using NativeCnn.Backends.Operations;
using NativeCnn.Layers;
using NativeCnn.Losses;
using NativeCnn.Networks;
using NativeCnn.Optimizers;
using NativeCnn.Tensors;
using NativeCnn.Threading;
using NativeCnn.Training;

namespace NativeCnn.Tests.Networks;

/// <summary>Parameters that are kept packed give the same bits as without, and never those of old values.</summary>
public sealed class PackedParametersTests : IDisposable
{
    private readonly NativeBackend _backend = new(2);
    private readonly Network _network = Create();
    private readonly Tensor _input = Filled(new Shape(1, 24, 24, 3));

    public static TheoryData<string, ConvolutionGeometry> Packings
    {
        get
        {
            var data = new TheoryData<string, ConvolutionGeometry>();
            ConvolutionGeometry[] geometries =
            [
                new(new Shape(2, 12, 12, 32), 80, new Size2(3, 3), padding: Padding.All(1)),
                new(new Shape(1, 9, 11, 24), 12, new Size2(3, 3), groups: 3),
                new(new Shape(1, 14, 14, 6), 20, new Size2(5, 5)),
                new(new Shape(2, 10, 10, 24), 24, new Size2(3, 3), groups: 24),
                new(new Shape(2, 9, 10, 32), 32, new Size2(3, 3), groups: 4),
            ];
            foreach (ConvolutionGeometry geometry in geometries)
            {
                foreach (
                    ConvolutionPass pass in (ConvolutionPass[])[ConvolutionPass.Forward, ConvolutionPass.BackwardData]
                )
                {
                    foreach (
                        ConvolutionCandidate candidate in ConvolutionPlanner.Candidates(geometry, pass, exact: false)
                    )
                        data.Add($"{pass} {candidate.Algorithm}", geometry);
                }
            }
            return data;
        }
    }

    public void Dispose()
    {
        _input.Dispose();
        _network.Dispose();
        _backend.Dispose();
    }

    [Theory]
    [MemberData(nameof(Packings))]
    public void Every_algorithm_gives_the_same_bits_however_often_it_packs(string way, ConvolutionGeometry geometry)
    {
        string[] words = way.Split(' ');
        ConvolutionPass pass = Enum.Parse<ConvolutionPass>(words[0]);
        ConvolutionCandidate candidate = ConvolutionPlanner
            .Candidates(geometry, pass, exact: false)
            .Single(c => c.Algorithm == words[1]);
        ConvolutionOperation operation =
            pass == ConvolutionPass.Forward
                ? new ConvolutionForward(geometry, Activation.Relu, hasBias: true)
                : new ConvolutionBackwardData(geometry);
        var plain = new ConvolutionKernel(_backend, operation, candidate);
        var kept = new ConvolutionKernel(_backend, operation, candidate);
        Assert.Equal(words[1] != "im2col", kept.PackedOperand is not null);
        kept.KeepPacked();
        Assert.Equal(kept.PackedOperand is not null, kept.KeptBytes > 0);
        Backend.Reserve(plain);
        Backend.Reserve(kept);
        Tensor[] operands = [.. operation.Operands.Select(operand => Filled(operand.Shape))];
        byte[] expected = Run(plain);
        Assert.Equal(expected, Run(kept));
        // What other kernels leave in the memory that they share is nothing to it.
        _ = Run(plain);
        Assert.Equal(expected, Run(kept));
        operands[1].Span[0] += 1;
        byte[] changed = Run(plain);
        Assert.NotEqual(expected, changed);
        Assert.Equal(changed, Run(kept));
        Array.ForEach(operands, tensor => tensor.Dispose());

        byte[] Run(Kernel kernel)
        {
            operands[^1].Clear();
            kernel.Run(operands);
            return TensorValues.Bytes(operands[^1]);
        }
    }

    [Theory]
    [InlineData("span")]
    [InlineData("view")]
    [InlineData("copy")]
    [InlineData("clear")]
    [InlineData("initialize")]
    [InlineData("step")]
    public void Whatever_changes_a_parameter_counts_in_the_next_run(string change)
    {
        using CompiledNetwork kept = _network.Compile(_backend, 1, Phase.Inference, keepsPacked: true);
        float[] before = Output(kept);
        Assert.Equal(before, Output(kept));
        Tensor filters = _network.Parameters[0].Value;
        switch (change)
        {
            case "span":
                filters.Span[1] = 3;
                break;
            case "view":
                filters.View(Shape.Vector(1, filters.Count)).Span[1] = 3;
                break;
            case "copy":
                Filled(filters.Shape).CopyTo(filters);
                break;
            case "clear":
                filters.Clear();
                break;
            case "initialize":
                _network.Initialize(7);
                foreach (var parameter in _network.Parameters)
                    _ = parameter.Value;
                break;
            default:
                var optimizer = new Sgd { LearningRate = 0.1f };
                using (
                    var step = new TrainingStep(
                        _network,
                        _backend,
                        1,
                        new NativeCnn.Losses.SoftmaxCrossEntropy(),
                        optimizer
                    )
                )
                    _ = step.Run(_input, Targets.Classes([1]));
                break;
        }
        using CompiledNetwork plain = _network.Compile(_backend, 1, Phase.Inference);
        float[] after = Output(kept);
        Assert.NotEqual(before, after);
        Assert.Equal(Output(plain), after);
    }

    /// <summary>Otherwise the tests above would compare networks that pack at every run.</summary>
    [Fact]
    public void It_packs_once_and_again_when_told()
    {
        using CompiledNetwork kept = _network.Compile(_backend, 1, Phase.Inference, keepsPacked: true);
        Tensor filters = _network.Parameters[0].Value;
        Span<float> span = filters.Span;
        float[] before = Output(kept);
        span[1] = 3;
        Assert.Equal(before, Output(kept));
        kept.RefreshParameters();
        using CompiledNetwork plain = _network.Compile(_backend, 1, Phase.Inference);
        float[] after = Output(kept);
        Assert.NotEqual(before, after);
        Assert.Equal(Output(plain), after);
    }

    [Fact]
    public void A_run_allocates_nothing_and_only_parameters_are_kept()
    {
        using CompiledNetwork kept = _network.Compile(_backend, 1, Phase.Inference, keepsPacked: true);
        using CompiledNetwork plain = _network.Compile(_backend, 1, Phase.Inference);
        kept.Forward(_input);
        void Run()
        {
            kept.Forward(_input);
            kept.RefreshParameters();
            kept.Forward(_input);
        }
        Run();
        Assert.Equal(0, AllocationMeter.Measure(Run, _backend.Pool));
        Assert.Equal(0, plain.Calls.Sum(call => call.Kernel.KeptBytes));
        Assert.Equal(
            kept.Calls.Where(call => call.Kernel.PackedOperand is not null),
            kept.Calls.Where(call => call.Kernel.KeptBytes > 0)
        );
        Assert.Equal(3, kept.Calls.Count(call => call.Kernel.KeptBytes > 0));
    }

    [Fact]
    public void A_predictor_predicts_by_the_weights_of_now()
    {
        using var predictor = new Predictor(_network, _backend);
        float[] before = predictor.Predict(_input.Span);
        _network.Parameters[0].Value.Span[1] = 3;
        using var fresh = new Predictor(_network, _backend);
        float[] after = predictor.Predict(_input.Span);
        Assert.NotEqual(before, after);
        Assert.Equal(fresh.Predict(_input.Span), after);
    }

    /// <summary>A backend that has nothing to pack, and one that is asked by another.</summary>
    [Fact]
    public void Any_backend_takes_it()
    {
        using var managed = new ManagedBackend();
        using var composite = new CompositeBackend(_backend);
        using CompiledNetwork specified = _network.Compile(managed, 1, Phase.Inference, keepsPacked: true);
        using CompiledNetwork composed = _network.Compile(composite, 1, Phase.Inference, keepsPacked: true);
        using CompiledNetwork plain = _network.Compile(_backend, 1, Phase.Inference);
        Assert.Equal(Output(plain), Output(composed));
        Assert.Equal(3, composed.Calls.Count(call => call.Kernel.KeptBytes > 0));
        Assert.Equal(0, specified.Calls.Sum(call => call.Kernel.KeptBytes));
        Assert.Equal(Output(specified), Output(specified));
    }

    [Fact]
    public void Training_keeps_none() =>
        Assert.Throws<ArgumentException>(
            "keepsPacked",
            () => _network.Compile(_backend, 1, Phase.Training, keepsPacked: true)
        );

    private float[] Output(CompiledNetwork compiled)
    {
        compiled.Forward(_input);
        return compiled.Output.Span.ToArray();
    }

    // Winograd, direct and depthwise convolution.
    private static Network Create() =>
        NetworkBuilder
            .Start(24, 24, 3)
            .Add(new Convolution(32, 3) { Padding = Padding.All(1) })
            .Relu()
            .Add(new Convolution(32, 3) { Padding = Padding.All(1) })
            .MaxPooling(2)
            .Add(new Convolution(32, 3) { Groups = 32 })
            .Add(new Dense(4))
            .Build(seed: 5, name: "packed");

    private static Tensor Filled(Shape shape)
    {
        var tensor = new Tensor(shape);
        var random = new Random(shape.Count);
        foreach (ref float value in tensor.Span)
            value = 2 * random.NextSingle() - 1;
        return tensor;
    }
}
