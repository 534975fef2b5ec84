using System.Runtime.InteropServices;

namespace NativeCnn.Interop;

/// <summary>The few functions of the operating system that .NET does not offer.</summary>
internal static unsafe partial class SystemCalls
{
    /// <summary>The value of a native environment variable, or null.</summary>
    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    public static partial byte* getenv(string name);

    /// <summary>Sets a native environment variable; 0 if that worked.</summary>
    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int setenv(string name, string value, int overwrite);

    /// <summary>Sets a variable of the C library's environment on Windows; 0 if that worked.</summary>
    [LibraryImport("ucrtbase", StringMarshalling = StringMarshalling.Utf16)]
    public static partial int _wputenv_s(string name, string value);

    /// <summary>
    /// Fills in the file and the symbol to which an address belongs; 0 if none. In libc on macOS, but not on older
    /// Linux.
    /// </summary>
    [LibraryImport("libc")]
    public static partial int dladdr(nint address, DynamicLibraryInfo* info);

    /// <summary>Writes the path of a loaded library and returns its length, or 0.</summary>
    [LibraryImport("kernel32")]
    public static partial uint GetModuleFileNameW(nint module, char* path, uint size);

    /// <summary>What dladdr fills in (Dl_info).</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct DynamicLibraryInfo
    {
        /// <summary>The library's path, as UTF-8 ended by 0.</summary>
        public byte* FileName;
        public void* Base;
        public byte* SymbolName;
        public void* SymbolAddress;
    }
}
