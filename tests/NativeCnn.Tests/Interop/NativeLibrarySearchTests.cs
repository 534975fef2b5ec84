using System.Runtime.InteropServices;
using NativeCnn.Interop;

namespace NativeCnn.Tests.Interop;

/// <summary>In which places, and in which order, the native libraries are looked for.</summary>
public sealed class NativeLibrarySearchTests
{
    private static readonly NativePlatform Linux = new(NativeSystem.Linux, Architecture.X64);
    private static readonly NativePlatform MacOS = new(NativeSystem.MacOS, Architecture.Arm64);
    private static readonly NativePlatform Windows = new(NativeSystem.Windows, Architecture.X64);

    [Fact]
    public void Shim_is_looked_for_beside_then_in_runtimes_then_on_the_loader_path()
    {
        string program = Path.Combine(Path.GetTempPath(), "program");
        string assembly = Path.Combine(Path.GetTempPath(), "assembly");
        IEnumerable<string> places = NativeLibrarySearch
            .Candidates(
                NativeLibraryDescription.Shim(Linux),
                Linux,
                [program + Path.DirectorySeparatorChar, assembly],
                _ => null
            )
            .Select(c => c.Path);
        Assert.Equal(
            [
                Path.Combine(program, "libnativecnn.so"),
                Path.Combine(assembly, "libnativecnn.so"),
                Path.Combine(program, "runtimes", "linux-x64", "native", "libnativecnn.so"),
                Path.Combine(assembly, "runtimes", "linux-x64", "native", "libnativecnn.so"),
                "libnativecnn.so",
            ],
            places
        );
    }

    [Fact]
    public void Equal_and_empty_folders_are_searched_once_or_not_at_all()
    {
        string folder = Path.Combine(Path.GetTempPath(), "program");
        IReadOnlyList<NativeLibraryCandidate> candidates = NativeLibrarySearch.Candidates(
            NativeLibraryDescription.Shim(Linux),
            Linux,
            [folder, folder + Path.DirectorySeparatorChar, ""],
            _ => null
        );
        Assert.Equal(3, candidates.Count);
    }

    [Theory]
    [InlineData("NATIVECNN_LIBRARY")]
    [InlineData("NATIVECNN_OPENBLAS")]
    public void The_environment_variable_rules_out_every_other_place(string variable)
    {
        NativeLibraryDescription library =
            variable == "NATIVECNN_LIBRARY"
                ? NativeLibraryDescription.Shim(Linux)
                : NativeLibraryDescription.OpenBlas(Linux);
        NativeLibraryCandidate candidate = Assert.Single(
            NativeLibrarySearch.Candidates(
                library,
                Linux,
                [Path.GetTempPath()],
                name => name == variable ? "relative.so" : null
            )
        );
        Assert.Equal(new(Path.GetFullPath("relative.so"), IsRequired: true), candidate);
    }

    [Fact]
    public void OpenBlas_has_the_names_of_each_system()
    {
        Assert.Equal(["libopenblas.so.0", "libopenblas.so"], BareNames(Linux));
        Assert.Equal(["libopenblas.dylib", "libopenblas.0.dylib"], BareNames(MacOS));
        Assert.Equal(["libopenblas.dll", "openblas.dll"], BareNames(Windows));
    }

    [Fact]
    public void OpenBlas_is_looked_for_last_where_homebrew_puts_it()
    {
        IReadOnlyList<NativeLibraryCandidate> candidates = Candidates(MacOS);
        Assert.Equal("/opt/homebrew/opt/openblas/lib/libopenblas.dylib", candidates[^2].Path);
        Assert.Equal("/usr/local/opt/openblas/lib/libopenblas.dylib", candidates[^1].Path);
    }

    [Fact]
    public void Platforms_have_portable_runtime_identifiers()
    {
        Assert.Equal("linux-x64", Linux.RuntimeIdentifier);
        Assert.Equal("osx-arm64", MacOS.RuntimeIdentifier);
        Assert.Equal("win-x64", Windows.RuntimeIdentifier);
        Assert.Equal(
            "linux-musl-arm64",
            new NativePlatform(NativeSystem.Linux, Architecture.Arm64, true).RuntimeIdentifier
        );
    }

    private static IEnumerable<string> BareNames(NativePlatform platform) =>
        Candidates(platform).Where(c => c.IsBareName).Select(c => c.Path);

    private static IReadOnlyList<NativeLibraryCandidate> Candidates(NativePlatform platform) =>
        NativeLibrarySearch.Candidates(
            NativeLibraryDescription.OpenBlas(platform),
            platform,
            [Path.GetTempPath()],
            _ => null
        );
}
