using System.Text.RegularExpressions;
using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Native;
using NativeCnn.Backends.Operations;
using NativeCnn.Losses;
using NativeCnn.Networks;
using NativeCnn.Optimizers;
using NativeCnn.Tensors;
using NativeCnn.Tests.Backends;
using NativeCnn.Training;
using NativeConvolutionKernel = NativeCnn.Backends.Native.ConvolutionKernel;

namespace NativeCnn.Tests.Examples;

/// <summary>
/// docs/adding.md: its code is text of files that are compiled, and what only these tests compile runs.
/// </summary>
public sealed partial class AddingTests
{
    private static readonly string Folder = Path.Combine(SharedData.Repository, "docs");
    private static readonly string Text = File.ReadAllText(Path.Combine(Folder, "adding.md"));

    [Fact]
    public void Every_block_of_code_is_text_of_the_file_that_is_named_above_it()
    {
        int blocks = 0;
        foreach (Match block in Blocks().Matches(Text))
        {
            string file = Links().Matches(Text[..block.Index])[^1].Groups[1].Value;
            string code = block.Groups[1].Value;
            string source = File.ReadAllText(Path.Combine(Folder, file));
            Assert.True(
                source.Contains(code, StringComparison.Ordinal),
                $"{file} does not contain this of docs/adding.md:\n{code}"
            );
            blocks++;
        }
        Assert.True(blocks >= 15, $"{blocks} blocks of code");
    }

    [Fact]
    public void Every_file_that_is_named_exists() =>
        Assert.All(
            Links().Matches(Text),
            link => Assert.True(Path.Exists(Path.Combine(Folder, link.Groups[1].Value)), link.Value)
        );

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void The_convolution_algorithm_agrees_with_the_specification(int threads)
    {
        using NativeBackend native = new(threads);
        using PointwiseBackend pointwise = new(native);
        using ManagedBackend managed = new();
        foreach (Activation activation in (Activation[])[Activation.Identity, Activation.Relu])
        {
            OperationCase row = new(
                new ConvolutionForward(
                    new ConvolutionGeometry(new Shape(3, 28, 28, 33), 18, 1),
                    activation,
                    hasBias: true
                ),
                ""
            );
            OperationRun run = OperationRun.Of(row, pointwise);
            run.AssertGuardsIntact();
            run.AssertClose(OperationRun.Of(row, managed));
        }
        Assert.Null(
            pointwise.Plan(new ConvolutionForward(new(new Shape(1, 8, 8, 2), 2, 3), Activation.Identity, false))
        );
    }

    [Fact]
    public void The_model_learns()
    {
        using Network network = SmallResNet.Create(new Shape(1, 16, 16, 2), classes: 3);
        using NativeBackend native = new(threads: 2);
        var sgd = new Sgd { LearningRate = 0.05f, Momentum = 0.9f };
        using TrainingStep step = new(network, native, batchSize: 3, new NativeCnn.Losses.SoftmaxCrossEntropy(), sgd);
        using Tensor input = new(network.InputShape.WithBatchSize(3));
        Fillers.Uniform.Draw(new Random(1), input.Count).Select(value => (float)value).ToArray().CopyTo(input.Span);
        double first = step.Run(input, Targets.Classes([0, 1, 2])).Loss;
        for (int k = 0; k < 30; k++)
            step.Run(input, Targets.Classes([0, 1, 2]));
        Assert.True(step.Run(input, Targets.Classes([0, 1, 2])).Loss < first / 2);
    }

    [GeneratedRegex("```c(?:sharp)?\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Blocks();

    [GeneratedRegex(@"\]\((\.\./[^)]+)\)")]
    private static partial Regex Links();

    /// <summary>The native backend's kernel with the algorithm under test, and nothing else.</summary>
    private sealed class PointwiseBackend(NativeBackend native) : Backend
    {
        public override string Name => "pointwise";

        public override ElementType ElementType => ElementType.Float32;

        public override int Threads => native.Threads;

        public override Kernel? Plan(Operation operation) =>
            operation is ConvolutionForward forward && PointwiseForward.CanCompute(forward.Geometry)
                ? new NativeConvolutionKernel(native, forward, PointwisePlanning.ByPointwise(forward.Geometry))
                : null;
    }
}
