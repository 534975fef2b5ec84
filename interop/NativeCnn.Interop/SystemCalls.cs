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

    /// <summary>Opens a file or a folder for reading where flags are 0; −1 if that failed.</summary>
    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int open(string path, int flags);

    /// <summary>Waits until what was written to a file or folder is on the disk; −1 if that failed.</summary>
    [LibraryImport("libc")]
    public static partial int fsync(int file);

    /// <summary>Closes what <see cref="open"/> opened.</summary>
    [LibraryImport("libc")]
    public static partial int close(int file);

    /// <summary>
    /// Writes bytes and returns how many; −1 with the error number of <see cref="Marshal.GetLastPInvokeError"/> if that
    /// failed.
    /// </summary>
    [LibraryImport("libc", SetLastError = true)]
    public static partial nint write(int file, byte* bytes, nint count);

    /// <summary>
    /// Fills in the file and the symbol to which an address belongs; 0 if none. In libc on macOS, but not on older
    /// Linux.
    /// </summary>
    [LibraryImport("libc")]
    public static partial int dladdr(nint address, DynamicLibraryInfo* info);

    /// <summary>Writes the path of a loaded library and returns its length, or 0.</summary>
    [LibraryImport("kernel32")]
    public static partial uint GetModuleFileNameW(nint module, char* path, uint size);

    /// <summary>
    /// Describes a file in a structure that is the same on every processor, its mode at byte 28; 0 if that worked.
    /// Linux alone has it.
    /// </summary>
    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int statx(int directory, string path, int flags, uint mask, byte* status);

    /// <summary>Describes a file, on macOS with its mode at byte 4; 0 if that worked.</summary>
    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int stat(string path, byte* status);

    /// <summary>Maps pages; all bits set (−1) if that failed.</summary>
    [LibraryImport("libc")]
    public static partial nint mmap(nint address, nuint length, int protection, int flags, int file, nint offset);

    /// <summary>Gives pages back.</summary>
    [LibraryImport("libc")]
    public static partial int munmap(nint address, nuint length);

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
