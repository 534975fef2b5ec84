using System.Diagnostics;
using NativeCnn.Backends.Native;
using NativeCnn.Initializers;
using NativeCnn.Layers;
using NativeCnn.Networks;
using NativeCnn.Parameters;
using NativeCnn.Randomness;
using NativeCnn.Tensors;

namespace NativeCnn.Stress;

/// <summary>Several threads are the first to ask for a network's values: all of them get the right ones.</summary>
internal static class FirstUse
{
    private const int Threads = 4;

    public static void Run(int seconds, Faults faults)
    {
        faults.Begin("first use");
        float[] values = ExpectedValues();
        using Network expected = Subjects.Digits();
        using Tensor images = Subjects.Images(expected);
        NativeBackend[] backends = [.. Enumerable.Range(0, Threads).Select(_ => new NativeBackend(2))];
        float[] outputs;
        using (CompiledNetwork compiled = expected.Compile(backends[0], Subjects.BatchSize, Phase.Inference))
        {
            compiled.Forward(images);
            outputs = Subjects.Copy(compiled.Output);
        }
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed.TotalSeconds < seconds)
        {
            AskAtOnce(values, faults);
            CompileAtOnce(backends, images, outputs, faults);
            FailAtOnce(faults);
            faults.Tick();
        }
        foreach (NativeBackend backend in backends)
            backend.Dispose();
    }

    private static float[] ExpectedValues()
    {
        using Network network = Subjects.Digits();
        return Subjects.Values(network);
    }

    private static void AskAtOnce(float[] values, Faults faults)
    {
        using Network network = Subjects.Digits();
        AtOnce(faults, _ => faults.Compare("values asked for by several threads", values, Subjects.Values(network)));
        faults.Compare("values afterwards", values, Subjects.Values(network));
    }

    private static void CompileAtOnce(NativeBackend[] backends, Tensor images, float[] outputs, Faults faults)
    {
        using Network network = Subjects.Digits();
        AtOnce(
            faults,
            thread =>
            {
                using CompiledNetwork compiled = network.Compile(backends[thread], Subjects.BatchSize, Phase.Inference);
                compiled.Forward(images);
                faults.Compare("one network compiled by several threads", outputs, Subjects.Copy(compiled.Output));
            }
        );
    }

    // The first time is a failure, for whoever that is; nobody ever sees values that are half made.
    private static void FailAtOnce(Faults faults)
    {
        var initializer = new FailsOnce();
        using Network network = NetworkBuilder.Start(1, 1, 64).Add(new Dense(64) { Initializer = initializer }).Build();
        Parameter weights = network.Parameters[0];
        AtOnce(faults, _ => CheckOnes(weights, faults));
        CheckOnes(weights, faults);
    }

    private static void CheckOnes(Parameter weights, Faults faults)
    {
        try
        {
            if (Subjects.Copy(weights.Value).AsSpan().ContainsAnyExcept(1f))
                faults.Add("an initialiser that throws: values that are half made");
        }
        catch (NotSupportedException) { }
    }

    private static void AtOnce(Faults faults, Action<int> action)
    {
        using var start = new Barrier(Threads);
        Action[] actions =
        [
            .. Enumerable
                .Range(0, Threads)
                .Select(thread =>
                    (Action)(
                        () =>
                        {
                            start.SignalAndWait();
                            action(thread);
                        }
                    )
                ),
        ];
        faults.RunTogether(actions);
    }

    private sealed record FailsOnce : Initializer
    {
        private int _calls;

        protected override void Draw(Span<float> values, int fanIn, int fanOut, ref RandomStream random)
        {
            values[..(values.Length / 2)].Fill(1);
            Thread.SpinWait(200);
            if (Interlocked.Increment(ref _calls) == 1)
                throw new NotSupportedException("Not yet.");
            values.Fill(1);
        }
    }
}
