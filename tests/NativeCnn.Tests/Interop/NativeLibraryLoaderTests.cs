using System.Runtime.InteropServices;
using NativeCnn.Interop;

namespace NativeCnn.Tests.Interop;

/// <summary>What is said when a library is missing or is not what it should be.</summary>
public sealed class NativeLibraryLoaderTests : IDisposable
{
    private static readonly NativePlatform Platform = NativePlatform.Current;

    private static readonly NativeLibraryDescription Library = NativeLibraryDescription.Shim(Platform) with
    {
        FileNames = ["libnativecnn-missing.so"],
    };

    private readonly string folder = Directory.CreateTempSubdirectory("nativecnn-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_missing_library_is_reported_with_every_place_the_platform_and_the_remedy()
    {
        IReadOnlyList<NativeLibraryCandidate> candidates = NativeLibrarySearch.Candidates(
            Library,
            Platform,
            [folder],
            _ => null
        );
        string message = Message(candidates);
        Assert.StartsWith($"The NativeCnn shim was not found for {Platform}.", message, StringComparison.Ordinal);
        Assert.All(candidates, c => Assert.Contains(c.Path, message, StringComparison.Ordinal));
        Assert.Contains("libnativecnn-missing.so on the loader's path", message, StringComparison.Ordinal);
        Assert.Contains(Library.Remedy, message, StringComparison.Ordinal);
        Assert.EndsWith("or name its file in NATIVECNN_LIBRARY.", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void A_file_named_by_the_user_and_missing_is_reported_with_the_variable()
    {
        string path = Path.Combine(folder, "none.so");
        string message = Message([new(path, IsRequired: true)]);
        Assert.Contains("NATIVECNN_LIBRARY names no existing file", message, StringComparison.Ordinal);
        Assert.Contains(path, message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_file_is_reported_as_no_library()
    {
        string path = Write("text.so", "<!DOCTYPE html>"u8);
        string message = Message([new(path, IsRequired: true)]);
        Assert.Contains(
            $"{path} cannot be loaded as the NativeCnn shim on {Platform}: it is not a library (it begins with 3C21444F).",
            message,
            StringComparison.Ordinal
        );
        Assert.EndsWith("Correct or unset NATIVECNN_LIBRARY.", message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_file_ends_the_search_and_is_to_be_replaced()
    {
        string path = Write("empty.so", []);
        string message = Message([new(path), new("libnativecnn-missing.so")]);
        Assert.Contains($"{path} cannot be loaded", message, StringComparison.Ordinal);
        Assert.Contains("it is empty. Remove or replace it.", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_library_is_reported_in_the_loaders_words()
    {
        string path = Write("damaged.so", Header(Platform).AsSpan(0, 64));
        Assert.Contains("the loader says: ", Message([new(path)]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_library_without_the_expected_function_is_not_taken_for_OpenBlas()
    {
        LoadedLibrary shim = NativeLibraryLoader.Load(
            NativeLibraryDescription.Shim(Platform),
            Platform,
            [new(NativeRuntime.EnsureLoaded().Shim.Path)]
        );
        LoadedLibrary mistaken = shim with
        {
            Description = NativeLibraryDescription.OpenBlas(Platform),
            Candidate = new(shim.Path, IsRequired: true),
        };
        string message = Assert
            .Throws<NativeLibraryException>(() => OpenBlasLibrary.Check(mistaken, null, false))
            .Message;
        Assert.Equal(
            $"{shim.Path} ({Platform}) is not OpenBLAS, or a too old one: it has no function openblas_get_config. "
                + "Correct or unset NATIVECNN_OPENBLAS.",
            message
        );
    }

    [Theory]
    [InlineData(NativeSystem.Linux, Architecture.X64)]
    [InlineData(NativeSystem.Linux, Architecture.Arm64)]
    [InlineData(NativeSystem.MacOS, Architecture.X64)]
    [InlineData(NativeSystem.MacOS, Architecture.Arm64)]
    [InlineData(NativeSystem.Windows, Architecture.X64)]
    [InlineData(NativeSystem.Windows, Architecture.Arm64)]
    internal void A_library_fits_its_own_platform_alone(NativeSystem system, Architecture architecture)
    {
        NativePlatform own = new(system, architecture);
        string path = Write("some.library", Header(own));
        Assert.Null(NativeLibraryFile.Unfitness(path, own));

        Architecture other = architecture == Architecture.X64 ? Architecture.Arm64 : Architecture.X64;
        Assert.Equal(
            $"it is a library for {own.ArchitectureName} processors, and this process is {other.ToString().ToLowerInvariant()}",
            NativeLibraryFile.Unfitness(path, own with { Architecture = other })
        );

        NativeSystem elsewhere = system == NativeSystem.Linux ? NativeSystem.Windows : NativeSystem.Linux;
        Assert.Equal(
            $"it is a library for {system}",
            NativeLibraryFile.Unfitness(path, own with { System = elsewhere })
        );
    }

    [Fact]
    public void A_universal_library_fits_every_processor()
    {
        string path = Write("universal.dylib", [0xCA, 0xFE, 0xBA, 0xBE, 0, 0, 0, 2]);
        Assert.Null(NativeLibraryFile.Unfitness(path, new(NativeSystem.MacOS, Architecture.Arm64)));
        Assert.Null(NativeLibraryFile.Unfitness(path, new(NativeSystem.MacOS, Architecture.X64)));
    }

    private static string Message(IReadOnlyList<NativeLibraryCandidate> candidates) =>
        Assert.Throws<NativeLibraryException>(() => NativeLibraryLoader.Load(Library, Platform, candidates)).Message;

    private string Write(string name, ReadOnlySpan<byte> content)
    {
        string path = Path.Combine(folder, name);
        File.WriteAllBytes(path, content);
        return path;
    }

    /// <summary>The beginning of a library: enough to be recognised, too little to be loaded.</summary>
    private static byte[] Header(NativePlatform platform)
    {
        bool isX64 = platform.Architecture == Architecture.X64;
        byte[] header = new byte[128];
        switch (platform.System)
        {
            case NativeSystem.Linux:
                (header[0], header[1], header[2], header[3]) = (0x7F, (byte)'E', (byte)'L', (byte)'F');
                header[18] = isX64 ? (byte)62 : (byte)183;
                break;
            case NativeSystem.MacOS:
                (header[0], header[1], header[2], header[3]) = (0xCF, 0xFA, 0xED, 0xFE);
                (header[4], header[7]) = (isX64 ? (byte)7 : (byte)12, 1);
                break;
            default:
                (header[0], header[1], header[0x3C]) = ((byte)'M', (byte)'Z', 0x40);
                (header[0x40], header[0x41]) = ((byte)'P', (byte)'E');
                (header[0x44], header[0x45]) = (0x64, isX64 ? (byte)0x86 : (byte)0xAA);
                break;
        }
        return header;
    }
}
