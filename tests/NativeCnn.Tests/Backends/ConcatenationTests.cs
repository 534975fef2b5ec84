using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;
using static NativeCnn.Tests.Backends.TestBackends;

namespace NativeCnn.Tests.Backends;

public sealed class ConcatenationTests : IOperationRows
{
    // A single input, inputs of one channel, different ones, and enough pixels for several threads.
    private static readonly Shape[][] Inputs =
    [
        [new(2, 3, 2, 3)],
        [new(1, 1, 1, 1), new(1, 1, 1, 1)],
        [new(2, 3, 4, 5), new(2, 3, 4, 1), new(2, 3, 4, 17)],
        [new(3, 14, 14, 40), new(3, 14, 14, 24)],
    ];

    public static IEnumerable<OperationCase> Rows =>
        from inputs in Inputs
        let details = string.Join(" and ", inputs)
        let forward = new OperationCase(new ConcatenationForward(inputs), details)
        // All gradients are wanted, all but one, or all but another one.
        from row in Enumerable
            .Range(-1, inputs.Length + 1)
            .Select(not => new OperationCase(
                new ConcatenationBackward(inputs, [.. inputs.Select((_, i) => i != not)]),
                $"{details}{(not < 0 ? "" : $", not of input {not}")}"
            )
            {
                DerivativeOf = not < 0 || inputs.Length > 1 ? forward : null,
            })
            .Prepend(forward)
        select row;

    [Theory, EveryBackend]
    public void Channels_are_joined_and_taken_apart_at_every_pixel(string backend)
    {
        Shape[] inputs = [new(1, 1, 2, 2), new(1, 1, 2, 1)];
        double[] joined = [1, 2, 10, 3, 4, 20];
        Assert.Equal(joined, Compute(backend, new ConcatenationForward(inputs), [1, 2, 3, 4], [10, 20])[0]);
        double[][] gradients = Compute(backend, new ConcatenationBackward(inputs, [true, true]), joined);
        Assert.Equal([1, 2, 3, 4], gradients[0]);
        Assert.Equal([10, 20], gradients[1]);
    }

    [Fact]
    public void Inputs_that_differ_in_more_than_their_channels_and_none_at_all_are_refused()
    {
        Shape[] different = [new(1, 2, 2, 3), new(1, 2, 3, 3)];
        string message = Assert.Throws<ShapeException>(() => new ConcatenationForward(different)).Message;
        Assert.Contains("input 1 is 1×2×3×3", message, StringComparison.Ordinal);
        Assert.Contains("1×2×2×3", message, StringComparison.Ordinal);
        Assert.Throws<ShapeException>(() => new ConcatenationBackward(different, [true, true]));
        Assert.Throws<ShapeException>(() => new ConcatenationForward([]));
        Assert.Throws<ArgumentException>(() => new ConcatenationBackward(different[..1], [true, true]));
    }
}
