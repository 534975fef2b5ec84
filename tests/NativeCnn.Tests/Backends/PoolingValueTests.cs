using NativeCnn.Backends;
using NativeCnn.Tensors;
using static NativeCnn.Tests.TensorValues;

namespace NativeCnn.Tests.Backends;

/// <summary>Poolings small enough to work out by hand.</summary>
public sealed class PoolingValueTests
{
    public static TheoryData<string> Backends => TestBackends.Names;

    [Theory]
    [MemberData(nameof(Backends))]
    public void The_maximum_and_its_place(string name)
    {
        PoolingGeometry geometry = new(new(1, 2, 6, 1), 2);
        double[] image = [1, 2, 7, 4, -5, -6, 3, 0, 5, 6, -8, -7];
        (double[] maxima, double[] places) = MaxPool(name, geometry, image);
        Assert.Equal([3, 7, -5], maxima);
        Assert.Equal([2, 0, 0], places);
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void The_first_of_equal_maxima_wins(string name)
    {
        (double[] maxima, double[] places) = MaxPool(name, new(new(1, 2, 4, 1), 2), [1, 5, 0, 0, 5, 5, 0, 0]);
        Assert.Equal([5, 0], maxima);
        Assert.Equal([1, 0], places);
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Padding_never_wins_but_counts_in_the_place(string name)
    {
        PoolingGeometry geometry = new(new(1, 2, 2, 1), 2, stride: 2, padding: Padding.All(1));
        (double[] maxima, double[] places) = MaxPool(name, geometry, [-1, -2, -3, double.NegativeInfinity]);
        Assert.Equal([-1, -2, -3, double.NegativeInfinity], maxima);
        Assert.Equal([3, 2, 1, 0], places);
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void A_NaN_is_larger_than_every_number(string name)
    {
        double[] image = [1, double.NaN, double.PositiveInfinity, double.NaN, 2, 3, double.NaN, 4];
        (double[] maxima, double[] places) = MaxPool(name, new(new(1, 2, 4, 1), 2), image);
        Assert.Equal([double.NaN, double.NaN], maxima);
        Assert.Equal([1, 1], places);
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void The_gradient_goes_to_the_maxima_alone(string name)
    {
        using IBackend backend = TestBackends.Create(name);
        // Windows at columns 0–1, 1–2 and 2–3; the first two share their winner, column 1.
        PoolingGeometry geometry = new(new(1, 1, 4, 1), new(1, 2), stride: 1);
        using Tensor dy = Tensor(geometry.Output, backend.ElementType, 1, 10, 100);
        using Tensor argmax = Tensor(geometry.Output, ElementType.Byte, 1, 0, 1);
        using Tensor dx = new(geometry.Input, backend.ElementType);
        backend.MaxPoolingBackward(geometry, dy, argmax, dx);
        Assert.Equal([0, 11, 0, 100], Read(dx));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void The_mean_is_over_the_image_or_over_the_window(string name)
    {
        double[] image = [4, 8, 12, 16];
        Assert.Equal([4, 8, 12, 16], AveragePool(name, countPadding: false, image));
        Assert.Equal([1, 2, 3, 4], AveragePool(name, countPadding: true, image));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void The_gradient_of_a_mean_is_spread_evenly(string name)
    {
        using IBackend backend = TestBackends.Create(name);
        PoolingGeometry geometry = new(new(1, 1, 3, 1), new(1, 2), stride: 1);
        using Tensor dy = Tensor(geometry.Output, backend.ElementType, 2, 20);
        using Tensor dx = new(geometry.Input, backend.ElementType);
        backend.AveragePoolingBackward(geometry, dy, dx);
        Assert.Equal([1, 11, 10], Read(dx));
    }

    private static (double[] Maxima, double[] Places) MaxPool(string name, PoolingGeometry geometry, double[] input)
    {
        using IBackend backend = TestBackends.Create(name);
        using Tensor x = Tensor(geometry.Input, backend.ElementType, input);
        using Tensor y = new(geometry.Output, backend.ElementType);
        using Tensor argmax = new(geometry.Output, geometry.IndexType);
        backend.MaxPoolingForward(geometry, x, y, argmax);
        return (Read(y), Read(argmax));
    }

    private static double[] AveragePool(string name, bool countPadding, double[] input)
    {
        using IBackend backend = TestBackends.Create(name);
        PoolingGeometry geometry = new(new(1, 2, 2, 1), 2, stride: 2, padding: Padding.All(1), countPadding);
        using Tensor x = Tensor(geometry.Input, backend.ElementType, input);
        using Tensor y = new(geometry.Output, backend.ElementType);
        backend.AveragePoolingForward(geometry, x, y);
        return Read(y);
    }
}
