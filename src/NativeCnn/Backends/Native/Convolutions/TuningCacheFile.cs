using System.Text;
using NativeCnn.Storage;

namespace NativeCnn.Backends.Native.Convolutions;

/// <summary>
/// Measured choices in a file. Whatever is wrong with it is reported in one sentence and stops nothing.
/// </summary>
internal sealed class TuningCacheFile(string path, Action<string>? report)
{
    // A choice takes some 200 bytes.
    private const int LargestFile = 16 << 20;

    private bool _mayReplace = true;

    /// <summary>The file's choices for this machine; none where there is no file or where it cannot be used.</summary>
    public TuningChoices Load(TuningMachine machine)
    {
        byte[] text;
        try
        {
            if (!File.Exists(path))
                return new TuningChoices(machine);
            text = InputFile.ReadAllBytes(path, LargestFile);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Report($"The tuning cache {path} cannot be read and is ignored: {e.Message}");
            return new TuningChoices(machine);
        }
        try
        {
            return TuningChoices.Parse(text, machine);
        }
        catch (NotSupportedException e)
        {
            Report($"The tuning cache {path} is ignored, it comes from another machine or version: {e.Message}");
        }
        catch (FormatException e)
        {
            // A damaged cache is replaced by the next one; a file that was named by mistake is not.
            _mayReplace = text.Length == 0 || Beginning(text).Contains(TuningChoices.Format, StringComparison.Ordinal);
            Report(
                _mayReplace
                    ? $"The tuning cache {path} is damaged and ignored: {e.Message}"
                    : $"The file {path} is no tuning cache: it is ignored and will not be written"
            );
        }
        return new TuningChoices(machine);
    }

    /// <summary>Writes the choices, whole or not at all.</summary>
    public void Save(TuningChoices choices)
    {
        if (!_mayReplace)
            return;
        try
        {
            string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
            Directory.CreateDirectory(folder);
            AtomicFile.RemoveLeftovers(folder);
            AtomicFile.Write(path, choices.Write);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            _mayReplace = false;
            Report(
                $"The tuning cache {path} cannot be written, what is measured holds for this run alone: {e.Message}"
            );
        }
    }

    private static string Beginning(byte[] text) => Encoding.UTF8.GetString(text, 0, Math.Min(text.Length, 100));

    private void Report(string sentence) => report?.Invoke(sentence.TrimEnd('.') + ".");
}
