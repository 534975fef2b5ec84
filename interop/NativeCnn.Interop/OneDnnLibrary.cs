namespace NativeCnn.Interop;

/// <summary>oneDNN in this process.</summary>
/// <param name="Path">Its file.</param>
/// <param name="Major">2 or 3: how primitives are made differs.</param>
/// <param name="Version">Its version, such as 2.6.3.</param>
/// <param name="InstructionSet">The instruction set in use, such as avx512_core_amx.</param>
/// <param name="IsOpenMP">Whether it runs on OpenMP, held to one thread, or knows no threads.</param>
internal sealed record OneDnnInfo(string Path, int Major, string Version, string InstructionSet, bool IsOpenMP);

/// <summary>Makes sure that the oneDNN that was loaded can be used.</summary>
internal static unsafe class OneDnnLibrary
{
    private const string SetThreads = "omp_set_num_threads";

    private static readonly string[] Both =
    [
        nameof(OneDnn.dnnl_get_effective_cpu_isa),
        nameof(OneDnn.dnnl_engine_create),
        nameof(OneDnn.dnnl_stream_create),
        nameof(OneDnn.dnnl_stream_destroy),
        nameof(OneDnn.dnnl_memory_desc_equal),
        nameof(OneDnn.dnnl_memory_desc_get_size),
        nameof(OneDnn.dnnl_memory_create),
        nameof(OneDnn.dnnl_memory_set_data_handle),
        nameof(OneDnn.dnnl_memory_destroy),
        nameof(OneDnn.dnnl_primitive_attr_create),
        nameof(OneDnn.dnnl_primitive_attr_set_scratchpad_mode),
        nameof(OneDnn.dnnl_primitive_attr_destroy),
        nameof(OneDnn.dnnl_primitive_desc_query),
        nameof(OneDnn.dnnl_primitive_desc_query_md),
        nameof(OneDnn.dnnl_primitive_desc_destroy),
        nameof(OneDnn.dnnl_primitive_create),
        nameof(OneDnn.dnnl_primitive_execute),
        nameof(OneDnn.dnnl_primitive_destroy),
        nameof(OneDnn.dnnl_reorder_primitive_desc_create),
    ];

    private static readonly string[] Two =
    [
        nameof(OneDnn.dnnl_memory_desc_init_by_strides),
        nameof(OneDnn.dnnl_memory_desc_init_by_tag),
        nameof(OneDnn.dnnl_primitive_desc_create),
        nameof(OneDnn.dnnl_matmul_desc_init),
        nameof(OneDnn.dnnl_dilated_convolution_forward_desc_init),
        nameof(OneDnn.dnnl_dilated_convolution_backward_data_desc_init),
        nameof(OneDnn.dnnl_dilated_convolution_backward_weights_desc_init),
    ];

    private static readonly string[] Three =
    [
        nameof(OneDnn.dnnl_memory_desc_create_with_strides),
        nameof(OneDnn.dnnl_memory_desc_create_with_tag),
        nameof(OneDnn.dnnl_memory_desc_destroy),
        nameof(OneDnn.dnnl_matmul_primitive_desc_create),
        nameof(OneDnn.dnnl_convolution_forward_primitive_desc_create),
        nameof(OneDnn.dnnl_convolution_backward_data_primitive_desc_create),
        nameof(OneDnn.dnnl_convolution_backward_weights_primitive_desc_create),
    ];

    /// <summary>Asks a loaded oneDNN who it is.</summary>
    /// <exception cref="NativeLibraryException">It is another library, or a build that cannot be used.</exception>
    public static OneDnnInfo Check(LoadedLibrary library)
    {
        var ask = (delegate* unmanaged[Cdecl]<dnnl_version_info*>)library.Export(nameof(OneDnn.dnnl_version));
        dnnl_version_info* told = ask();
        if (told is null)
            throw library.Unusable("does not say which oneDNN it is, and NativeCnn knows versions 2.6, 2.7 and 3");
        dnnl_version_info version = *told;
        CheckVersion(library, version.major, version.minor, version.patch);
        CheckRuntime(library, version.cpu_runtime);
        foreach (string name in Both.Concat(version.major == 2 ? Two : Three))
            library.Export(name);
        bool isOpenMP = version.cpu_runtime == OneDnn.ONEDNN_OPENMP;
        if (isOpenMP && !library.HasExport(SetThreads, out _))
            throw library.Unusable(
                $"runs on OpenMP, and {SetThreads}, which would hold it to one thread, was not found in it"
            );
        var isa = (delegate* unmanaged[Cdecl]<int>)library.Export(nameof(OneDnn.dnnl_get_effective_cpu_isa));
        return new(
            library.Path,
            version.major,
            $"{version.major}.{version.minor}.{version.patch}",
            InstructionSet(isa()),
            isOpenMP
        );
    }

    /// <summary>Holds the calling thread's part of an OpenMP build to one thread.</summary>
    public static void SetSingleThread(LoadedLibrary library)
    {
        if (library.HasExport(SetThreads, out nint address))
            ((delegate* unmanaged[Cdecl]<int, void>)address)(1);
    }

    internal static void CheckVersion(LoadedLibrary library, int major, int minor, int patch)
    {
        if (major is not (2 or 3) || (major == 2 && minor < 6))
            throw library.Unusable($"is oneDNN {major}.{minor}.{patch}, and NativeCnn knows versions 2.6, 2.7 and 3");
    }

    internal static void CheckRuntime(LoadedLibrary library, uint runtime)
    {
        if (runtime is OneDnn.ONEDNN_SEQUENTIAL or OneDnn.ONEDNN_OPENMP)
            return;
        string name = runtime switch
        {
            OneDnn.ONEDNN_TBB => "TBB",
            OneDnn.ONEDNN_THREADPOOL => "a thread pool of its caller's",
            OneDnn.ONEDNN_SYCL => "SYCL",
            _ => $"a runtime of the number {runtime}",
        };
        throw library.Unusable(
            $"is a build of oneDNN that runs on {name}; NativeCnn takes one on OpenMP or without threads"
        );
    }

    // The numbers of version 3 that mean something else in version 2 are of processors that nobody has any more.
    private static string InstructionSet(int isa) =>
        isa switch
        {
            0x1 => "sse41",
            0x3 => "avx",
            0x7 => "avx2",
            0xf or 0x407 => "avx2_vnni",
            0x1f => "avx2_vnni_2",
            0x27 => "avx512_core",
            0x67 => "avx512_core_vnni",
            0xe7 => "avx512_core_bf16",
            0x1ef => "avx512_core_fp16",
            0x3e7 or 0xfef => "avx512_core_amx",
            0x1fef => "avx512_core_amx_fp16",
            _ => $"0x{isa:x}",
        };
}
