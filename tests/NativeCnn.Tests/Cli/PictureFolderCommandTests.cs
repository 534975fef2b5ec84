using System.Text.Json;
using NativeCnn.Tests.Data;

namespace NativeCnn.Tests.Cli;

/// <summary><c>--data folder:DIR</c> from training to testing.</summary>
public sealed class PictureFolderCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [PictureFact]
    public void A_folder_is_trained_on_and_its_weights_are_tested_on_it()
    {
        WritePictures();
        File.WriteAllBytes(_folder.At("train/dark/broken.jpg"), PictureFiles.Jpeg[..100]);
        string data = $"folder:{_folder.Path}";
        CommandResult trained = CommandLine.Run([
            "train",
            "--data",
            data,
            "--epochs",
            "15",
            "--batch",
            "8",
            .. Rest,
            "--out",
            _folder.At("out"),
            "--json",
        ]);
        Assert.Equal(1, trained.Json.GetProperty("test_accuracy").GetDouble());
        Assert.Contains("left out of", trained.Error);
        Assert.Contains("broken.jpg: it is damaged or cut short", trained.Error);
        CommandResult tested = CommandLine.Run([
            "evaluate",
            "--weights",
            _folder.At("out/lenet.safetensors"),
            "--data",
            data,
            "--json",
        ]);
        Assert.Equal(1, tested.Json.GetProperty("test_accuracy").GetDouble());
        Assert.Equal(4, tested.Json.GetProperty("examples").GetInt32());
    }

    [PictureFact]
    public void A_folder_is_predicted_and_what_is_no_picture_has_a_line_of_its_own()
    {
        WritePictures();
        Assert.Equal(
            0,
            CommandLine
                .Run([
                    "train",
                    "--data",
                    $"folder:{_folder.Path}",
                    "--epochs",
                    "15",
                    "--batch",
                    "8",
                    .. Rest,
                    "--out",
                    _folder.At("out"),
                ])
                .ExitCode
        );
        string weights = _folder.At("out/lenet.safetensors");
        string tested = Directory.GetDirectories(_folder.Path).Single(f => f.EndsWith("val", StringComparison.Ordinal));
        string broken = Path.Combine(tested, "dark", "a, \"broken\".jpg");
        File.WriteAllBytes(broken, PictureFiles.Jpeg[..100]);

        JsonElement[] predictions =
        [
            .. CommandLine
                .Run("predict", "--weights", weights, tested, "--top", "1", "--json")
                .Json.GetProperty("predictions")
                .EnumerateArray(),
        ];
        string[] files =
        [
            .. Directory.GetFiles(tested, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal),
        ];
        Assert.Equal(files, predictions.Select(p => p.GetProperty("example").GetString()!));
        foreach (JsonElement p in predictions)
        {
            string file = p.GetProperty("example").GetString()!;
            if (file == broken)
            {
                Assert.Contains("damaged or cut short", p.GetProperty("problem").GetString());
                continue;
            }
            string actual = Path.GetFileName(Path.GetDirectoryName(file)!);
            Assert.Equal(actual, p.GetProperty("name").GetString());
            JsonElement top = Assert.Single(p.GetProperty("top").EnumerateArray());
            Assert.Equal(actual, top.GetProperty("name").GetString());
            Assert.InRange(top.GetProperty("probability").GetDouble(), 0.5, 1);
        }

        CommandResult csv = CommandLine.Run("predict", "--weights", weights, tested, "--top", "2", "--csv");
        string[] lines = csv.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("example,label,probability,label2,probability2,problem", lines[0]);
        Assert.Equal(files.Length + 1, lines.Length);
        string quoted = $"\"{broken.Replace("\"", "\"\"", StringComparison.Ordinal)}\",,,,,";
        Assert.StartsWith(quoted, Assert.Single(lines, line => line.Contains("broken", StringComparison.Ordinal)));

        CommandResult table = CommandLine.Run("predict", "--weights", weights, tested);
        Assert.Equal(0, table.ExitCode);
        Assert.Contains($"{broken}: it is damaged or cut short", table.Output);
        // A file of which nothing can be said is an error, as it is alone.
        CommandLine.Run("predict", "--weights", weights, broken).AssertError(1, broken, "damaged or cut short");
        Directory.CreateDirectory(_folder.At("nothing"));
        CommandLine.Run("predict", "--weights", weights, _folder.At("nothing")).AssertError(1, "holds no files");
    }

    [PictureFact]
    public void The_weights_do_not_depend_on_the_loaders_threads()
    {
        WritePictures();
        Assert.Equal(WeightsWith(threads: "1"), WeightsWith(threads: "3"));
    }

    [Fact]
    public void Without_the_library_one_line_says_what_was_looked_for_and_how_to_get_it()
    {
        Directory.CreateDirectory(_folder.At("train/a"));
        string missing = _folder.At("libnativecnn_pictures.so");
        CommandLine
            .Run([("NATIVECNN_PICTURES", missing)], "train", "--data", $"folder:{_folder.Path}")
            .AssertError(1, missing, "NATIVECNN_PICTURES", "Build it");
    }

    [Theory]
    [InlineData("twist", "'twist' is no augmentation")]
    [InlineData("flip,flip", "'flip' is there twice")]
    [InlineData("flip=1", "flip takes no number")]
    [InlineData("crop=0", "crop needs a number above 0 and up to 1")]
    [InlineData("crop", "crop needs a number")]
    [InlineData("rotate=181", "rotate needs a number from 0 to 180")]
    [InlineData("shift=0.1,", "'' is no augmentation")]
    [InlineData("contrast=NaN", "contrast needs a number from 0 to 1")]
    public void Impossible_augmentations_are_refused(string text, string message) =>
        CommandLine.Run("train", "--augment", text).AssertError(2, $"--augment {text}", message);

    [Fact]
    public void A_picture_size_goes_with_folders_alone() =>
        CommandLine.Run("train", "--picture-size", "32").AssertError(2, "--picture-size", "folder:DIR");

    private byte[] WeightsWith(string threads)
    {
        string folder = _folder.At($"out{threads}");
        string[] loading = ["--loader-threads", threads, "--augment", "crop=0.5,flip,contrast=0.3,cutout=0.1"];
        string[] data = ["--data", $"folder:{_folder.Path}", "--epochs", "2", "--batch", "8", "--out", folder];
        CommandResult result = CommandLine.Run(["train", .. data, .. loading]);
        Assert.True(result.ExitCode == 0, result.Error);
        return File.ReadAllBytes(Path.Combine(folder, "lenet.safetensors"));
    }

    private static string[] Rest => ["--augment", "crop=0.6,flip,rotate=5,brightness=0.1", "--lr", "0.005"];

    private void WritePictures()
    {
        foreach ((string set, int count) in new[] { ("train", 12), ("val", 2) })
        foreach ((string name, float light) in new[] { ("dark", 0.1f), ("light", 0.7f) })
        {
            string folder = _folder.At($"{set}/{name}");
            Directory.CreateDirectory(folder);
            for (int i = 0; i < count; i++)
                PictureFiles.WritePng(Path.Combine(folder, $"{i}.png"), 30 + i, 50 - i, light, light, light, 0.2f);
        }
    }
}
