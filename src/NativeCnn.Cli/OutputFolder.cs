using NativeCnn.Storage;

namespace NativeCnn.Cli;

/// <summary>The folder that a command writes to.</summary>
internal static class OutputFolder
{
    /// <summary>Refuses a folder that holds files of another run.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="files">What a run writes there.</param>
    /// <exception cref="CommandException">One of them is there.</exception>
    public static void CheckFree(string folder, IEnumerable<string> files)
    {
        if (files.FirstOrDefault(Path.Exists) is { } taken)
        {
            throw new CommandException(
                $"{folder} holds another run ({Path.GetFileName(taken)}). Choose another folder with --out, or replace that run with --overwrite."
            );
        }
    }

    /// <summary>
    /// Makes the folder if it is missing, removes what killed runs left there, and makes sure that files can be written
    /// there, before hours of training.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="remedy">What to do where they cannot.</param>
    /// <exception cref="CommandException">They cannot.</exception>
    public static void Prepare(string folder, string remedy = "Choose another folder with --out.")
    {
        if (string.IsNullOrWhiteSpace(folder))
            throw new CommandException("--out names no folder.", ExitCodes.Usage);
        try
        {
            Directory.CreateDirectory(folder);
            AtomicFile.RemoveLeftovers(folder);
            AtomicFile.TryFolder(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CommandException(
                $"nothing can be written to {folder} ({e.Message.TrimEnd('.')}). {remedy}",
                cause: e
            );
        }
    }
}
