using System.Runtime.InteropServices;
using NativeCnn.Interop;

namespace NativeCnn.Tests.Interop;

/// <summary>Files that are called oneDNN and are none, or none that can be used: one line with file and remedy.</summary>
public sealed class BadOneDnnTests : IDisposable
{
    private const int OpenMP = 2;

    private static readonly NativePlatform Platform = NativePlatform.Current;

    // What versions 2 and 3 share and is looked for first.
    private static readonly string[] Shared =
    [
        "dnnl_get_effective_cpu_isa",
        "dnnl_engine_create",
        "dnnl_stream_create",
        "dnnl_stream_destroy",
        "dnnl_memory_desc_equal",
        "dnnl_memory_desc_get_size",
        "dnnl_memory_create",
        "dnnl_memory_set_data_handle",
        "dnnl_memory_destroy",
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("nativecnn-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [FakeLibraryTheory]
    [InlineData("1.8.1", OpenMP, "is oneDNN 1.8.1, and NativeCnn knows versions 2.6, 2.7 and 3")]
    [InlineData("2.5.4", OpenMP, "is oneDNN 2.5.4, and NativeCnn knows versions 2.6, 2.7 and 3")]
    [InlineData("4.0.0", OpenMP, "is oneDNN 4.0.0, and NativeCnn knows versions 2.6, 2.7 and 3")]
    [InlineData(
        "3.4.1",
        512,
        "is a build of oneDNN that runs on SYCL; NativeCnn takes one on OpenMP or without threads"
    )]
    [InlineData("3.4.1", 4, "is a build of oneDNN that runs on TBB; NativeCnn takes")]
    [InlineData("2.7.0", 8, "is a build of oneDNN that runs on a thread pool of its caller's; NativeCnn takes")]
    public void Another_version_or_thread_runtime_is_one_line(string version, int runtime, string problem)
    {
        string path = Fake(version, runtime, Shared);
        Assert.Equal($"{path} ({Platform}) {problem}", Message(path)[..$"{path} ({Platform}) {problem}".Length]);
        Cli.CommandLine.Run([("NATIVECNN_ONEDNN", path)], Train).AssertError(1, path, problem, "NATIVECNN_ONEDNN");
    }

    [FakeLibraryTheory]
    [InlineData("2.6.3", "dnnl_primitive_attr_create")]
    [InlineData("3.1.0", "dnnl_primitive_attr_create")]
    public void A_library_that_lacks_a_function_is_named_with_it(string version, string function)
    {
        string path = Fake(version, 1, Shared);
        Assert.Equal(
            $"{path} ({Platform}) is not the oneDNN library, or a too old one: it has no function {function}. "
                + "Correct or unset NATIVECNN_ONEDNN.",
            Message(path)
        );
    }

    [FakeLibraryTheory]
    [InlineData("const void *dnnl_version(void) { return 0; }")]
    public void One_that_tells_no_version_is_refused(string source)
    {
        string path = FakeLibrary.Compile(_folder, "libsilent", source);
        Assert.Contains("does not say which oneDNN it is", Message(path), StringComparison.Ordinal);
    }

    [FakeLibraryTheory]
    [InlineData("int something_else;")]
    public void Another_library_is_no_oneDNN(string source)
    {
        string path = FakeLibrary.Compile(_folder, "libother", source);
        Assert.Contains("it has no function dnnl_version.", Message(path), StringComparison.Ordinal);
        Cli.CommandLine.Run([("NATIVECNN_ONEDNN", path)], Train)
            .AssertError(1, path, "dnnl_version", "NATIVECNN_ONEDNN");
    }

    [FakeLibraryTheory]
    [InlineData("2.6.3")]
    public void One_on_OpenMP_that_cannot_be_held_to_a_thread_is_refused(string version)
    {
        string[] all =
        [
            .. Shared,
            "dnnl_primitive_attr_create",
            "dnnl_primitive_attr_set_scratchpad_mode",
            "dnnl_primitive_attr_destroy",
            "dnnl_primitive_desc_query",
            "dnnl_primitive_desc_query_md",
            "dnnl_primitive_desc_destroy",
            "dnnl_primitive_create",
            "dnnl_primitive_execute",
            "dnnl_primitive_destroy",
            "dnnl_reorder_primitive_desc_create",
            "dnnl_memory_desc_init_by_strides",
            "dnnl_memory_desc_init_by_tag",
            "dnnl_primitive_desc_create",
            "dnnl_dilated_convolution_forward_desc_init",
            "dnnl_dilated_convolution_backward_data_desc_init",
            "dnnl_dilated_convolution_backward_weights_desc_init",
        ];
        string message = Message(Fake(version, OpenMP, all));
        // A function that newer versions of this project look for too would be missed before.
        Assert.True(
            message.Contains("runs on OpenMP, and omp_set_num_threads", StringComparison.Ordinal)
                || message.Contains("it has no function dnnl_", StringComparison.Ordinal),
            message
        );
    }

    [Fact]
    public void What_is_no_library_at_all_is_one_line()
    {
        Refused("text.so", "<!DOCTYPE html>"u8, "it is not a library (it begins with 3C21444F)");
        Refused("empty.so", [], "it is empty");
        byte[] shim = File.ReadAllBytes(NativeRuntime.EnsureLoaded().Shim.Path);
        Refused("cut.so", shim.AsSpan(0, shim.Length / 2), "it is cut short: ");
        Refused("cut.so", shim.AsSpan(0, 4096), "it is cut short: 4096 bytes of ");
    }

    [Fact]
    public void A_library_for_another_processor_is_one_line()
    {
        if (Platform.System != NativeSystem.Linux)
            return;
        byte[] other = File.ReadAllBytes(NativeRuntime.EnsureLoaded().Shim.Path);
        // e_machine of the ELF header: 183 is AArch64, 62 x86-64.
        other[18] = Platform.Architecture == Architecture.X64 ? (byte)183 : (byte)62;
        string name = Platform.Architecture == Architecture.X64 ? "arm64" : "x64";
        Refused("other.so", other, $"it is a library for {name} processors, and this process is ");
    }

    private static string[] Train => ["compare", "--model", "lenet", "--backends", "native,onednn"];

    private void Refused(string name, ReadOnlySpan<byte> content, string problem)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, content);
        string message = Message(path);
        Assert.StartsWith($"{path} cannot be loaded as the oneDNN library on {Platform}: {problem}", message);
        Assert.EndsWith("Correct or unset NATIVECNN_ONEDNN.", message);
        Cli.CommandLine.Run([("NATIVECNN_ONEDNN", path)], Train).AssertError(1, path, problem, "NATIVECNN_ONEDNN");
    }

    private static string Message(string path)
    {
        string message = Assert
            .Throws<NativeLibraryException>(() =>
                OneDnnLibrary.Check(
                    NativeLibraryLoader.Load(
                        NativeLibraryDescription.OneDnn(Platform),
                        Platform,
                        [new(path, IsRequired: true)]
                    )
                )
            )
            .Message;
        Assert.DoesNotContain('\n', message);
        return message;
    }

    private string Fake(string version, int runtime, string[] functions) =>
        FakeLibrary.Compile(
            _folder,
            "libdnnl",
            $$"""
            typedef struct { int major, minor, patch; const char *hash; unsigned cpu_runtime, gpu_runtime; } version;
            static const version current = { {{version.Replace('.', ',')}}, "", {{runtime}}u, 0u };
            const version *dnnl_version(void) { return &current; }
            {{string.Join('\n', functions.Select(name => $"int {name}(void) {{ return 0; }}"))}}
            """
        );
}
