using System.Formats.Tar;
using System.IO.Compression;
using NativeCnn.Storage;

namespace NativeCnn.Cli.Downloads;

/// <summary>
/// Unpacks a compressed tar archive of plain files: none of them, and nothing at all if one is impossible, lands outside
/// the folder.
/// </summary>
internal static class ArchiveContent
{
    // Many times what a data set unpacks to.
    private const long MostBytes = 4L << 30;

    /// <summary>Unpacks one folder of an archive beside it, whole or not at all.</summary>
    /// <param name="archive">The archive.</param>
    /// <param name="folder">Where the folder is put.</param>
    /// <param name="content">The folder's name in the archive, and there. It must not be there yet.</param>
    /// <exception cref="DataFormatException">
    /// The archive is damaged, holds something else than files and folders, or something outside that folder.
    /// </exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static void Unpack(string archive, string folder, string content)
    {
        string temporary = Path.Combine(folder, $".nativecnn-{Guid.NewGuid():N}");
        Directory.CreateDirectory(temporary);
        try
        {
            UnpackInto(archive, temporary, content);
            string unpacked = Path.Combine(temporary, content);
            if (!Directory.Exists(unpacked))
                throw new DataFormatException($"{archive} holds no folder {content}.");
            Directory.Move(unpacked, Path.Combine(folder, content));
        }
        catch (InvalidDataException e)
        {
            throw new DataFormatException($"{archive} is damaged: {e.Message}", e);
        }
        catch (EndOfStreamException e)
        {
            throw new DataFormatException($"{archive} is damaged: it ends too early.", e);
        }
        finally
        {
            Directory.Delete(temporary, recursive: true);
        }
    }

    private static void UnpackInto(string archive, string root, string content)
    {
        using FileStream file = InputFile.Open(archive);
        using GZipStream unpacked = new(file, CompressionMode.Decompress);
        using TarReader reader = new(unpacked);
        long bytes = 0;
        while (reader.GetNextEntry() is { } entry)
        {
            string path = PlaceOf(archive, entry.Name, root, content);
            switch (entry.EntryType)
            {
                case TarEntryType.Directory:
                    Directory.CreateDirectory(path);
                    break;
                case TarEntryType.RegularFile or TarEntryType.V7RegularFile:
                    bytes += entry.Length;
                    if (bytes > MostBytes)
                        throw new DataFormatException($"{archive} unpacks to more than {MostBytes} bytes.");
                    Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                    using (FileStream target = new(path, FileMode.CreateNew, FileAccess.Write))
                        entry.DataStream?.CopyTo(target);
                    break;
                default:
                    throw new DataFormatException(
                        $"{archive} holds '{entry.Name}', which is neither a file nor a folder ({entry.EntryType}). Nothing was unpacked."
                    );
            }
        }
    }

    private static string PlaceOf(string archive, string name, string root, string content)
    {
        string[] parts = name.TrimEnd('/').Split('/');
        bool isInside =
            parts[0] == content
            && parts.All(part => part is not ("" or "." or "..") && part.IndexOfAny(['\\', ':', '\0']) < 0);
        return isInside
            ? Path.Combine([root, .. parts])
            : throw new DataFormatException(
                $"{archive} holds '{name}', which is not in its folder {content}. Nothing was unpacked."
            );
    }
}
