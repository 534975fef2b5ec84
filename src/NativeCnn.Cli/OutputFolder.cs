namespace NativeCnn.Cli;

/// <summary>The folder that train writes to.</summary>
internal static class OutputFolder
{
    /// <summary>
    /// Makes the folder if it is missing and makes sure that files can be written there, before hours of training.
    /// </summary>
    /// <exception cref="CommandException">They cannot.</exception>
    public static void Prepare(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            string probe = Path.Combine(folder, $".nativecnn-{Environment.ProcessId}");
            using (File.Create(probe, 1, FileOptions.DeleteOnClose)) { }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CommandException(
                $"nothing can be written to {folder} ({e.Message.TrimEnd('.')}). Choose another folder with --out.",
                cause: e
            );
        }
    }
}
