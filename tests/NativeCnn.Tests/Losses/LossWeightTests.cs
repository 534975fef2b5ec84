using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Data;
using NativeCnn.Losses;
using NativeCnn.Networks;
using NativeCnn.Optimizers;
using NativeCnn.Tensors;
using NativeCnn.Tests.Networks;
using NativeCnn.Training;

namespace NativeCnn.Tests.Losses;

/// <summary>A mean loss is the weighted sum divided by the sum of the weights used, wherever a mean is taken.</summary>
public sealed class LossWeightTests
{
    private static readonly double[] Weights = [1, 4, 0.5];
    private static readonly int[] Labels = [0, 1, 1, 2];
    private const double SumOfWeights = 1 + 4 + 4 + 0.5;

    [Fact]
    public void The_weight_is_the_sum_of_the_labels_weights_or_the_number_of_examples()
    {
        Assert.Equal(4, new SoftmaxCrossEntropy { Smoothing = 0.1 }.WeightOf(Targets.Classes(Labels)));
        Assert.Equal(4, new HingeLoss().WeightOf(Targets.Classes(Labels)));
        SoftmaxCrossEntropy loss = new() { ClassWeights = Weights };
        Assert.Equal(SumOfWeights, loss.WeightOf(Targets.Classes(Labels)));
        Assert.Throws<ArgumentOutOfRangeException>(() => loss.WeightOf(Targets.Classes([3])));
        using Tensor rows = TensorValues.Tensor(Shape.Vector(2, 3), ElementType.Float32, [0, 1, 0, 0.5, 0.25, 0.25]);
        Assert.Equal(4 + 0.5 + 1 + 0.125, loss.WeightOf(Targets.Probabilities(rows)));
        Assert.Equal(4, loss.WeightOf(Targets.Probabilities(rows, 1)));
    }

    // From equal logits p = 1/3, so that the gradient of the logits is w/Σw · (1/3 − t) and the loss log 3.
    [Fact]
    public void A_step_is_by_the_mean_over_the_weights_used()
    {
        using var backend = new ManagedBackend();
        using Network network = NetworkBuilder.Start(1, 1, 1).Dense(3).Build();
        network.Parameters[0].Value.Clear();
        network.Parameters[1].Value.Clear();
        SoftmaxCrossEntropy loss = new() { ClassWeights = Weights };
        using var step = new TrainingStep(network, backend, 5, loss, new Sgd { LearningRate = 1 });
        using Tensor input = NetworkCases.Input(network, 5, 1);
        StepResult result = step.Run(input, Targets.Classes(Labels));
        Assert.Equal(SumOfWeights, result.Weight);
        Assert.Equal(Math.Log(3), result.Loss / result.Weight, 1e-6);
        double[] expected = [.. Weights.Select((w, c) => (c == 1 ? 2 * w : w) / SumOfWeights - 1.0 / 3)];
        Comparison.Close(expected, TensorValues.Read(network.Parameters[1].Value), Tolerance.OfSum(8), "bias");
    }

    [Fact]
    public void Trainer_and_evaluator_report_that_mean_whatever_the_batches()
    {
        using var backend = new ManagedBackend();
        using Network network = NetworkBuilder.Start(28, 28, 1).MaxPooling(7).Dense(10).Build(3);
        SyntheticDigits digits = SyntheticDigits.CreateTrain(50);
        double[] weights = [.. Enumerable.Range(1, 10).Select(c => c * 0.5)];
        SoftmaxCrossEntropy loss = new() { Smoothing = 0.1, ClassWeights = weights };
        double expected = Mean(network, backend, digits, 50, loss);
        Assert.NotEqual(expected, Mean(network, backend, digits, 50, new SoftmaxCrossEntropy()), 0.01);
        Assert.Equal(expected, Mean(network, backend, digits, 7, loss), 1e-12);
        TrainerOptions options = new()
        {
            Epochs = 1,
            BatchSize = 7,
            Loss = loss,
            Optimizer = new Sgd { LearningRate = 0 },
        };
        using var trainer = new Trainer(network, backend, options);
        EpochRecord record = trainer.Train(digits, digits).History[0];
        Assert.Equal(expected, record.TrainLoss, 1e-6);
        Assert.Equal(expected, record.TestLoss!.Value, 1e-12);
    }

    private static double Mean(Network network, Backend backend, SyntheticDigits digits, int batchSize, Loss loss)
    {
        using var evaluator = new Evaluator(network, backend, batchSize, loss);
        return evaluator.Evaluate(digits).Loss;
    }
}
