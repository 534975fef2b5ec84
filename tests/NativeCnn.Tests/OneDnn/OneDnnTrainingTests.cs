using System.Globalization;
using NativeCnn.Backends;
using NativeCnn.Backends.Native;
using NativeCnn.Data;
using NativeCnn.Models;
using NativeCnn.Networks;
using NativeCnn.OneDnn;
using NativeCnn.Optimizers;
using NativeCnn.Training;
using NativeCnn.Verification;
using Xunit.Abstractions;

namespace NativeCnn.Tests.OneDnn;

/// <summary>Whole trainings on oneDNN reach the losses of the native backend.</summary>
public sealed class OneDnnTrainingTests(ITestOutputHelper output)
{
    private const int Steps = 20;
    private const int Batches = 4;
    private const double Allowed = 1e-4;

    [OneDnnTheory]
    [InlineData("lenet", 16, 0.01f)]
    public void Losses_over_20_steps_are_those_of_the_native_backend(string model, int batch, float rate) =>
        Compare(model, batch, rate);

    /// <summary>Minutes of all processors.</summary>
    [OneDnnTheory, Trait("Category", "Slow")]
    [InlineData("alexnet", 4, 1e-4f)]
    [InlineData("vgg16", 2, 3e-5f)]
    public void Losses_of_large_networks_are_too(string model, int batch, float rate) => Compare(model, batch, rate);

    private void Compare(string model, int batch, float rate)
    {
        double[] expected = LossesOf(new NativeBackend(), model, batch, rate);
        double[] other = LossesOf(
            new NativeBackend(new NativeBackendOptions { Algorithm = "im2col" }),
            model,
            batch,
            rate
        );
        double[] found = LossesOf(new OneDnnBackend(), model, batch, rate);
        for (int i = 0; i < Steps; i++)
            output.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"step {i + 1}: {expected[i]:g7}, onednn {found[i] / expected[i] - 1:e1}, im2col {other[i] / expected[i] - 1:e1}"
                )
            );
        double first = expected[..Batches].Sum();
        double last = expected[^Batches..].Sum();
        Assert.True(last < first, $"It learns nothing: {first} to {last}");
        for (int i = 0; i < Steps; i++)
            Assert.InRange(found[i], expected[i] * (1 - Allowed), expected[i] * (1 + Allowed));
    }

    // Four batches, five times each: what is learned shows in the loss.
    private static double[] LossesOf(Backend backend, string model, int batch, float rate)
    {
        using (backend)
        {
            CatalogModel entry = ModelCatalog.Find(model);
            using Network network = entry.Create(entry.Example, entry.Classes, seed: 3);
            // Logits near 0, as after training's first steps: losses of 20 and more at the beginning part by themselves.
            foreach (ref float weight in network.Parameters[^2].Value.AsSpan<float>())
                weight *= 0.01f;
            var options = new TrainerOptions
            {
                BatchSize = batch,
                Optimizer = new Sgd { LearningRate = rate, Momentum = 0.9f },
            };
            using var trainer = new Trainer(network, backend, options);
            using var loader = new BatchLoader(new RandomExamples(network, batch * Batches, 5), batch, seed: 5);
            double[] losses = new double[Steps];
            for (int i = 0; i < Steps; i++)
            {
                if (i % Batches == 0)
                    loader.StartEpoch(1 + i / Batches);
                losses[i] = trainer.Step(loader.Next()!).Loss;
            }
            return losses;
        }
    }
}
