using NativeCnn.Backends.Operations;
using NativeCnn.Optimizers;
using NativeCnn.Training;
using Dropout = NativeCnn.Layers.Dropout;
using SquaredError = NativeCnn.Losses.SquaredError;
using WeightPenalty = NativeCnn.Losses.WeightPenalty;

namespace NativeCnn.Tests.Training;

/// <summary>Numbers that training cannot mean are refused where they are given, by name and range.</summary>
public sealed class OptionRangeTests
{
    private const string AtLeastZero = "finite and 0 or more";
    private const string BelowOne = "0 or more and below 1";
    private const string AboveZero = "finite and above 0";
    private const string One = "1 or more";

    // The registry: what can be set, its range, whether 0 and 1 are in it.
    private static readonly Dictionary<string, (Action<float> Set, string Range, bool HasZero, bool HasOne)> Numbers =
        new()
        {
            ["Sgd.LearningRate"] = (x => _ = new Sgd { LearningRate = x }, AtLeastZero, true, true),
            ["Sgd.Momentum"] = (x => _ = new Sgd { Momentum = x }, BelowOne, true, false),
            ["Sgd.WeightDecay"] = (x => _ = new Sgd { WeightDecay = x }, AtLeastZero, true, true),
            ["Adam.LearningRate"] = (x => _ = new Adam { LearningRate = x }, AtLeastZero, true, true),
            ["Adam.Beta1"] = (x => _ = new Adam { Beta1 = x }, BelowOne, true, false),
            ["Adam.Beta2"] = (x => _ = new Adam { Beta2 = x }, BelowOne, true, false),
            ["Adam.Epsilon"] = (x => _ = new Adam { Epsilon = x }, AboveZero, false, true),
            ["Adam.WeightDecay"] = (x => _ = new Adam { WeightDecay = x }, AtLeastZero, true, true),
            ["RmsProp.LearningRate"] = (x => _ = new RmsProp { LearningRate = x }, AtLeastZero, true, true),
            ["RmsProp.Smoothing"] = (x => _ = new RmsProp { Smoothing = x }, BelowOne, true, false),
            ["RmsProp.Epsilon"] = (x => _ = new RmsProp { Epsilon = x }, AboveZero, false, true),
            ["RmsProp.Momentum"] = (x => _ = new RmsProp { Momentum = x }, BelowOne, true, false),
            ["RmsProp.WeightDecay"] = (x => _ = new RmsProp { WeightDecay = x }, AtLeastZero, true, true),
            ["Adagrad.LearningRate"] = (x => _ = new Adagrad { LearningRate = x }, AtLeastZero, true, true),
            ["Adagrad.Epsilon"] = (x => _ = new Adagrad { Epsilon = x }, AboveZero, false, true),
            ["Adagrad.WeightDecay"] = (x => _ = new Adagrad { WeightDecay = x }, AtLeastZero, true, true),
            ["DiagonalLevenbergMarquardt.LearningRate"] = (
                x => _ = new DiagonalLevenbergMarquardt { LearningRate = x },
                AtLeastZero,
                true,
                true
            ),
            ["DiagonalLevenbergMarquardt.Damping"] = (
                x => _ = new DiagonalLevenbergMarquardt { Damping = x },
                AboveZero,
                false,
                true
            ),
            ["DiagonalLevenbergMarquardt.Smoothing"] = (
                x => _ = new DiagonalLevenbergMarquardt { Smoothing = x },
                BelowOne,
                true,
                false
            ),
            ["DiagonalLevenbergMarquardt.WeightDecay"] = (
                x => _ = new DiagonalLevenbergMarquardt { WeightDecay = x },
                AtLeastZero,
                true,
                true
            ),
            ["WeightPenalty.strength"] = (x => _ = new WeightPenalty(WeightPenaltyKind.L1, x), AtLeastZero, true, true),
            ["Dropout.probability"] = (x => _ = new Dropout(x), "0 ≤ p < 1", true, false),
        };

    public static TheoryData<string> Names => [.. Numbers.Keys];

    [Fact]
    public void Every_number_of_every_optimiser_has_a_row() =>
        Assert.Empty(
            EngineTypes
                .Of<Optimizer>()
                .SelectMany(type =>
                    type.GetProperties()
                        .Where(property => property.CanWrite && property.PropertyType == typeof(float))
                        .Select(property => $"{type.Name}.{property.Name}")
                )
                .Except(Numbers.Keys)
        );

    [Theory]
    [MemberData(nameof(Names))]
    public void What_is_outside_the_range_is_refused(string name)
    {
        (Action<float> set, string range, bool hasZero, bool hasOne) = Numbers[name];
        string member = name.Split('.')[1];
        float[] bad =
        [
            float.NaN,
            float.PositiveInfinity,
            float.NegativeInfinity,
            -0.25f,
            -float.Epsilon,
            .. hasZero ? (float[])[] : [0, -0f],
            .. hasOne ? (float[])[] : [1, 1.5f],
        ];
        foreach (float value in bad)
        {
            var e = Assert.Throws<ArgumentOutOfRangeException>(member, () => set(value));
            Assert.Contains(range, e.Message, StringComparison.Ordinal);
            if (value != -float.Epsilon)
                Assert.Contains($"got {FormattableString.Invariant($"{value}")}", e.Message, StringComparison.Ordinal);
        }
        set(0.5f);
        set(1e-30f);
        if (hasZero)
            set(0);
        if (hasOne)
            set(1000);
    }

    [Fact]
    public void A_number_that_was_refused_leaves_the_one_before()
    {
        var sgd = new Sgd { LearningRate = 0.25f };
        Assert.Throws<ArgumentOutOfRangeException>(() => sgd.LearningRate = float.NaN);
        Assert.Equal(0.25f, sgd.LearningRate);
    }

    [Fact]
    public void Impossible_options_of_a_trainer_are_refused()
    {
        foreach (int count in (int[])[0, -1, int.MinValue])
        {
            Assert.Contains(
                One,
                Assert
                    .Throws<ArgumentOutOfRangeException>("Epochs", () => new TrainerOptions { Epochs = count })
                    .Message
            );
            Assert.Contains(
                One,
                Assert
                    .Throws<ArgumentOutOfRangeException>(
                        "SampleCount",
                        () => new DiagonalLevenbergMarquardt { SampleCount = count }
                    )
                    .Message
            );
            Assert.Contains(
                One,
                Assert
                    .Throws<ArgumentOutOfRangeException>("BatchSize", () => new TrainerOptions { BatchSize = count })
                    .Message
            );
        }
        Assert.Throws<ArgumentNullException>("Optimizer", () => new TrainerOptions { Optimizer = null! });
        Assert.Throws<ArgumentNullException>("Loss", () => new TrainerOptions { Loss = null! });
        Assert.Throws<ArgumentNullException>("Penalties", () => new TrainerOptions { Penalties = null! });
        Assert.Throws<ArgumentNullException>("Penalties", () => new TrainerOptions { Penalties = [null!] });
    }

    [Fact]
    public void Impossible_losses_and_penalties_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>("strength", () => new WeightPenalty(WeightPenaltyKind.L2, 1e39));
        Assert.Throws<ArgumentOutOfRangeException>("kind", () => new WeightPenalty((WeightPenaltyKind)2, 1));
        foreach (double bad in (double[])[double.NaN, double.PositiveInfinity, 1e39])
        {
            Assert.Throws<ArgumentOutOfRangeException>("factor", () => new SquaredError(bad));
            Assert.Throws<ArgumentOutOfRangeException>("low", () => new SquaredError(low: bad));
            Assert.Throws<ArgumentOutOfRangeException>("high", () => new SquaredError(high: bad));
        }
    }
}
