using System.Globalization;
using System.Security.Cryptography;
using NativeCnn.Backends.Operations;
using NativeCnn.Data;
using NativeCnn.Losses;
using NativeCnn.Networks;
using NativeCnn.Optimizers;
using NativeCnn.Parameters;
using NativeCnn.Schedules;
using NativeCnn.Tensors;

namespace NativeCnn.Training;

/// <summary>Something that a run depends on, in words.</summary>
internal readonly record struct RunTerm(string Name, string Value);

/// <summary>
/// What a run depends on besides its network, in words that are equal where runs are. Optimisers, losses and schedules,
/// also those from outside the assembly, are described by what they answer and not by what they are made of.
/// </summary>
internal static class RunTerms
{
    private const int LookedAt = 64;

    public static List<RunTerm> Describe(
        TrainerOptions options,
        CompiledNetwork compiled,
        int batchesPerEpoch,
        IDataset train,
        IDataset? test
    ) =>
        [
            new("backend", compiled.Backend.Name),
            new("training examples", Describe(train)),
            new("test examples", test is null ? "none" : Describe(test)),
            new("epochs", Text(options.Epochs)),
            new("batch size", Text(options.BatchSize)),
            new("accumulated batches", Text(options.AccumulatedBatches)),
            new("seed", options.Seed.ToString(CultureInfo.InvariantCulture)),
            // Of dropout's masks too.
            new("network's seed", compiled.Network.Seed.ToString(CultureInfo.InvariantCulture)),
            new("optimiser", Describe(options.Optimizer, compiled.Network)),
            new("schedule", Describe(options.Schedule, (long)batchesPerEpoch * options.Epochs, options.Epochs)),
            new("loss", Describe(options.Loss, compiled)),
            new("penalties", Describe(options.Penalties, compiled.Network)),
            new("early stopping", options.Patience is { } patience ? Text(patience) : "none"),
            new("clipping", Describe(options.Clipping)),
        ];

    /// <summary>The first term that differs, by name with both values, or null.</summary>
    public static (string Name, string Kept, string Now)? FirstDifference(
        IReadOnlyList<RunTerm> kept,
        IReadOnlyList<RunTerm> now
    )
    {
        foreach (RunTerm term in now)
        {
            string before = kept.FirstOrDefault(other => other.Name == term.Name).Value ?? "not known";
            if (before != term.Value)
                return (term.Name, before, term.Value);
        }
        return null;
    }

    // Names, sizes, all labels and some of the pictures: enough to tell other examples or another order of them.
    private static string Describe(IDataset data)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (int i = 0; i < data.Count; i++)
            hash.AppendData(BitConverter.GetBytes(data.Label(i)));
        float[] values = new float[data.ExampleShape.Count];
        int step = Math.Max(1, data.Count / LookedAt);
        for (int i = 0; i < data.Count; i += step)
        {
            data.Read(i, values);
            hash.AppendData(System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()));
        }
        string digest = Convert.ToHexStringLower(hash.GetCurrentHash())[..12];
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{data.Count} of {data.Name}, {data.ExampleShape}, {data.ClassNames.Count} classes, content {digest}"
        );
    }

    // The scalars of a first step, and the options that no scalar tells.
    private static string Describe(Optimizer optimizer, Network network)
    {
        string name = optimizer switch
        {
            Sgd { IsNesterov: true } => "Sgd (Nesterov)",
            Adam { IsDecoupled: true } => "Adam (decoupled)",
            DiagonalLevenbergMarquardt d => $"{d.GetType().Name} ({Text(d.Smoothing)} of {Text(d.SampleCount)})",
            _ => optimizer.GetType().Name,
        };
        if (network.Parameters.FirstOrDefault(p => p.Role == ParameterRole.Trained) is not { } parameter)
            return name;
        UpdateOperation update = optimizer.Declare(parameter.Shape);
        var scalars = new double[update.Scalars.Count];
        optimizer.WriteScalars(parameter, 1, scalars);
        return $"{name} {string.Join(", ", update.Scalars.Zip(scalars, (scalar, value) => $"{scalar} {Text(value)}"))}";
    }

    private static string Describe(Schedule schedule, long steps, int epochs)
    {
        if (schedule == Schedule.Constant)
            return "constant";
        // No better loss in any epoch, so that a plateau's patience shows.
        IEnumerable<double> factors = Enumerable
            .Range(0, 9)
            .Select(i =>
            {
                int epoch = (int)((long)i * epochs / 9);
                double[] losses = [.. Enumerable.Repeat(1.0, epoch)];
                return schedule.Factor(new TrainingPosition(i * steps / 9, steps, epoch, losses));
            });
        return $"{schedule.GetType().Name} {string.Join(", ", factors.Select(Text))}";
    }

    // The loss of outputs 0 to 1 for every class in turn.
    private static string Describe(Loss loss, CompiledNetwork compiled)
    {
        int classes = Math.Min(compiled.Output.Shape.ElementsPerExample, 1000);
        Shape shape = compiled.Output.Shape.WithBatchSize(classes);
        using PreparedLoss prepared = loss.Prepare(compiled.Backend, shape, wantsGradient: false);
        using var outputs = new Tensor(shape);
        Span<float> values = outputs.Span;
        for (int i = 0; i < values.Length; i++)
            values[i] = (7L * i * i + 3L * i) % 11 / 11f;
        int[] labels = [.. Enumerable.Range(0, classes)];
        double sum = prepared.Evaluate(outputs, Targets.Classes(labels), 1, null);
        double weight = prepared.WeightOf(Targets.Classes(labels));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{loss.GetType().Name} ({sum / weight:G5} of a sample of weight {weight:G5})"
        );
    }

    private static string Describe(IReadOnlyList<Penalty> penalties, Network network) =>
        penalties.Count == 0
            ? "none"
            : string.Join(
                ", ",
                penalties.Select(penalty =>
                {
                    if (network.Parameters.FirstOrDefault(penalty.AppliesTo) is not { } parameter)
                        return penalty.GetType().Name;
                    Operation operation = penalty.Declare(parameter.Shape);
                    var scalars = new double[operation.Scalars.Count];
                    penalty.WriteScalars(scalars);
                    string kind = operation is Backends.Operations.WeightPenalty weights
                        ? weights.Kind.ToString()
                        : penalty.GetType().Name;
                    return $"{kind} {string.Join(' ', scalars.Select(Text))}";
                })
            );

    private static string Describe(GradientClipping? clipping) =>
        clipping is null ? "none" : $"by {(clipping.IsByNorm ? "norm" : "value")} {Text(clipping.Limit)}";

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Text(double number) => number.ToString("G6", CultureInfo.InvariantCulture);
}
