using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using NativeCnn.Backends.Native;
using NativeCnn.Cli.Commands;
using NativeCnn.Layers;
using NativeCnn.Losses;
using NativeCnn.Networks;
using NativeCnn.Parameters;
using NativeCnn.Randomness;
using NativeCnn.Tensors;
using NativeCnn.Training;

namespace NativeCnn.Benchmarks;

/// <summary>
/// <c>compile</c>: what passes before a network runs, and its first run and second, since memory that is taken at
/// compilation may be touched in the first step only. The initial values, the outputs and the losses are checked.
/// </summary>
internal sealed class CompileCommand : Command
{
    private readonly Option<string[]> _models = new("--models")
    {
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [.. NamedNetworks.Batches.Keys],
    };
    private readonly NumberOption<int> _rounds = NumberOptions.Rounds(9);
    private readonly NumberOption<int> _threads = NumberOptions.Threads();
    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON object for each model." };

    public CompileCommand()
        : base("compile", "Times compiling named networks, with their initial values, and their first runs.")
    {
        foreach (Option option in (Option[])[_models, _rounds, _threads, _json])
            Add(option);
        _models.AcceptOnlyFromAmong([.. NamedNetworks.Batches.Keys]);
        SetAction(Run);
    }

    private int Run(ParseResult arguments)
    {
        int rounds = arguments.GetValue(_rounds);
        foreach (string model in arguments.GetRequiredValue(_models))
        {
            Check(model, arguments.GetValue(_threads));
            var times = new SortedDictionary<string, List<long>>(StringComparer.Ordinal);
            for (int round = 0; round < rounds; round++)
                Measure(model, arguments.GetValue(_threads), times);
            Dictionary<string, double> medians = times.ToDictionary(
                pair => pair.Key,
                pair => RunTimes.Of(pair.Value.ToArray()).Median
            );
            Console.WriteLine(
                arguments.GetValue(_json)
                    ? JsonSerializer.Serialize(new { model, medians })
                    : $"{model}: " + string.Join(", ", medians.Select(pair => $"{pair.Key} {pair.Value:0.0} ms"))
            );
        }
        return 0;
    }

    private static void Check(string model, int threads)
    {
        using var backend = new NativeBackend(threads);
        using Network network = NamedNetworks.Create(model);
        for (int i = 0; i < network.Parameters.Count; i++)
            CheckInitialValues(network.Parameters[i], new RandomStream(network.Seed, (ulong)i));
        using NetworkBenchmark examples = new(network, backend, NamedNetworks.Batches[model]);
        examples.CheckOutputs();
    }

    // Drawn so few at a time that none is drawn beside another, on this thread.
    private static void CheckInitialValues(Parameter parameter, RandomStream random)
    {
        Span<float> values = parameter.Value.Span;
        Span<float> expected = stackalloc float[1];
        for (int i = 0; i < values.Length; i++)
        {
            parameter.Initializer.Fill(expected, parameter.FanIn, parameter.FanOut, ref random);
            if (BitConverter.SingleToInt32Bits(values[i]) != BitConverter.SingleToInt32Bits(expected[0]))
            {
                throw new InvalidOperationException(
                    $"Initial value {i} of '{parameter.Name}' is {values[i]} where {expected[0]} is drawn by itself: "
                        + "the times would mean nothing."
                );
            }
        }
    }

    private static void Measure(string model, int threads, SortedDictionary<string, List<long>> times)
    {
        int batch = NamedNetworks.Batches[model];
        using var backend = new NativeBackend(threads);
        using (Network network = NamedNetworks.Create(model))
        using (Tensor input = Fillings.NoiseOf(network.InputShape.WithBatchSize(batch), 1))
        {
            using CompiledNetwork compiled = Time(
                "1 inference",
                () => network.Compile(backend, batch, Phase.Inference)
            );
            for (int pass = 1; pass <= 2; pass++)
                Run($"2 pass {pass}", () => compiled.Forward(input));
        }
        using (Network network = NamedNetworks.Create(model))
        using (Tensor input = Fillings.NoiseOf(network.InputShape.WithBatchSize(batch), 1))
        {
            using TrainingStep step = Time("3 training", () => NetworkBenchmark.CreateStep(network, backend, batch));
            double loss = 0;
            for (int run = 1; run <= 2; run++)
                Run($"4 step {run}", () => loss = step.Run(input, Targets.Classes(new int[batch])).Loss);
            if (!(loss > 0 && double.IsFinite(loss)))
                throw new InvalidOperationException($"The loss of '{model}' is {loss}: the times would mean nothing.");
        }

        T Time<T>(string name, Func<T> work)
            where T : class
        {
            T? result = null;
            Run(name, () => result = work());
            return result!;
        }

        void Run(string name, Action work)
        {
            long start = Stopwatch.GetTimestamp();
            work();
            if (!times.TryGetValue(name, out List<long>? ticks))
                times[name] = ticks = [];
            ticks.Add(Stopwatch.GetTimestamp() - start);
        }
    }
}
