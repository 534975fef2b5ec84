using NativeCnn.Interop;

namespace NativeCnn.Backends.Native;

/// <summary>A matrix operand of a product: row-major, perhaps read transposed.</summary>
/// <param name="pointer">The first element.</param>
/// <param name="stride">Elements from one stored row to the next.</param>
/// <param name="transposed">Whether the product reads it with rows and columns exchanged.</param>
internal readonly unsafe struct Matrix(float* pointer, int stride, bool transposed = false)
{
    public float* Pointer { get; } = pointer;

    public int Stride { get; } = stride;

    public bool Transposed { get; } = transposed;

    /// <summary>The same matrix read the other way.</summary>
    public Matrix T => new(Pointer, Stride, !Transposed);
}

/// <summary>The one door to OpenBLAS.</summary>
internal static unsafe class Gemm
{
    /// <summary>C[m×n] = A[m×k] · B[k×n], or C += A · B where <paramref name="accumulate"/>.</summary>
    public static void Run(int m, int n, int k, Matrix a, Matrix b, Matrix c, bool accumulate) =>
        OpenBlas.cblas_sgemm(
            CBLAS_ORDER.CblasRowMajor,
            a.Transposed ? CBLAS_TRANSPOSE.CblasTrans : CBLAS_TRANSPOSE.CblasNoTrans,
            b.Transposed ? CBLAS_TRANSPOSE.CblasTrans : CBLAS_TRANSPOSE.CblasNoTrans,
            m,
            n,
            k,
            1,
            a.Pointer,
            a.Stride,
            b.Pointer,
            b.Stride,
            accumulate ? 1 : 0,
            c.Pointer,
            c.Stride
        );
}
