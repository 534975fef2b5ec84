using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Native;
using NativeCnn.Networks;
using NativeCnn.Tensors;
using NativeCnn.Threading;

namespace NativeCnn.Tests.Networks;

/// <summary>Gradients are set to 0 before each step, large ones by several threads.</summary>
public class GradientClearingTests
{
    private static Tensor Filled(int count)
    {
        var tensor = new Tensor(Shape.Vector(1, count));
        tensor.Span.Fill(float.NaN);
        return tensor;
    }

    private static void Check(Backend backend)
    {
        using Tensor small = Filled(10);
        using Tensor large = Filled((1 << 16) + 12_345);
        var clearing = new GradientClearing(backend, [small, large]);
        clearing.Run();
        Assert.All(small.Span.ToArray(), value => Assert.Equal(0, value));
        Assert.Equal(-1, large.Span.IndexOfAnyExcept(0));
        large.Span.Fill(1);
        Assert.Equal(0, AllocationMeter.Measure(clearing.Run, backend.Pool));
        Assert.Equal(-1, large.Span.IndexOfAnyExcept(0));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void They_are_zero_on_any_number_of_threads(int threads)
    {
        using var backend = new NativeBackend(threads);
        Check(backend);
    }

    [Fact]
    public void They_are_zero_on_a_backend_without_threads()
    {
        using var backend = new ManagedBackend();
        using Tensor large = Filled(1 << 17);
        new GradientClearing(backend, [large]).Run();
        Assert.Equal(-1, large.Span.IndexOfAnyExcept(0));
    }
}
