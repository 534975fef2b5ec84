using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Native;
using NativeCnn.Backends.Operations;
using NativeCnn.Interop;
using NativeCnn.Randomness;
using NativeCnn.Tensors;
using NativeCnn.Threading;

namespace NativeCnn.Cli.Diagnostics;

/// <summary>
/// Lets every worker multiply matrices of its own at once and compares each result with the managed backend: builds of
/// OpenBLAS that cannot be called from several threads give wrong sums, not errors.
/// </summary>
internal static class ProductCheck
{
    private const int M = 61;
    private const int N = 67;
    private const int K = 300;
    private const int Repeats = 20;

    // Values are in [-1, 1): a sum of K products is off by some K ε at most, and by far less as a rule.
    private const float Tolerance = K * 1.2e-7f;

    public static Finding Run(WorkerPool pool)
    {
        using Tensor left = Random(new Shape(M * pool.Threads, 1, 1, K), seed: 1);
        using Tensor right = Random(new Shape(N, 1, 1, K), seed: 2);
        using Tensor expected = new(new Shape(M * pool.Threads, 1, 1, N));
        using Tensor found = new(expected.Shape);
        using (ManagedBackend managed = new())
        {
            var product = new DenseForward(left.Shape, right.Shape, Activation.Identity, hasBias: false);
            managed.Prepare(product).Run([left, right, null, expected]);
        }

        string name = "sgemm from all workers";
        ProductWork work = new(left, right, found);
        for (int repeat = 0; repeat < Repeats; repeat++)
        {
            found.Span.Fill(float.NaN);
            pool.RunOnEach(ref work);
            for (int i = 0; i < found.Count; i++)
            {
                if (MathF.Abs(found.Span[i] - expected.Span[i]) <= Tolerance)
                    continue;
                return new Finding(
                    name,
                    $"worker {i / (M * N)} got {found.Span[i]} where the managed backend has {expected.Span[i]}",
                    FindingState.Wrong,
                    "This OpenBLAS cannot be used from several threads: install another (apt-get install libopenblas0-pthread)."
                );
            }
        }
        return new Finding(name, $"{Repeats} products on {pool.Threads} at once agree with the managed backend");
    }

    /// <summary>Values in [-1, 1), the same on every machine.</summary>
    public static Tensor Random(Shape shape, ulong seed)
    {
        Tensor tensor = new(shape);
        RandomStream random = new(seed, 0);
        foreach (ref float value in tensor.Span)
            value = 2 * random.NextSingle() - 1;
        return tensor;
    }

    private readonly unsafe struct ProductWork(Tensor left, Tensor right, Tensor found) : IParallelWork
    {
        public void Run(int chunk, int worker)
        {
            NativeRuntime.PrepareThread();
            // A[m×k] · B[n×k]ᵀ → C[m×n], the rows of A and C that are this worker's.
            Matrix a = new(left.Floats + (long)chunk * M * K, K);
            Matrix b = new Matrix(right.Floats, K).T;
            Matrix c = new(found.Floats + (long)chunk * M * N, N);
            Gemm.Run(M, N, K, a, b, c, accumulate: false);
        }
    }
}
