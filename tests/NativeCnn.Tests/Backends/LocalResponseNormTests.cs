using NativeCnn.Backends;
using NativeCnn.Layers;
using NativeCnn.Tensors;
using static NativeCnn.Tests.TensorValues;

namespace NativeCnn.Tests.Backends;

/// <summary>Local response normalisation worked out by hand, and what it refuses.</summary>
public sealed class LocalResponseNormTests
{
    public static TheoryData<string> Backends => TestBackends.Names;

    public static TheoryData<int, float, float, float> BadConstants =>
        new()
        {
            { 0, 1, 1, 1 },
            { 5, -1, 1, 1 },
            { 5, float.NaN, 1, 1 },
            { 5, 1, float.PositiveInfinity, 1 },
            { 5, 1, 1, 0 },
            { 5, 1, 1, float.NaN },
        };

    [Theory]
    [MemberData(nameof(Backends))]
    public void Alpha_is_divided_by_the_size_and_the_ends_count_as_zero(string name)
    {
        (double[] y, double[] scale) = Normalize(name, new(3, 3, 1, 1), 1, 2, -3, 4);
        // 1 + (3/3)(…): 1 + 1 + 4, 1 + 1 + 4 + 9, 1 + 4 + 9 + 16, 1 + 9 + 16
        Assert.Equal([6, 15, 30, 26], scale);
        Comparison.Close([1.0 / 6, 2.0 / 15, -3.0 / 30, 4.0 / 26], y, Tolerance.OfSum(4), "output");
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void A_window_of_even_size_has_the_larger_half_before_as_PyTorchs(string name)
    {
        (_, double[] two) = Normalize(name, new(2, 2, 1, 1), 1, 2, 3);
        Assert.Equal([2, 6, 14], two);
        (_, double[] four) = Normalize(name, new(4, 4, 1, 1), 1, 2, 3, 4);
        Assert.Equal([6, 15, 31, 30], four);
    }

    /// <summary>Values of PyTorch's local_response_norm(x, 5, 1e-4, 0.75, 2) in float64.</summary>
    [Theory]
    [MemberData(nameof(Backends))]
    public void A_beta_of_three_quarters_as_PyTorchs(string name)
    {
        (double[] y, _) = Normalize(name, new(5, 1e-4f, 0.75f, 2), 100, -200, 300, -400, 500, -600);
        double[] expected =
        [
            30.83678352051188,
            -42.04482076268573,
            43.81912897190635,
            -42.294850537622565,
            54.51224684333883,
            -70.42702029604715,
        ];
        Comparison.Close(expected, y, Tolerance.OfSum(5), "output");
    }

    [Theory]
    [MemberData(nameof(BadConstants))]
    public void Impossible_constants_are_refused_by_layer_and_backends(int size, float alpha, float beta, float k)
    {
        var e = Assert.Throws<ArgumentException>(() => new LocalResponseNorm(size, alpha, beta, k));
        Assert.Contains("got ", e.Message, StringComparison.Ordinal);
        foreach (string name in TestBackends.Keys)
        {
            using IBackend backend = TestBackends.Create(name);
            using Tensor x = new(Shape.Vector(1, 8), backend.ElementType);
            using Tensor y = new(Shape.Vector(1, 8), backend.ElementType);
            LocalResponseWindow window = new(size, alpha, beta, k);
            Assert.Throws<ArgumentOutOfRangeException>(() => backend.LocalResponseNormForward(window, x, y, null));
        }
    }

    private static (double[] Output, double[] Scale) Normalize(
        string name,
        LocalResponseWindow window,
        params double[] input
    )
    {
        using IBackend backend = TestBackends.Create(name);
        using Tensor x = Tensor(Shape.Vector(1, input.Length), backend.ElementType, input);
        using Tensor y = new(x.Shape, backend.ElementType);
        using Tensor scale = new(x.Shape, backend.ElementType);
        backend.LocalResponseNormForward(window, x, y, scale);
        return (Read(y), Read(scale));
    }
}
