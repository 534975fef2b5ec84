using System.Runtime.InteropServices;

namespace NativeCnn.Interop;

/// <summary>
/// The environment that native libraries see. On Unix, .NET keeps a copy of its own, and what a program sets there
/// never reaches <c>getenv</c>.
/// </summary>
internal static unsafe class NativeEnvironment
{
    /// <summary>
    /// A variable that was set outside, or by this program in either environment; null if it is unset or empty.
    /// </summary>
    public static string? Get(string name)
    {
        string? native = OperatingSystem.IsWindows() ? null : Marshal.PtrToStringUTF8((nint)SystemCalls.getenv(name));
        string? value = string.IsNullOrEmpty(native) ? Environment.GetEnvironmentVariable(name) : native;
        return string.IsNullOrEmpty(value) ? null : value;
    }

    /// <summary>Sets a variable where native libraries look for it.</summary>
    /// <exception cref="InvalidOperationException">The operating system refused, for want of memory.</exception>
    public static void Set(string name, string value)
    {
        int result;
        if (OperatingSystem.IsWindows())
        {
            // A library asks Windows or its C library, and the latter copied Windows's variables at the start.
            Environment.SetEnvironmentVariable(name, value);
            result = SystemCalls._wputenv_s(name, value);
        }
        else
        {
            result = SystemCalls.setenv(name, value, overwrite: 1);
        }
        if (result != 0)
            throw new InvalidOperationException($"The environment variable {name} could not be set to {value}.");
    }

    /// <summary>
    /// Sees to it that native libraries find a variable: the user's value, else a default. Returns whose it is.
    /// </summary>
    public static (string Value, bool IsUsers) SetDefault(string name, string @default)
    {
        string? users = Get(name);
        Set(name, users ?? @default);
        return (users ?? @default, users is not null);
    }
}
