using System.Diagnostics;
using NativeCnn.Backends;
using NativeCnn.Backends.Native;
using NativeCnn.Backends.Operations;
using NativeCnn.Losses;
using NativeCnn.Networks;
using NativeCnn.Tensors;
using NativeCnn.Training;
using Activation = NativeCnn.Backends.Operations.Activation;

namespace NativeCnn.Stress;

/// <summary>
/// <see cref="Thread.Interrupt"/> hits a thread that computes: what it computes is right all the same, and the
/// interruption is raised afterwards, once.
/// </summary>
internal static class Interruption
{
    private const int StepsPerRound = 20;

    public static void Run(int seconds, Faults faults)
    {
        // More threads than most machines have processors, so that the caller waits for the others.
        using var backend = new NativeBackend(4);
        var clock = Stopwatch.StartNew();
        faults.Begin("interrupted operations");
        InterruptOperations(backend, () => clock.Elapsed.TotalSeconds < seconds / 2.0, faults);
        faults.Begin("interrupted training");
        InterruptTraining(backend, () => clock.Elapsed.TotalSeconds < seconds, faults);
    }

    private static void InterruptOperations(Backend backend, Func<bool> goesOn, Faults faults)
    {
        var geometry = new ConvolutionGeometry(new Shape(8, 24, 24, 8), 16, 5);
        Kernel convolution = backend.Prepare(new ConvolutionForward(geometry, Activation.Relu, hasBias: false));
        using var input = new Tensor(geometry.Input);
        using var filters = new Tensor(geometry.FilterShape);
        using var output = new Tensor(geometry.Output);
        Subjects.Fill(input, 1);
        Subjects.Fill(filters, 2);
        Tensor?[] operands = [.. convolution.Operation.Operands.Select(operand => Choose(operand.Name))];
        Tensor? Choose(string name) =>
            name switch
            {
                "input" => input,
                "filters" => filters,
                "output" => output,
                _ => null,
            };
        convolution.Run(operands);
        float[] expected = Subjects.Copy(output);
        using var interrupter = new Interrupter(faults);
        while (goesOn())
        {
            output.Span.Fill(float.NaN);
            interrupter.During(() => convolution.Run(operands));
            faults.Compare("an interrupted operation", expected, output.Span);
            faults.Tick();
        }
    }

    private static void InterruptTraining(Backend backend, Func<bool> goesOn, Faults faults)
    {
        float[] expected = Train(backend, run => run(), faults);
        using var interrupter = new Interrupter(faults);
        while (goesOn())
            faults.Compare("interrupted training", expected, Train(backend, interrupter.During, faults));
    }

    private static float[] Train(Backend backend, Action<Action> run, Faults faults)
    {
        using Network network = Subjects.Digits();
        using Tensor images = Subjects.Images(network);
        using TrainingStep step = Subjects.Step(network, backend);
        for (int i = 0; i < StepsPerRound; i++)
        {
            run(() => step.Run(images, Targets.Classes(Subjects.Labels)));
            faults.Tick();
        }
        return Subjects.Values(network);
    }

    // Interrupts the thread that made it once in every action, at a random time.
    private sealed class Interrupter : IDisposable
    {
        private readonly Faults _faults;
        private readonly Thread _computing = Thread.CurrentThread;
        private readonly Thread _interrupting;
        private readonly Random _random = new(5);
        private int _rounds;
        private int _interruptions;
        private volatile bool _stopping;

        public Interrupter(Faults faults)
        {
            _faults = faults;
            _interrupting = new Thread(Loop) { IsBackground = true };
            _interrupting.Start();
        }

        public void During(Action action)
        {
            int round = Interlocked.Increment(ref _rounds);
            bool wasRaised = false;
            try
            {
                action();
            }
            catch (ThreadInterruptedException)
            {
                wasRaised = true;
            }
            while (Volatile.Read(ref _interruptions) < round)
                Thread.SpinWait(20);
            // One that came late, or that the run left to the caller, is raised by the caller's next wait.
            bool isPending = TakePending();
            if (!wasRaised && !isPending)
                _faults.Add("an interruption was lost");
            else if (wasRaised && isPending)
                _faults.Add("an interruption was raised twice");
        }

        public void Dispose()
        {
            _stopping = true;
            _interrupting.Join();
        }

        private static bool TakePending()
        {
            try
            {
                Thread.Sleep(1);
                return false;
            }
            catch (ThreadInterruptedException)
            {
                return true;
            }
        }

        private void Loop()
        {
            while (!_stopping)
            {
                if (Volatile.Read(ref _rounds) == _interruptions)
                {
                    Thread.SpinWait(5);
                    continue;
                }
                Thread.SpinWait(_random.Next(30_000));
                _computing.Interrupt();
                Interlocked.Increment(ref _interruptions);
            }
        }
    }
}
