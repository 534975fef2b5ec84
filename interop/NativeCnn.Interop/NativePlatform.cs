using System.Runtime.InteropServices;

namespace NativeCnn.Interop;

internal enum NativeSystem
{
    Linux,
    MacOS,
    Windows,
}

/// <summary>For what a native library must be built.</summary>
/// <param name="System">The operating system; every Unix but macOS counts as Linux.</param>
/// <param name="Architecture">The processor's, as this process runs.</param>
/// <param name="IsMusl">Whether the C library is musl (Alpine) instead of glibc.</param>
internal readonly record struct NativePlatform(NativeSystem System, Architecture Architecture, bool IsMusl = false)
{
    public static NativePlatform Current { get; } =
        new(
            OperatingSystem.IsWindows() ? NativeSystem.Windows
                : OperatingSystem.IsMacOS() ? NativeSystem.MacOS
                : NativeSystem.Linux,
            RuntimeInformation.ProcessArchitecture,
            RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal)
        );

    /// <summary>The portable runtime identifier, such as linux-x64.</summary>
    public string RuntimeIdentifier
    {
        get
        {
            string system = System switch
            {
                NativeSystem.Windows => "win",
                NativeSystem.MacOS => "osx",
                _ => IsMusl ? "linux-musl" : "linux",
            };
            return $"{system}-{ArchitectureName}";
        }
    }

    /// <summary>The architecture as in runtime identifiers, such as x64 or arm64.</summary>
    public string ArchitectureName => Architecture.ToString().ToLowerInvariant();

    public override string ToString() => RuntimeIdentifier;
}
