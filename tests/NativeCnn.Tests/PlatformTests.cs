namespace NativeCnn.Tests;

/// <summary>A test that needs Unix (a shell, signals, file modes), reported as skipped on Windows.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class UnixFactAttribute : FactAttribute
{
    public UnixFactAttribute() => Skip = OperatingSystem.IsWindows() ? "Windows is no Unix." : null;
}

/// <summary>A theory that needs Unix (a shell, signals, file modes), reported as skipped on Windows.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class UnixTheoryAttribute : TheoryAttribute
{
    public UnixTheoryAttribute() => Skip = OperatingSystem.IsWindows() ? "Windows is no Unix." : null;
}

/// <summary>A theory that needs Linux, reported as skipped elsewhere.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LinuxTheoryAttribute : TheoryAttribute
{
    public LinuxTheoryAttribute() => Skip = OperatingSystem.IsLinux() ? null : "This system is not Linux.";
}

/// <summary>A theory that writes to /dev/full, reported as skipped where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FullDeviceTheoryAttribute : TheoryAttribute
{
    public FullDeviceTheoryAttribute() => Skip = File.Exists("/dev/full") ? null : "There is no /dev/full.";
}
