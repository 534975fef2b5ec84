using System.ComponentModel;
using System.Diagnostics;

namespace NativeCnn.Tests.Interop;

/// <summary>Small shared libraries that pretend to be others, compiled when a test asks for one.</summary>
internal static class FakeLibrary
{
    /// <summary>Why there is no compiler, or null.</summary>
    public static string? Missing { get; } = FindMissing();

    /// <summary>Compiles C into a shared library.</summary>
    /// <returns>Its file, in the folder.</returns>
    public static string Compile(string folder, string name, string source)
    {
        string code = Path.Combine(folder, name + ".c");
        string library = Path.Combine(folder, name + ".so");
        File.WriteAllText(code, source);
        (int exit, string error) = Run("-shared", "-fPIC", "-O0", "-o", library, code);
        Assert.True(exit == 0, error);
        return library;
    }

    private static string? FindMissing()
    {
        if (OperatingSystem.IsWindows())
            return "A C compiler called cc is needed.";
        try
        {
            return Run("--version").ExitCode == 0 ? null : "The C compiler cc does not run.";
        }
        catch (Win32Exception e)
        {
            return $"A C compiler called cc is needed: {e.Message}.";
        }
    }

    private static (int ExitCode, string Error) Run(params string[] arguments)
    {
        using Process process = Process.Start(
            new ProcessStartInfo("cc", arguments) { RedirectStandardError = true, RedirectStandardOutput = true }
        )!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        output.GetAwaiter().GetResult();
        return (process.ExitCode, error);
    }
}

/// <summary>A theory on libraries of <see cref="FakeLibrary"/>, reported as skipped where there is no C compiler.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FakeLibraryTheoryAttribute : TheoryAttribute
{
    public FakeLibraryTheoryAttribute() => Skip = FakeLibrary.Missing;
}
