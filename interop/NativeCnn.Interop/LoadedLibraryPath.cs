using System.Globalization;
using System.Runtime.InteropServices;

namespace NativeCnn.Interop;

/// <summary>Asks the operating system from which file a library was loaded.</summary>
internal static unsafe class LoadedLibraryPath
{
    private const int LongestPath = 32768;

    /// <summary>The path of a loaded library's file, or null if it cannot be told.</summary>
    /// <param name="handle">The loader's handle.</param>
    /// <param name="export">A function that it has, by which it is found among the others.</param>
    public static string? Of(nint handle, string export)
    {
        if (OperatingSystem.IsWindows())
        {
            char[] path = new char[LongestPath];
            fixed (char* p = path)
                return SystemCalls.GetModuleFileNameW(handle, p, LongestPath) is > 0 and uint n
                    ? new string(p, 0, (int)n)
                    : null;
        }
        if (!NativeLibrary.TryGetExport(handle, export, out nint address))
            return null;
        if (OperatingSystem.IsMacOS())
        {
            SystemCalls.DynamicLibraryInfo info;
            return SystemCalls.dladdr(address, &info) != 0 ? Marshal.PtrToStringUTF8((nint)info.FileName) : null;
        }
        return InMemoryMap("/proc/self/maps", (ulong)address);
    }

    /// <summary>The file that is mapped at an address. A line is: begin-end rights offset device inode path.</summary>
    private static string? InMemoryMap(string maps, ulong address)
    {
        if (!File.Exists(maps))
            return null;
        foreach (string line in File.ReadLines(maps))
        {
            int dash = line.IndexOf('-');
            int end = line.IndexOf(' ');
            int path = line.IndexOf('/');
            if (
                path > 0
                && ulong.Parse(line.AsSpan(0, dash), NumberStyles.HexNumber, CultureInfo.InvariantCulture) <= address
                && address
                    < ulong.Parse(
                        line.AsSpan(dash + 1, end - dash - 1),
                        NumberStyles.HexNumber,
                        CultureInfo.InvariantCulture
                    )
            )
                return line[path..];
        }
        return null;
    }
}
