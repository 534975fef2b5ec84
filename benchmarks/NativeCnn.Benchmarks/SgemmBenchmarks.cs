using BenchmarkDotNet.Attributes;
using NativeCnn.Backends;
using NativeCnn.Backends.Native;
using NativeCnn.Interop;
using NativeCnn.Tensors;

namespace NativeCnn.Benchmarks;

/// <summary>Bare sgemm on one thread, on the products that convolutions become.</summary>
public unsafe class SgemmBenchmarks
{
    private Tensor _a = null!;
    private Tensor _b = null!;
    private Tensor _c = null!;

    /// <summary>M×N×K: pixels of a tile, filters, taps.</summary>
    [Params("256x50x500", "512x64x576", "256x512x1152", "2048x2048x2048")]
    public string Product { get; set; } = "";

    private (int M, int N, int K) Sizes
    {
        get
        {
            int[] sizes = [.. Product.Split('x').Select(int.Parse)];
            return (sizes[0], sizes[1], sizes[2]);
        }
    }

    [GlobalSetup]
    public void Setup()
    {
        NativeRuntime.EnsureLoaded();
        (int m, int n, int k) = Sizes;
        _a = Fillings.NoiseOf(Shape.Vector(m, k), 1);
        _b = Fillings.NoiseOf(Shape.Vector(k, n), 2);
        _c = new Tensor(Shape.Vector(m, n));
        Multiply();
        foreach ((int row, int column) in (ReadOnlySpan<(int, int)>)[(0, 0), (m / 2, n / 3), (m - 1, n - 1)])
        {
            double expected = 0;
            for (int i = 0; i < k; i++)
                expected += (double)_a.Span[row * k + i] * _b.Span[i * n + column];
            float actual = _c.Span[row * n + column];
            if (!Tolerance.OfSum(k).Allows(expected, actual))
                throw new InvalidOperationException(
                    $"The product at {row}, {column} is {actual}, expected {expected}."
                );
        }
    }

    [Benchmark]
    public void Multiply()
    {
        (int m, int n, int k) = Sizes;
        Gemm.Run(
            m,
            n,
            k,
            new Matrix(_a.Floats, k),
            new Matrix(_b.Floats, n),
            new Matrix(_c.Floats, n),
            accumulate: false
        );
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _a.Dispose();
        _b.Dispose();
        _c.Dispose();
    }
}
