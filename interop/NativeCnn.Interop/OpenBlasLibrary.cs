using System.Runtime.InteropServices;

namespace NativeCnn.Interop;

/// <summary>Prepares the environment for OpenBLAS, and makes sure that what was loaded can be used.</summary>
internal static unsafe class OpenBlasLibrary
{
    private const string CoreTypeVariable = "OPENBLAS_CORETYPE";
    private const string ThreadsVariable = "OPENBLAS_NUM_THREADS";

    /// <summary>
    /// The oldest of the cores with AVX-512 kernels, so that the oldest builds know it; their sgemm is the same.
    /// </summary>
    private const string Avx512CoreType = "SkylakeX";

    private static readonly string[] Avx512Cores = [Avx512CoreType, "Cooperlake", "SapphireRapids"];

    /// <summary>
    /// Sets what OpenBLAS reads while it is being loaded, unless the user has set it: a core with AVX-512 kernels where
    /// the processor has AVX-512, since builds take a processor that is newer than they are for a Haswell; and one
    /// thread, so that it starts none.
    /// </summary>
    /// <returns>OPENBLAS_CORETYPE, or null if it is unset, and whether the user set it.</returns>
    public static (string? CoreType, bool IsUsers) PrepareEnvironment(bool hasAvx512)
    {
        NativeEnvironment.SetDefault(ThreadsVariable, "1");
        string? users = NativeEnvironment.Get(CoreTypeVariable);
        if (users is null && !hasAvx512)
            return (null, false);
        return NativeEnvironment.SetDefault(CoreTypeVariable, Avx512CoreType);
    }

    /// <summary>Asks a loaded OpenBLAS who it is, holds it to one thread, and lets it multiply.</summary>
    /// <exception cref="NativeLibraryException">It is another library, or a build that cannot be used.</exception>
    public static OpenBlasInfo Check(LoadedLibrary library, string? coreType, bool isCoreTypeUsers)
    {
        string config = Text(library, nameof(OpenBlas.openblas_get_config));
        CheckIntegers(library, config);
        string core = Text(library, nameof(OpenBlas.openblas_get_corename));
        var parallel = (delegate* unmanaged[Cdecl]<int>)library.Export(nameof(OpenBlas.openblas_get_parallel));
        OpenBlasThreading threading = (OpenBlasThreading)parallel();
        using OpenBlasBuffers buffers = OpenBlasBuffers.Take(library, 1);
        TryProduct(library);
        if (threading != OpenBlasThreading.Sequential)
            TrySingleThread(library, threading);
        return new(library.Path, Version(config), config, core, threading, coreType, isCoreTypeUsers);
    }

    /// <summary>What makes OpenBLAS slower than it need be.</summary>
    public static IEnumerable<string> Warnings(OpenBlasInfo blas, bool hasAvx512)
    {
        if (!hasAvx512 || Avx512Cores.Contains(blas.Core, StringComparer.OrdinalIgnoreCase))
            yield break;
        string remedy =
            blas.IsCoreTypeUsers ? $"Unset {CoreTypeVariable}, which says {blas.CoreType}."
            : !blas.Config.Contains("DYNAMIC_ARCH", StringComparison.Ordinal)
                ? "This build has kernels for one processor only; install one with DYNAMIC_ARCH "
                    + "(apt-get install libopenblas0-pthread)."
            : $"It did not follow {CoreTypeVariable}={blas.CoreType}; install a newer version.";
        yield return $"OpenBLAS uses its kernels for {blas.Core}, about half as fast as this processor's AVX-512 allows. "
            + remedy;
    }

    internal static void CheckIntegers(LoadedLibrary library, string config)
    {
        if (config.Contains("USE64BITINT", StringComparison.Ordinal))
            throw library.Unusable("is a build of OpenBLAS with 64-bit integers, and NativeCnn passes 32-bit integers");
    }

    internal static void CheckProduct(LoadedLibrary library, ReadOnlySpan<float> found, ReadOnlySpan<float> expected)
    {
        if (!found.SequenceEqual(expected))
        {
            throw library.Unusable(
                $"multiplies wrongly: cblas_sgemm gave [{Join(found)}] instead of [{Join(expected)}]"
            );
        }
    }

    internal static void CheckThreads(LoadedLibrary library, OpenBlasThreading threading, int found)
    {
        if (found == 1)
            return;
        throw library.Unusable(
            $"computes on {found} threads although it was told to use one, which would overload the processor",
            threading == OpenBlasThreading.OpenMP
                ? "Set OMP_NUM_THREADS=1, or use a build without OpenMP (apt-get install libopenblas0-pthread)."
                : null
        );
    }

    /// <summary>The version in a build's config, such as "OpenBLAS 0.3.21 DYNAMIC_ARCH".</summary>
    internal static string Version(string config)
    {
        string[] words = config.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words is ["OpenBLAS", var version, ..] && char.IsAsciiDigit(version[0]) ? version : "unknown";
    }

    private static string Join(ReadOnlySpan<float> values) => string.Join(", ", values.ToArray());

    private static string Text(LoadedLibrary library, string function)
    {
        var f = (delegate* unmanaged[Cdecl]<byte*>)library.Export(function);
        return Marshal.PtrToStringUTF8((nint)f())?.Trim() ?? "";
    }

    /// <summary>
    /// A[2×3] · B[3×2] → C[2×2], with a guard on either side of C: wrong integers or a wrong layout would show.
    /// </summary>
    private static void TryProduct(LoadedLibrary library)
    {
        float* a = stackalloc float[] { 1, 2, 3, 4, 5, 6 };
        float* b = stackalloc float[] { 1, -1, 2, 0, 3, 2 };
        float* c = stackalloc float[] { 7, 0, 0, 0, 0, 7 };
        Multiply(library, 2, 2, 3, a, b, c + 1);
        CheckProduct(library, new ReadOnlySpan<float>(c, 6), [7, 14, 5, 32, 8, 7]);
    }

    /// <summary>
    /// Holds OpenBLAS to one thread and tries it on a new thread with a product that it would split. OpenMP builds keep
    /// the setting per thread and may forget it at the next product.
    /// </summary>
    private static void TrySingleThread(LoadedLibrary library, OpenBlasThreading threading)
    {
        const int Size = 128;
        var get = (delegate* unmanaged[Cdecl]<int>)library.Export(nameof(OpenBlas.openblas_get_num_threads));
        SetSingleThread(library);
        int threads = 0;
        Thread worker = new(() =>
        {
            if (threading == OpenBlasThreading.OpenMP)
                SetSingleThread(library);
            float* matrices = (float*)NativeMemory.AllocZeroed(3 * Size * Size, sizeof(float));
            Multiply(library, Size, Size, Size, matrices, matrices + (Size * Size), matrices + (2 * Size * Size));
            NativeMemory.Free(matrices);
            threads = get();
        });
        worker.Start();
        worker.Join();
        CheckThreads(library, threading, threads);
    }

    /// <summary>Holds OpenBLAS, or in an OpenMP build the calling thread's part of it, to one thread.</summary>
    public static void SetSingleThread(LoadedLibrary library)
    {
        var set = (delegate* unmanaged[Cdecl]<int, void>)library.Export(nameof(OpenBlas.openblas_set_num_threads));
        set(1);
    }

    /// <summary>
    /// A[m×k] · B[k×n] → C[m×n] through the handle, since the declarations work only after these checks.
    /// </summary>
    private static void Multiply(LoadedLibrary library, int m, int n, int k, float* a, float* b, float* c)
    {
        var sgemm = (delegate* unmanaged[Cdecl]<
            CBLAS_ORDER,
            CBLAS_TRANSPOSE,
            CBLAS_TRANSPOSE,
            int,
            int,
            int,
            float,
            float*,
            int,
            float*,
            int,
            float,
            float*,
            int,
            void>)
            library.Export(nameof(OpenBlas.cblas_sgemm));
        CBLAS_TRANSPOSE asItLies = CBLAS_TRANSPOSE.CblasNoTrans;
        sgemm(CBLAS_ORDER.CblasRowMajor, asItLies, asItLies, m, n, k, 1, a, k, b, n, 0, c, n);
    }
}
