using System.Globalization;
using System.Text;
using NativeCnn.Storage;
using NativeCnn.Training;

namespace NativeCnn.Cli.Output;

/// <summary>
/// The history of a training as CSV (RFC 4180): one row per epoch, empty cells where nothing was measured.
/// </summary>
internal static class HistoryFile
{
    public static void Save(string path, IReadOnlyList<EpochRecord> history)
    {
        StringBuilder text = new("epoch,train_loss,train_accuracy,test_loss,test_accuracy,seconds,images_per_second\n");
        foreach (EpochRecord r in history)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"{r.Epoch},{r.TrainLoss},{r.TrainAccuracy},{r.TestLoss},{r.TestAccuracy},{r.Seconds},{r.ImagesPerSecond}\n"
            );
        }
        byte[] bytes = Encoding.UTF8.GetBytes(text.ToString());
        AtomicFile.Write(path, stream => stream.Write(bytes));
    }
}
