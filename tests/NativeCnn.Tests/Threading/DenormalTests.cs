using NativeCnn.Backends.Native;
using NativeCnn.Threading;

namespace NativeCnn.Tests.Threading;

public sealed class DenormalTests
{
    private const float Small = 1e-30f;

    private readonly struct Multiply(float[] factors, float[] products) : IParallelWork
    {
        public void Run(int chunk, int worker) => products[chunk] = factors[chunk] * factors[chunk + 1] * 1e20f;
    }

    [Fact]
    public void Workers_flush_denormals_and_the_caller_keeps_its_setting()
    {
        using var backend = new NativeBackend(2);
        float[] factors = [Small, 1e-10f, Small, 1e-10f, Small];
        float[] products = new float[4];
        float before = Product(factors);
        var work = new Multiply(factors, products);
        backend.Pool.Run(ref work, 4);
        Assert.NotEqual(0, before);
        // 1e-30 · 1e-10 = 1e-40 is a denormal number: flushed, the product is 0; kept, about 1e-20.
        Assert.All(products, product => Assert.Equal(0, product));
        Assert.Equal(before, Product(factors));
    }

    private static float Product(float[] factors) => factors[0] * factors[1] * 1e20f;
}
