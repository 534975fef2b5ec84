using Extensions;
using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Native;
using NativeCnn.Layers;
using NativeCnn.Networks;
using NativeCnn.Optimizers;
using NativeCnn.Tensors;
using NativeCnn.Tests.Backends;
using NativeCnn.Training;
using RmsProp = Extensions.RmsProp;

namespace NativeCnn.Tests.Examples;

/// <summary>samples/Extensions: what stands outside the engine meets the contracts of what stands in it.</summary>
public sealed class ExtensionsSampleTests
{
    private static readonly Shape Images = new(3, 5, 7, 3);

    private static readonly Dictionary<string, OperationCase> Cases = new OperationCase[]
    {
        new(new SquaredReluForward(Images), ""),
        new(new SquaredReluBackward(Images), ""),
        new(new BatchCenteringForward(Images, 0.1f, isTraining: true), "in training"),
        new(new BatchCenteringForward(Images, 0.1f, isTraining: false), "at inference"),
        new(new BatchCenteringBackward(Images, wantsInputGradient: true), ""),
        new(new BatchCenteringBackward(Images, wantsInputGradient: false), "first in the network"),
        new(new LogisticCrossEntropyLoss(Shape.Vector(4, 10), wantsGradient: true), "", 0.25, 3)
        {
            ["targets"] = Fillers.Each(random => random.Next(10)),
        },
        new(new RmsPropUpdate(Images), "", 0.1, 0.9, 1e-8) { ["meanSquare"] = Fillers.Between(0.1f, 1) },
    }.ToDictionary(row => row.Name);

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Fact]
    public void The_program_trains_saves_loads_and_predicts()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            SampleResult result = Program.Run(1500, 2, Path.Combine(folder, "extensions.safetensors"));
            Assert.True(result.Gradients.IsRight, $"{result.Gradients}");
            Assert.True(result.History[^1].TrainLoss < result.History[0].TrainLoss);
            double? accuracy = result.History[^1].TestAccuracy;
            Assert.True(accuracy > 0.6, $"accuracy {accuracy}");
            Assert.True(result.PredictsTheSame);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Its_kernels_meet_the_contracts_of_operations(string name)
    {
        OperationCase row = Cases[name];
        using PlainBackend narrow = new();
        using PlainBackend wide = new(ElementType.Float64);
        OperationRun run = OperationRun.Of(row, narrow);
        run.AssertInputsUntouched();
        run.AssertGuardsIntact();
        OperationRun.Of(row, narrow, OperationMemory.FinitePoison).AssertSameBits(run);
        run.AssertAccumulated(
            OperationRun.Of(row, narrow, accumulateFromZero: true),
            Tolerance.OfSum(row.Operation.SumLength)
        );
        // Rounded to float32 even where nothing is summed.
        run.AssertClose(OperationRun.Of(row, wide), Tolerance.OfSum(Math.Max(row.Operation.SumLength, 1)));
        for (int k = 0; k < row.Operation.Operands.Count; k++)
        {
            if (row.Operation.Operands[k] is { MayBe: not null, IsWanted: true })
                OperationRun.Of(row, narrow, inPlace: k).AssertSameBits(OperationRun.Of(row, narrow));
        }
    }

    [Fact]
    public void Its_fast_kernels_give_the_bits_of_the_plain_ones()
    {
        using FastBackend fast = new();
        using PlainBackend plain = new();
        OperationCase[] rows = [.. Cases.Values.Where(row => fast.Plan(row.Operation) is not null)];
        Assert.Equal(2, rows.Length);
        foreach (OperationCase row in rows)
            OperationRun.Of(row, fast).AssertSameBits(OperationRun.Of(row, plain));
    }

    [Fact]
    public void A_label_that_counts_and_is_no_class_is_refused()
    {
        using PlainBackend plain = new();
        LogisticCrossEntropyLoss loss = new(Shape.Vector(2, 3), wantsGradient: false);
        double[][] given = [new double[6], [1, 3]];
        Assert.Throws<ArgumentOutOfRangeException>(() => plain.Compute(loss, given, 1, 2));
        double[] losses = plain.Compute(loss, given, 1, 1)[0];
        Comparison.Close([3 * Math.Log(2), 0], losses, Tolerance.OfSum(3), "losses");
    }

    [Fact]
    public void Its_float32_gradients_are_checked_against_differences_of_its_own_in_float64()
    {
        using PlainBackend plain = new();
        using PlainBackend plain64 = new(ElementType.Float64);
        using NativeBackend native = new(2);
        using ManagedBackend managed = new(ElementType.Float64);
        using CompositeBackend narrow = new(plain, native);
        using CompositeBackend wide = new(plain64, managed);
        using Network network = NetworkBuilder.Start(1, 1, 2).Dense(2).Build();
        using Tensor input = new(network.InputShape);
        LogisticCrossEntropy loss = new();
        GradientCheckResult result = GradientCheck.Run(network, loss, input, [0], backend: narrow, differences: wide);
        Assert.True(result.IsRight, $"{result}");
        Assert.Equal(GradientCheck.Float32Tolerance, result.Tolerance);
        Assert.StartsWith(
            "The backend 'managed' has no kernel for LogisticCrossEntropyLoss",
            Assert
                .Throws<NotSupportedException>(() => GradientCheck.Run(network, loss, input, [0], backend: narrow))
                .Message,
            StringComparison.Ordinal
        );
        Assert.StartsWith(
            "Differences are taken in Float64; the backend 'plain+native' computes in Float32.",
            Assert
                .Throws<ArgumentException>(() =>
                    GradientCheck.Run(network, loss, input, [0], backend: narrow, differences: narrow)
                )
                .Message,
            StringComparison.Ordinal
        );
    }

    /// <summary>
    /// The engine's backends have no fused update for an optimiser that they do not know: the gradient is stored.
    /// </summary>
    [Theory]
    [InlineData("native")]
    [InlineData("managed")]
    public void Large_dense_weights_are_trained_by_its_optimiser(string name)
    {
        using Backend engine = name == "native" ? new NativeBackend(threads: 2) : new ManagedBackend();
        using PlainBackend plain = new();
        using CompositeBackend backend = new(plain, engine);
        using Network network = NetworkBuilder.Start(1, 1, 300).Dense(300).Build();
        using CompiledNetwork compiled = network.Compile(backend, 2, Phase.Training, new RmsProp());
        Assert.All(compiled.Parameters, slot => Assert.NotNull(slot.Gradient));
        using CompiledNetwork fused = network.Compile(backend, 2, Phase.Training, new Sgd());
        Assert.Null(fused.Parameters[0].Gradient);
    }
}
