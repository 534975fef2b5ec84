using NativeCnn.Backends.Managed;
using NativeCnn.Initializers;
using NativeCnn.Layers;
using NativeCnn.Networks;
using NativeCnn.Parameters;
using NativeCnn.Randomness;
using NativeCnn.Tensors;
using NativeCnn.Tests.Threading;

namespace NativeCnn.Tests.Networks;

/// <summary>Parameters are filled when they are first asked for: once, wholly, by whoever asks.</summary>
public sealed class ParameterValueTests
{
    [Fact]
    public void Threads_that_ask_at_once_get_the_same_values_all_of_them_filled()
    {
        using Network expected = Create();
        float[][] values = [.. expected.Parameters.Select(parameter => parameter.Value.Span.ToArray())];
        for (int round = 0; round < 20; round++)
        {
            using Network network = Create();
            TestThreads.Run(
                4,
                _ =>
                {
                    for (int i = 0; i < values.Length; i++)
                        Comparison.SameBits<float>(values[i], network.Parameters[i].Value.Span, $"{i}");
                }
            );
        }
    }

    [Fact]
    public void An_initialiser_that_throws_leaves_nothing_half_made()
    {
        var initializer = new Failing();
        using Network network = NetworkBuilder.Start(1, 1, 3).Add(new Dense(2) { Initializer = initializer }).Build(1);
        Parameter weights = network.Parameters[0];
        Assert.Throws<TimeZoneNotFoundException>(() => weights.Value);
        Assert.Throws<TimeZoneNotFoundException>(() => network.Compile(new ManagedBackend(), 1, Phase.Inference));
        initializer.Fails = false;
        Tensor values = weights.Value;
        Assert.Equal(Enumerable.Repeat(2f, 6), values.Span.ToArray());

        // Once more: what compiled networks have stays as it is until all is there, and stays the same tensor.
        initializer.Fails = true;
        network.Initialize(2);
        Assert.Throws<TimeZoneNotFoundException>(() => weights.Value);
        Assert.Equal(Enumerable.Repeat(2f, 6), values.Span.ToArray());
        initializer.Fails = false;
        initializer.Number = 3;
        Assert.Same(values, weights.Value);
        Assert.Equal(Enumerable.Repeat(3f, 6), values.Span.ToArray());
    }

    [Fact]
    public void A_network_that_was_disposed_takes_no_memory_any_more()
    {
        Network network = Create();
        network.Dispose();
        network.Dispose();
        Assert.Throws<ObjectDisposedException>(() => network.Parameters[0].Value);
        Assert.Throws<ObjectDisposedException>(() => network.Initialize(1));
        using var backend = new ManagedBackend();
        string message = Assert
            .Throws<ObjectDisposedException>(() => network.Compile(backend, 1, Phase.Inference))
            .Message;
        Assert.Contains("The network 'values' was disposed.", message, StringComparison.Ordinal);
    }

    private static Network Create() => NetworkBuilder.Start(1, 1, 500).Dense(300).Dense(70).Build(5, "values");

    private sealed record Failing : Initializer
    {
        public bool Fails { get; set; } = true;

        public float Number { get; set; } = 2;

        protected override void Draw(Span<float> values, int fanIn, int fanOut, ref RandomStream random)
        {
            values[..(values.Length / 2)].Fill(7);
            if (Fails)
                throw new TimeZoneNotFoundException();
            values.Fill(Number);
        }
    }
}
