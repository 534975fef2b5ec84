using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace NativeCnn.Interop;

/// <summary>Says what is wrong with a file that is to be a library.</summary>
internal static class NativeLibraryFile
{
    private const int HeaderSize = 4096;

    /// <summary>Why a file cannot be a library of a platform, or null if its header shows no reason.</summary>
    /// <param name="path">An existing file.</param>
    /// <param name="platform">The platform that it should be for.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static string? Unfitness(string path, NativePlatform platform)
    {
        byte[] header = new byte[HeaderSize];
        using FileStream file = File.OpenRead(path);
        int length = file.ReadAtLeast(header, header.Length, throwOnEndOfStream: false);
        if (length == 0)
            return "it is empty";
        if (Identify(header.AsSpan(0, length)) is not (NativeSystem system, Architecture architecture))
            return $"it is not a library (it begins with {Convert.ToHexString(header, 0, Math.Min(length, 4))})";
        if (system != platform.System)
            return $"it is a library for {system}";
        if (architecture != platform.Architecture && architecture != AnyArchitecture)
        {
            return $"it is a library for {architecture.ToString().ToLowerInvariant()} processors, "
                + $"and this process is {platform.ArchitectureName}";
        }
        long needed = system == NativeSystem.Linux ? ElfLength(header.AsSpan(0, length)) : 0;
        return file.Length < needed ? $"it is cut short: {file.Length} bytes of {needed} or more" : null;
    }

    /// <summary>Stands for a file that holds several architectures, or one that is not told apart here.</summary>
    private const Architecture AnyArchitecture = (Architecture)(-1);

    private static (NativeSystem System, Architecture Architecture)? Identify(ReadOnlySpan<byte> header)
    {
        if (header.Length >= 20 && header.StartsWith("\x7F"u8) && header[1..].StartsWith("ELF"u8))
            return (NativeSystem.Linux, ElfArchitecture(BinaryPrimitives.ReadUInt16LittleEndian(header[18..])));
        if (header.Length >= 64 && header.StartsWith("MZ"u8))
        {
            // The field at 0x3C says where "PE\0\0" begins, which the machine follows.
            int offset = BinaryPrimitives.ReadInt32LittleEndian(header[0x3C..]);
            if (offset > 0 && offset <= header.Length - 6 && header[offset..].StartsWith("PE\0\0"u8))
                return (NativeSystem.Windows, PortableExecutableArchitecture(header[offset..]));
        }
        if (header.Length >= 8)
        {
            uint magic = BinaryPrimitives.ReadUInt32BigEndian(header);
            if (magic == 0xCFFAEDFE)
                return (NativeSystem.MacOS, MachOArchitecture(BinaryPrimitives.ReadInt32LittleEndian(header[4..])));
            // A universal file begins like a Java class, whose next word, its version, is 45 or more.
            if (magic == 0xCAFEBABE && BinaryPrimitives.ReadInt32BigEndian(header[4..]) < 40)
                return (NativeSystem.MacOS, AnyArchitecture);
        }
        return null;
    }

    // Where the last segment ends that the loader maps; 0 where the header does not say. What is past the end of a file
    // can be mapped, and reading it ends the process.
    private static long ElfLength(ReadOnlySpan<byte> header)
    {
        const int Loaded = 1;
        const byte Is64Bits = 2;
        const byte IsLittleEndian = 1;
        if (header.Length < 64 || header[4] != Is64Bits || header[5] != IsLittleEndian)
            return 0;
        ulong start = BinaryPrimitives.ReadUInt64LittleEndian(header[32..]);
        int size = BinaryPrimitives.ReadUInt16LittleEndian(header[54..]);
        int count = BinaryPrimitives.ReadUInt16LittleEndian(header[56..]);
        if (size < 40 || start > (ulong)header.Length)
            return 0;
        ulong needed = 0;
        for (int i = 0; i < count && (int)start + (i + 1) * size <= header.Length; i++)
        {
            ReadOnlySpan<byte> segment = header[((int)start + i * size)..];
            if (BinaryPrimitives.ReadUInt32LittleEndian(segment) != Loaded)
                continue;
            ulong offset = BinaryPrimitives.ReadUInt64LittleEndian(segment[8..]);
            ulong bytes = BinaryPrimitives.ReadUInt64LittleEndian(segment[32..]);
            if (offset < long.MaxValue / 2 && bytes < long.MaxValue / 2)
                needed = Math.Max(needed, offset + bytes);
        }
        return (long)needed;
    }

    private static Architecture ElfArchitecture(ushort machine) =>
        machine switch
        {
            3 => Architecture.X86,
            40 => Architecture.Arm,
            62 => Architecture.X64,
            183 => Architecture.Arm64,
            _ => AnyArchitecture,
        };

    private static Architecture PortableExecutableArchitecture(ReadOnlySpan<byte> header) =>
        BinaryPrimitives.ReadUInt16LittleEndian(header[4..]) switch
        {
            0x014C => Architecture.X86,
            0x8664 => Architecture.X64,
            0xAA64 => Architecture.Arm64,
            _ => AnyArchitecture,
        };

    private static Architecture MachOArchitecture(int processor) =>
        processor switch
        {
            0x01000007 => Architecture.X64,
            0x0100000C => Architecture.Arm64,
            _ => AnyArchitecture,
        };
}
