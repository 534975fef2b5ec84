using System.Runtime.InteropServices;
using NativeCnn.Interop;
using NativeCnn.Tests.OneDnn;

namespace NativeCnn.Tests.Interop;

/// <summary>What oneDNN is taken, and what is said of one that is not.</summary>
public sealed class OneDnnLibraryTests
{
    private static readonly LoadedLibrary Found = new(
        NativeLibraryDescription.OneDnn(NativePlatform.Current),
        NativePlatform.Current,
        new NativeLibraryCandidate("libdnnl.so.2"),
        0,
        "/lib/libdnnl.so.2"
    );

    [Theory]
    [InlineData(1, 8, 0)]
    [InlineData(2, 5, 4)]
    [InlineData(4, 0, 0)]
    public void Other_versions_are_refused(int major, int minor, int patch)
    {
        string message = Assert
            .Throws<NativeLibraryException>(() => OneDnnLibrary.CheckVersion(Found, major, minor, patch))
            .Message;
        Assert.StartsWith("/lib/libdnnl.so.2 (", message, StringComparison.Ordinal);
        Assert.Contains($"is oneDNN {major}.{minor}.{patch}, and NativeCnn knows", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, 6, 3)]
    [InlineData(2, 7, 0)]
    [InlineData(3, 0, 0)]
    public void Known_versions_are_taken(int major, int minor, int patch) =>
        OneDnnLibrary.CheckVersion(Found, major, minor, patch);

    [Theory]
    [InlineData(4, "TBB")]
    [InlineData(512, "SYCL")]
    [InlineData(8, "a thread pool of its caller's")]
    [InlineData(77, "a runtime of the number 77")]
    public void Other_thread_runtimes_are_refused_by_name(uint runtime, string name)
    {
        string message = Assert
            .Throws<NativeLibraryException>(() => OneDnnLibrary.CheckRuntime(Found, runtime))
            .Message;
        Assert.Contains($"that runs on {name}; NativeCnn takes one on OpenMP", message, StringComparison.Ordinal);
    }

    [OneDnnTheory]
    [InlineData("omp_get_max_threads")]
    public unsafe void Every_thread_that_asks_is_held_to_itself(string function)
    {
        OneDnnInfo info = NativeRuntime.EnsureOneDnnLoaded();
        Assert.True(File.Exists(info.Path), info.Path);
        bool hasThreads = NativeLibrary.TryGetExport(NativeLibrary.Load(info.Path), function, out nint get);
        Assert.Equal(info.IsOpenMP, hasThreads);
        int threads = hasThreads ? 0 : 1;
        var worker = new Thread(() =>
        {
            NativeRuntime.PrepareOneDnnThread();
            if (hasThreads)
                threads = ((delegate* unmanaged[Cdecl]<int>)get)();
        });
        worker.Start();
        worker.Join();
        Assert.Equal(1, threads);
    }
}
