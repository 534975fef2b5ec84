using NativeCnn.Backends.Native;
using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;
using static NativeCnn.Tests.Backends.TestBackends;

namespace NativeCnn.Tests.Backends;

public sealed class DenseTests : IOperationRows
{
    /// <summary>Inputs and weights of dense layers; weights in both of their shapes.</summary>
    internal static readonly (Shape Input, Shape Weights)[] Shapes =
    [
        (new(1, 1, 1, 1), new(1, 1, 1, 1)),
        (new(3, 1, 1, 5), new(4, 1, 1, 5)),
        (new(1, 1, 1, 33), new(17, 1, 1, 33)),
        (new(3, 2, 3, 4), new(5, 2, 3, 4)),
        (new(3, 2, 3, 4), new(5, 1, 1, 24)),
        (new(65, 1, 1, 16), new(3, 1, 1, 16)),
        (new(7, 1, 1, 1), new(1, 1, 1, 1)),
        // LeNet.
        (new(3, 4, 4, 50), new(500, 4, 4, 50)),
        (new(3, 1, 1, 500), new(10, 1, 1, 500)),
    ];

    public static IEnumerable<OperationCase> Rows =>
        from k in Enumerable.Range(0, Shapes.Length)
        let input = Shapes[k].Input
        let weights = Shapes[k].Weights
        let details = $"{input} → {weights.Outputs}, weights {weights}"
        let f = ActivationTests.Kinds[k % ActivationTests.Kinds.Length]
        let other = ActivationTests.Kinds[(k + Shapes.Length) % ActivationTests.Kinds.Length]
        let forward = new OperationCase(new DenseForward(input, weights, Activation.Identity, true), details)
        let behindTanh = new OperationCase(new DenseForward(input, weights, Activation.Tanh, true), details)
        let output = Shape.Vector(input.BatchSize, weights.Outputs)
        from row in (OperationCase[])
            [
                new(new DenseForward(input, weights, f, hasBias: true), $"{details}, bias, {f.Kind}"),
                new(new DenseForward(input, weights, other, hasBias: false), $"{details}, no bias, {other.Kind}"),
                new(new DenseBackwardData(input, weights), details) { DerivativeOf = forward },
                new(new DenseBackwardWeights(input, weights), details) { DerivativeOf = forward },
                new(new DenseBackwardWeights(input, weights), $"{details}, behind tanh")
                {
                    DerivativeOf = behindTanh,
                    Behind = new ActivationBackward(Activation.Tanh, output),
                },
            ]
        select row;

    [Fact]
    public void Divided_for_many_threads_it_has_the_same_bits()
    {
        using NativeBackend few = new(threads: 1);
        using NativeBackend many = new(new NativeBackendOptions { Threads = 2, PlannedThreads = 64 });
        foreach (OperationCase row in Rows)
            OperationRun.Of(row, many).AssertSameBits(OperationRun.Of(row, few));
    }

    [Theory, EveryBackend]
    public void Is_a_product_with_the_weights(string backend)
    {
        Shape shape = Shape.Vector(2, 3);
        double[] x = [1, 2, 3, 4, 5, 6];
        double[] w = [1, 10, 100, 0, -1, 1];
        double[] Forward(Activation f) =>
            Compute(backend, new DenseForward(shape, shape, f, true), x, w, [1000, -2])[0];
        Assert.Equal([1321, -1, 1654, -1], Forward(Activation.Identity));
        Assert.Equal([1321, 0, 1654, 0], Forward(Activation.Relu));

        double[] dy = [1, 2, 3, 4];
        Assert.Equal([1, 8, 102, 3, 26, 304], Compute(backend, new DenseBackwardData(shape, shape), dy, w)[0]);
        double[] dw = [100, 100, 100, 200, 200, 200];
        dw = Compute(backend, new DenseBackwardWeights(shape, shape), x, dy, dw)[0];
        Assert.Equal([113, 117, 121, 218, 224, 230], dw);
    }

    [Fact]
    public void Weights_that_do_not_fit_the_input_are_refused()
    {
        Shape input = new(3, 2, 3, 4);
        Shape weights = new(5, 3, 2, 4);
        string message = Assert.Throws<ShapeException>(() => new DenseBackwardData(input, weights)).Message;
        Assert.Contains("5×3×2×4 do not fit an input of 3×2×3×4", message, StringComparison.Ordinal);
        Assert.Throws<ShapeException>(() => new DenseForward(input, weights, Activation.Identity, false));
        Assert.Throws<ShapeException>(() => new DenseBackwardWeights(input, weights));
        Assert.Throws<ShapeException>(() => new DenseUpdate(new SgdUpdate(weights, false), input));
    }
}
