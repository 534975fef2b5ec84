namespace NativeCnn.Interop;

/// <summary>What a path leads to.</summary>
internal enum FileKind
{
    /// <summary>A file, or what the operating system does not tell.</summary>
    Regular,
    Directory,
    Pipe,
    Device,
    Socket,
}

/// <summary>Asks for the kind of a file before it is opened: opening a pipe waits for whoever writes into it.</summary>
internal static unsafe class FileKinds
{
    private const int AtCurrentDirectory = -100;
    private const uint TypeAndMode = 3;
    private const int TypeMask = 0xF000;

    /// <summary>The kind of what a path leads to, links followed; a missing file counts as regular.</summary>
    public static FileKind Of(string path)
    {
        try
        {
            return Mode(path) is int mode ? Kind(mode & TypeMask) : FileKind.Regular;
        }
        catch (EntryPointNotFoundException)
        {
            return FileKind.Regular;
        }
    }

    private static int? Mode(string path)
    {
        // Both structures are larger than what is read of them; their sizes are rounded up.
        byte* status = stackalloc byte[512];
        if (OperatingSystem.IsLinux())
            return SystemCalls.statx(AtCurrentDirectory, path, 0, TypeAndMode, status) == 0
                ? *(ushort*)(status + 28)
                : null;
        if (OperatingSystem.IsMacOS())
            return SystemCalls.stat(path, status) == 0 ? *(ushort*)(status + 4) : null;
        return null;
    }

    private static FileKind Kind(int type) =>
        type switch
        {
            0x1000 => FileKind.Pipe,
            0x2000 or 0x6000 => FileKind.Device,
            0x4000 => FileKind.Directory,
            0xC000 => FileKind.Socket,
            _ => FileKind.Regular,
        };
}
