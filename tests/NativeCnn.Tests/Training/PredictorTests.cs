using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Native;
using NativeCnn.Backends.Operations;
using NativeCnn.Layers;
using NativeCnn.Networks;
using NativeCnn.Tensors;
using NativeCnn.Tests.Backends;
using NativeCnn.Tests.Networks;
using NativeCnn.Tests.Threading;
using NativeCnn.Threading;
using NativeCnn.Training;

namespace NativeCnn.Tests.Training;

/// <summary>A predictor answers every caller rightly, however many there are at a time.</summary>
public sealed class PredictorTests
{
    private const int Inputs = 36;

    public static TheoryData<string, int> Ways =>
        new()
        {
            { "native", 2 },
            { "native", 0 },
            { "managed", 1 },
            { "composite", 2 },
            { "no second one", 2 },
        };

    [Theory]
    [MemberData(nameof(Ways))]
    public void Callers_at_the_same_time_get_the_answers_of_callers_one_by_one(string way, int lanes)
    {
        using Network network = Create();
        using var native = new NativeBackend(2);
        using Backend backend = way switch
        {
            "native" => new NativeBackend(2),
            "managed" => new ManagedBackend(),
            "composite" => new CompositeBackend(native),
            _ => new CompositeBackend(new OwnBackend(), native),
        };
        using var predictor = new Predictor(network, backend, lanes);
        using var another = new Predictor(network, backend, lanes);
        float[][] expected = [.. Examples().Select(example => predictor.Predict(example))];
        Assert.Equal(8, expected.Select(answer => answer[0]).Distinct().Count());
        float[][] examples = [.. Examples()];
        TestThreads.Run(
            8,
            thread =>
            {
                float[] answer = new float[5];
                for (int i = 0; i < 500; i++)
                {
                    Predictor asked = (i + thread) % 3 == 0 ? another : predictor;
                    asked.Predict(examples[(i + thread) % 8], answer);
                    Assert.Equal(expected[(i + thread) % 8], answer);
                }
            }
        );
    }

    [Fact]
    public void A_caller_who_is_alone_allocates_nothing()
    {
        using Network network = Create();
        using var backend = new NativeBackend(2);
        using var predictor = new Predictor(network, backend);
        float[] example = Examples().First();
        float[] answer = new float[5];
        void Run()
        {
            for (int i = 0; i < 50; i++)
                predictor.Predict(example, answer);
        }
        Run();
        Assert.Equal(0, AllocationMeter.Measure(Run, backend.Pool));
    }

    [Fact]
    public void Its_end_waits_for_the_caller_under_way_and_refuses_later_ones()
    {
        using var inside = new ManualResetEventSlim();
        using var go = new ManualResetEventSlim();
        bool waits = false;
        OwnBackend own = new OwnBackend().With<ActivationForward>(operands =>
        {
            if (waits)
            {
                inside.Set();
                go.Wait();
            }
            operands[0]!.CopyTo(operands[1]!);
        });
        using var managed = new ManagedBackend();
        using var backend = new CompositeBackend(own, managed);
        using Network network = NetworkBuilder.Start(1, 1, 3).Tanh().Dense(3).Build(1);
        var predictor = new Predictor(network, backend);
        float[] expected = predictor.Predict([1, 2, 3]);
        waits = true;
        float[]? answer = null;
        var caller = new Thread(() => answer = predictor.Predict([1, 2, 3]));
        caller.Start();
        inside.Wait();
        bool waited = false;
        var disposing = new Thread(() =>
        {
            predictor.Dispose();
            waited = go.IsSet;
        });
        disposing.Start();
        // From the moment at which the end has begun.
        while (!IsRefused(predictor)) { }
        go.Set();
        disposing.Join();
        caller.Join();
        Assert.True(waited);
        Assert.Equal(expected, answer);
        predictor.Dispose();
    }

    [Fact]
    public void Another_use_of_the_backend_is_refused_or_refuses_and_nothing_is_wrong()
    {
        using Network network = Create();
        using var backend = new NativeBackend(2);
        using var predictor = new Predictor(network, backend);
        float[] example = Examples().First();
        float[] expected = predictor.Predict(example);
        Kernel busy = new TestKernel(
            backend,
            new Nothing(),
            () => Assert.Throws<InvalidOperationException>(() => predictor.Predict(example))
        );
        busy.Run([]);
        Assert.Equal(expected, predictor.Predict(example));
    }

    [Fact]
    public void A_softmax_at_the_end_is_not_taken_twice()
    {
        using var backend = new ManagedBackend();
        using Network logits = NetworkBuilder.Start(1, 1, 3).Dense(4).Build(7);
        using Network probabilities = NetworkBuilder.Start(1, 1, 3).Dense(4).Add(new Softmax()).Build(7);
        using var first = new Predictor(logits, backend);
        using var second = new Predictor(probabilities, backend);
        Assert.Equal(first.Predict([1, 2, 3]), second.Predict([1, 2, 3]));
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        using Network network = Create();
        using var backend = new ManagedBackend();
        using var predictor = new Predictor(network, backend);
        Assert.Throws<ShapeException>(() => predictor.Predict(new float[Inputs + 1]));
        Assert.Throws<ShapeException>(() => predictor.Predict(new float[Inputs], new float[4]));
        using var wide = new ManagedBackend(ElementType.Float64);
        Assert.Throws<ArgumentException>(() => new Predictor(network, wide));
        network.Dispose();
        Assert.Throws<ObjectDisposedException>(() => predictor.Predict(new float[Inputs]));
        Assert.Throws<ObjectDisposedException>(() => new Predictor(network, backend));
    }

    private static bool IsRefused(Predictor predictor)
    {
        // On a thread that gives up: a predictor whose end has not begun would wait for its turn.
        bool refused = false;
        var asking = new Thread(() =>
        {
            try
            {
                predictor.Predict([1, 2, 3]);
            }
            catch (ObjectDisposedException)
            {
                refused = true;
            }
        });
        asking.Start();
        asking.Join(20);
        return refused;
    }

    private static Network Create() => NetworkBuilder.Start(6, 6, 1).Convolution(4, 3).Relu().Dense(5).Build(1);

    private static IEnumerable<float[]> Examples() =>
        Enumerable
            .Range(0, 8)
            .Select(i => Enumerable.Range(0, Inputs).Select(k => MathF.Sin(i + k * (i + 1))).ToArray());

    private sealed class Nothing() : Operation("forward", 0, []);
}
