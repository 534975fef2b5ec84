using System.Reflection;
using System.Runtime.InteropServices;
using NativeCnn.Interop;

namespace NativeCnn.Tests.Interop;

/// <summary>The libraries that this machine has are found, checked and described.</summary>
public sealed class NativeRuntimeTests
{
    private static readonly NativeRuntimeInfo Info = NativeRuntime.EnsureLoaded();

    [Fact]
    public void The_shim_is_the_one_that_was_declared()
    {
        Assert.True(File.Exists(Info.Shim.Path), Info.Shim.Path);
        Assert.Equal(Shim.NATIVECNN_ABI_VERSION, Info.Shim.AbiVersion);
        Assert.Equal(Shim.nativecnn_best_instruction_set(), Info.Shim.BestInstructionSet);
        Assert.True(Info.Shim.InstructionSet <= Info.Shim.BestInstructionSet);
    }

    [Fact]
    public void OpenBlas_says_who_it_is()
    {
        Assert.True(File.Exists(Info.OpenBlas.Path), Info.OpenBlas.Path);
        Assert.Contains("openblas", Path.GetFileName(Info.OpenBlas.Path), StringComparison.OrdinalIgnoreCase);
        Assert.StartsWith("OpenBLAS", Info.OpenBlas.Config, StringComparison.Ordinal);
        Assert.NotEmpty(Info.OpenBlas.Core);
        Assert.True(Enum.IsDefined(Info.OpenBlas.Threading));
    }

    [Fact]
    public void OpenBlas_uses_one_thread_on_every_prepared_thread()
    {
        int threads = 0;
        Thread worker = new(() =>
        {
            NativeRuntime.PrepareThread();
            threads = OpenBlas.openblas_get_num_threads();
        });
        worker.Start();
        worker.Join();
        Assert.Equal(1, threads);
    }

    [Fact]
    public void OpenBlas_found_a_number_of_threads_in_the_native_environment() =>
        Assert.NotNull(NativeEnvironment.Get("OPENBLAS_NUM_THREADS"));

    [Fact]
    public unsafe void Sgemm_transposes_and_strides_as_declared()
    {
        // A[3×2]ᵀ · B[2×3]ᵀ → C[2×2] within rows of 3.
        float* a = stackalloc float[] { 1, 4, 2, 5, 3, 6 };
        float* b = stackalloc float[] { 7, 9, 11, 8, 10, 12 };
        float* c = stackalloc float[] { 1, 1, -1, 1, 1, -1 };
        CBLAS_TRANSPOSE transposed = CBLAS_TRANSPOSE.CblasTrans;
        OpenBlas.cblas_sgemm(CBLAS_ORDER.CblasRowMajor, transposed, transposed, 2, 2, 3, 2, a, 2, b, 3, 1, c, 3);
        Assert.Equal([117, 129, -1, 279, 309, -1], new ReadOnlySpan<float>(c, 6).ToArray());
    }

    [Fact]
    public void Every_declared_function_is_in_its_library()
    {
        foreach (
            (Type type, string path) in new[] { (typeof(Shim), Info.Shim.Path), (typeof(OpenBlas), Info.OpenBlas.Path) }
        )
        {
            nint handle = NativeLibrary.Load(path);
            MethodInfo[] functions = type.GetMethods(
                BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly
            );
            Assert.NotEmpty(functions);
            Assert.All(functions, f => Assert.True(NativeLibrary.TryGetExport(handle, f.Name, out _), f.Name));
        }
    }

    [Fact]
    public void Kernels_do_not_suppress_the_transition_of_the_garbage_collector()
    {
        IEnumerable<string> suppressing = new[] { typeof(Shim), typeof(OpenBlas) }
            .SelectMany(t => t.GetNestedTypes(BindingFlags.NonPublic).Append(t))
            .SelectMany(t => t.GetMethods(BindingFlags.Public | BindingFlags.Static))
            .Where(m => m.IsDefined(typeof(SuppressGCTransitionAttribute)))
            .Select(m => m.Name)
            .Order();
        Assert.Equal([nameof(Shim.nativecnn_flush_denormals), nameof(Shim.nativecnn_restore_denormals)], suppressing);
    }

    [Fact]
    public void Only_the_exceptions_are_public() =>
        Assert.Equal(
            [nameof(NativeCallException), nameof(NativeLibraryException)],
            typeof(Shim).Assembly.GetExportedTypes().Select(t => t.Name).Order()
        );
}
