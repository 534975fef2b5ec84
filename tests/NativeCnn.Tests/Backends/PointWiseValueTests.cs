using NativeCnn.Backends;
using NativeCnn.Tensors;
using static NativeCnn.Tests.TensorValues;

namespace NativeCnn.Tests.Backends;

/// <summary>Activations, dropout, losses and updates with known values.</summary>
public sealed class PointWiseValueTests
{
    private static readonly Tolerance Float32 = Tolerance.OfSum(4);

    public static TheoryData<string> Backends => TestBackends.Names;

    [Theory]
    [MemberData(nameof(Backends))]
    public void Relu_keeps_what_is_positive_and_NaN(string name) =>
        Assert.Equal(
            [0, 0, 2, double.NaN, double.PositiveInfinity, 0],
            Activate(name, Activation.Relu, -1, 0, 2, double.NaN, double.PositiveInfinity, double.NegativeInfinity)
        );

    [Theory]
    [MemberData(nameof(Backends))]
    public void Relu_passes_the_gradient_where_its_output_is_positive(string name)
    {
        using IBackend backend = TestBackends.Create(name);
        Shape shape = Shape.Vector(1, 6);
        using Tensor y = Tensor(shape, backend.ElementType, 0, 2, 0, double.NaN, 0, 3);
        using Tensor dy = Tensor(shape, backend.ElementType, 5, 6, -7, 8, double.PositiveInfinity, double.NaN);
        using Tensor dx = new(shape, backend.ElementType);
        backend.ActivationBackward(Activation.Relu, y, dy, dx);
        double[] expected = [0, 6, 0, 0, 0, double.NaN];
        Comparison.SameBits<double>(expected, Read(dx), "gradient");
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Sigmoids_have_their_known_values(string name)
    {
        Comparison.Close([0, 0.46211715726000975, -1], Activate(name, Activation.Tanh, 0, 0.5, -50), Float32, "tanh");
        // 1 / (1 + e^(−2 · 0.5)); the ends do not overflow.
        double[] logistic = Activate(name, Activation.Logistic(2), 0, 0.5, -1000, 1000);
        Comparison.Close([0.5, 0.7310585786300049, 0, 1], logistic, Float32, "logistic");
        // LeCun's constants are chosen so that f(±1) = ±1, which they reach to 5 digits.
        Tolerance constants = new(1e-4, 0);
        Comparison.Close([1, -1], Activate(name, Activation.ScaledTanh(), 1, -1), constants, "scaled tanh");
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Dropout_draws_from_splitmix64(string name)
    {
        using IBackend backend = TestBackends.Create(name);
        Shape shape = Shape.Vector(1, 6);
        using Tensor x = Tensor(shape, backend.ElementType, 1, 2, 3, 4, 5, 6);
        using Tensor y = new(shape, backend.ElementType);
        // The published sequence of seed 0 is E220A839 7B1DCDAF, 6E789E6A A1B965F4: elements 2 to 5, low halves first.
        // Elements 0 and 1 come before it, from splitmix64(0) = 0.
        backend.DropoutApply(new DropoutMask(0, 0.5f), x, y);
        Assert.Equal([0, 0, 0, 8, 10, 0], Read(y));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Dropout_drops_its_share(string name)
    {
        using IBackend backend = TestBackends.Create(name);
        const int Count = 100_000;
        using Tensor x = Tensor(Shape.Vector(1, Count), backend.ElementType, [.. Enumerable.Repeat(1.0, Count)]);
        using Tensor y = new(x.Shape, backend.ElementType);
        backend.DropoutApply(new DropoutMask(1, 0.9f), x, y);
        // The share kept, times 1 / (1 − p): 1, with a standard deviation of √(p / (1 − p) / n) = 0.0095.
        Comparison.Close(1, Read(y).Average(), new Tolerance(4 * 0.0095, 0), "mean");
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Softmax_of_logarithms_is_their_share(string name)
    {
        using IBackend backend = TestBackends.Create(name);
        Shape shape = Shape.Vector(2, 3);
        double[] logits = [Math.Log(1), Math.Log(2), Math.Log(3), 1000, 0, -1000];
        using Tensor z = Tensor(shape, backend.ElementType, logits);
        using Tensor p = new(shape, backend.ElementType);
        backend.SoftmaxForward(z, p);
        Comparison.Close([1 / 6d, 2 / 6d, 3 / 6d, 1, 0, 0], Read(p), Float32, "softmax");

        using Tensor dz = new(shape, backend.ElementType);
        double loss = backend.SoftmaxCrossEntropy(z, [2, 1], 0.5, dz);
        // −log(3/6) + 1000
        Comparison.Close(Math.Log(2) + 1000, loss, Float32, "loss");
        Comparison.Close([1 / 12d, 2 / 12d, -3 / 12d, 0.5, -0.5, 0], Read(dz), Float32, "gradient");
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Squared_error_is_half_or_the_whole_sum(string name)
    {
        using IBackend backend = TestBackends.Create(name);
        Shape shape = Shape.Vector(2, 2);
        using Tensor y = Tensor(shape, backend.ElementType, 1, 2, 30, 40);
        using Tensor t = Tensor(shape, backend.ElementType, 0, 4, 50, 60);
        using Tensor dy = new(shape, backend.ElementType);
        Assert.Equal(2.5, backend.SquaredError(y, t, 1, 0.5, 0.25, dy));
        Assert.Equal([0.25, -0.5, 0, 0], Read(dy));
        Assert.Equal(805, backend.SquaredError(y, t, 2, 1, 1, dy));
        Assert.Equal([2, -4, -40, -40], Read(dy));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Sgd_decays_adds_momentum_and_steps(string name)
    {
        using IBackend backend = TestBackends.Create(name);
        Shape one = Shape.Vector(1, 1);
        using Tensor g = Tensor(one, backend.ElementType, 0.5);
        using Tensor v = Tensor(one, backend.ElementType, 2);
        using Tensor w = Tensor(one, backend.ElementType, 1);
        backend.SgdUpdate(new SgdStep(LearningRate: 0.125f, Momentum: 0.5f, WeightDecay: 0.25f), g, v, w);
        // v = 0.5 · 2 + (0.5 + 0.25 · 1) = 1.75; w = 1 − 0.125 · 1.75
        Assert.Equal([1.75], Read(v));
        Assert.Equal([0.78125], Read(w));
    }

    private static double[] Activate(string name, Activation activation, params double[] input)
    {
        using IBackend backend = TestBackends.Create(name);
        using Tensor x = Tensor(Shape.Vector(1, input.Length), backend.ElementType, input);
        using Tensor y = new(x.Shape, backend.ElementType);
        backend.ActivationForward(activation, x, y);
        return Read(y);
    }
}
