using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Benchmarks;

/// <summary>Losses and optimisers among the <see cref="BenchmarkedOperations"/>.</summary>
internal static class LearningOperations
{
    private static readonly Shape Logits = Shape.Vector(32, 1000);
    private static readonly Shape Images = new(64, 28, 28, 1);
    private static readonly Shape Weights = Shape.Vector(4096, 4096);

    // Gradients are not scaled down, so that they stand out from what rounding may differ by.
    public static IReadOnlyList<BenchmarkedOperation> All =>
        [
            new("alexnet smoothed", new WeightedCrossEntropy(Logits, 0.1, null, wantsGradient: true), 1, 32)
            {
                Filled = { ["targets"] = Fillings.Probabilities },
            },
            new("mnist-autoencoder", new LogisticCrossEntropy(Images, wantsGradient: true), 1, 64)
            {
                Filled = { ["targets"] = Fillings.NotNegative },
            },
            new("mnist-autoencoder", new HuberLoss(Images, 1, wantsGradient: true), 1, 64),
            new("alexnet", new HingeLoss(Logits, wantsGradient: true), 1, 32)
            {
                Filled = { ["targets"] = Fillings.Labels(Logits.Channels) },
            },
            new("alexnet-dense2", new GradientNorm(Weights)),
            new("alexnet-dense2", new GradientScaling(Weights), 0.5),
            new("alexnet-dense2", new GradientClamp(Weights), 0.5),
            new("alexnet-dense2", new RmsPropUpdate(Weights), 1e-3, 0.99, 1e-8, 0, 5e-4)
            {
                Filled = { ["meanSquare"] = Fillings.NotNegative },
            },
            new("alexnet-dense2", new AdagradUpdate(Weights), 1e-3, 1e-10, 5e-4)
            {
                Filled = { ["sumOfSquares"] = Fillings.NotNegative },
            },
            new("alexnet-dense2", new DiagonalLevenbergMarquardtUpdate(Weights), 1e-3, 0.02, 5e-4)
            {
                Filled = { ["secondDerivative"] = Fillings.NotNegative },
            },
            new("alexnet-dense2", new Square(Weights)),
            new("mnist-autoencoder", new SquaredErrorSecondDerivatives(Images, 0.5), 64),
            new("alexnet", new SoftmaxCrossEntropySecondDerivatives(Logits), 32),
            new("mnist-autoencoder", new LogisticCrossEntropySecondDerivatives(Images), 64),
        ];
}
