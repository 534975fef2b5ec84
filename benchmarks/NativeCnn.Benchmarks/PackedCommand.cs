using System.CommandLine;
using System.Diagnostics;
using NativeCnn.Backends;
using NativeCnn.Backends.Native;
using NativeCnn.Cli.Commands;
using NativeCnn.Layers;
using NativeCnn.Models;
using NativeCnn.Networks;
using NativeCnn.OneDnn;
using NativeCnn.Randomness;
using NativeCnn.Tensors;
using NativeCnn.Training;

namespace NativeCnn.Benchmarks;

/// <summary>
/// <c>packed</c>: inference at batch 1 with parameters packed at every run and with packed parameters kept, alternately.
/// The outputs are compared, bit by bit, before they are timed.
/// </summary>
internal sealed class PackedCommand : Command
{
    private const int WarmUps = 2;

    private static readonly (Func<Network> Create, int Runs)[] Networks =
    [
        (() => LeNet.Create(new Shape(1, 28, 28, 1), 10), 100),
        (() => AlexNet.Create(new Shape(1, 224, 224, 3), 1000), 1),
        (() => Vgg.Create(16, new Shape(1, 224, 224, 3), 1000), 1),
    ];

    private readonly NumberOption<int> _rounds = NumberOptions.Rounds(21);
    private readonly NumberOption<int> _threads = NumberOptions.Threads();

    public PackedCommand()
        : base("packed", "Times inference at batch 1 with and without packed parameters kept, alternately.")
    {
        Add(_rounds);
        Add(_threads);
        SetAction(Run);
    }

    private int Run(ParseResult arguments)
    {
        int threads = arguments.GetValue(_threads);
        Console.WriteLine("ms, packed at every run and kept, and the first divided by the second; MB kept");
        foreach (Backend backend in (Backend[])[new NativeBackend(threads), new OneDnnBackend(threads)])
        {
            using Backend owned = backend;
            foreach ((Func<Network> create, int runs) in Networks)
            {
                using Network network = create();
                Compare(network, backend, runs, arguments.GetValue(_rounds));
            }
        }
        return 0;
    }

    private static void Compare(Network network, Backend backend, int runs, int rounds)
    {
        using CompiledNetwork plain = network.Compile(backend, 1, Phase.Inference);
        using CompiledNetwork kept = network.Compile(backend, 1, Phase.Inference, keepsPacked: true);
        using var input = new Tensor(network.InputShape);
        var random = new RandomStream(1, 0);
        foreach (ref float value in input.Span)
            value = 2 * random.NextSingle() - 1;
        plain.Forward(input);
        for (int run = 0; run < 2; run++)
        {
            kept.Forward(input);
            if (!plain.Output.Span.SequenceEqual(kept.Output.Span))
                throw new InvalidOperationException($"The outputs of '{network.Name}' differ on {backend.Name}.");
        }
        long[] plainTicks = new long[rounds];
        long[] keptTicks = new long[rounds];
        for (int round = -WarmUps; round < rounds; round++)
        {
            long first = Time(plain, input, runs);
            long second = Time(kept, input, runs);
            if (round >= 0)
                (plainTicks[round], keptTicks[round]) = (first, second);
        }
        double before = RunTimes.Of(plainTicks).Median / runs;
        double after = RunTimes.Of(keptTicks).Median / runs;
        double megabytes = kept.Calls.Sum(call => call.Kernel.KeptBytes) / 1048576.0;
        Console.WriteLine(
            $"{backend.Name, -8}{network.Name, -10}{before, 10:0.000}{after, 10:0.000}{before / after, 7:0.00}"
                + $"{megabytes, 8:0.0}"
        );
    }

    private static long Time(CompiledNetwork network, Tensor input, int runs)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < runs; i++)
            network.Forward(input);
        return Stopwatch.GetTimestamp() - start;
    }
}
