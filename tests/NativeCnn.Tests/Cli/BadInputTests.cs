namespace NativeCnn.Tests.Cli;

/// <summary>Every mistake of a user: one clear line, an exit code that is not 0, nothing half-written.</summary>
public sealed class BadInputTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("trian", "trian", "nativecnn --help")]
    [InlineData("train --epcohs 3", "--epcohs", "nativecnn train --help")]
    [InlineData("train --epochs", "--epochs")]
    [InlineData("train --epochs 0", "--epochs 0", "1 to")]
    [InlineData("train --epochs many", "--epochs many", "whole number")]
    [InlineData("train --batch -1", "--batch -1")]
    [InlineData("train --lr NaN", "--lr NaN")]
    [InlineData("train --lr 0,01", "--lr 0,01", "a number above 0 and up to 1000")]
    [InlineData("train --momentum 1.5", "--momentum 1.5", "from 0 and below 1")]
    [InlineData("train --lr 0", "--lr 0", "above 0")]
    [InlineData("train --data digits:1,000", "digits:1,000", "000")]
    [InlineData("train --lr 0.1 --lr 0.2", "--lr")]
    [InlineData("train --weight-decay -1", "--weight-decay -1")]
    [InlineData("train --seed -1", "--seed -1")]
    [InlineData("train --threads 0", "--threads 0", "1 to 1024")]
    [InlineData("train --threads -2", "--threads -2", "1 to 1024")]
    [InlineData("train --threads 1025", "--threads 1025", "1 to 1024")]
    [InlineData("train --backend gpu", "--backend gpu", "native or managed")]
    [InlineData("train --model vgg99 --data digits:100", "vgg99", "lenet")]
    [InlineData("train --data imagenet", "imagenet", "mnist:DIR")]
    [InlineData("train --data digits:none", "digits:none")]
    [InlineData("train --data digits:100 --holdout 100", "--holdout 100", "99")]
    [InlineData("train --algorithm fft", "--algorithm fft", "im2col")]
    [InlineData("train --algorithm direct --tune", "--algorithm", "--tune")]
    [InlineData("train --backend managed --tune", "--tune", "native")]
    [InlineData("train --exact --algorithm winograd2", "--exact", "winograd2")]
    [InlineData("bench", "bench", "MODEL")]
    [InlineData("bench vgg99", "vgg99", "lenet")]
    [InlineData("bench lenet --batch 0", "--batch 0", "1 to")]
    [InlineData("bench lenet --threads 0", "--threads 0", "1 to 1024")]
    [InlineData("bench lenet --image 28x28", "--image 28x28")]
    [InlineData("bench lenet --classes 1", "--classes 1", "2 to")]
    [InlineData("bench lenet --seconds -1", "--seconds -1")]
    [InlineData("bench lenet --algorithm fft", "--algorithm fft", "im2col")]
    [InlineData("profile vgg99", "vgg99", "lenet")]
    [InlineData("profile lenet --batch many", "--batch many", "whole number")]
    [InlineData("evaluate", "--weights")]
    [InlineData("predict --weights x", "--index")]
    [InlineData("predict --weights x --index a", "--index a")]
    [InlineData("predict --weights x --index 1 --index 2", "--index")]
    [InlineData("compare", "--model", "compare --help")]
    [InlineData("compare --model vgg99", "vgg99", "lenet")]
    [InlineData("compare --model lenet --weights x", "--model", "--weights")]
    [InlineData("compare --model lenet --batch 0", "--batch 0", "1 to")]
    [InlineData("compare --model lenet --backends native,gpu", "'gpu'", "managed, native, onednn")]
    [InlineData("compare --model lenet --algorithm onednn", "--algorithm onednn", "auto")]
    [InlineData("compare --model lenet --backends native", "--backends native", "two or more")]
    [InlineData("compare --model lenet --backends native,native", "--backends native,native", "twice")]
    [InlineData("compare --model lenet --backends native,,managed", "--backends native,,managed", "''")]
    [InlineData("compare --model lenet --data imagenet", "imagenet", "mnist:DIR")]
    [InlineData("@", "@")]
    [InlineData("train --tuning-cache x", "--tuning-cache", "--tune")]
    [InlineData("summary --input 28x28", "--input 28x28", "28x28x1")]
    [InlineData("summary --weights x --model lenet", "--weights")]
    public void Wrong_arguments_exit_with_2(string line, params string[] words)
    {
        string[] arguments = line.Split(' ');
        string folder = _folder.At("out");
        CommandResult result = CommandLine.Run(
            arguments[0] == "train" ? ["train", "--out", folder, .. arguments[1..]] : arguments
        );
        result.AssertError(2, words);
        Assert.Equal("", result.Output);
        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public void A_word_that_begins_with_at_is_no_file_of_arguments()
    {
        string file = _folder.At("arguments");
        File.WriteAllText(file, $"@{file}\n");
        CommandLine.Run($"@{file}").AssertError(2, $"@{file}");
        CommandLine.Run("train", $"@{file}").AssertError(2, $"@{file}");
    }

    [Fact]
    public void More_threads_than_processors_are_said_to_be_slower()
    {
        int threads = Environment.ProcessorCount + 1;
        CommandResult result = CommandLine.Run("summary", "--threads", $"{threads}");
        result.AssertError(0, $"--threads {threads}", $"{Environment.ProcessorCount} processors");
        Assert.Contains("dense2", result.Output);
    }

    [Fact]
    public void A_missing_data_folder_is_named()
    {
        string missing = _folder.At("no-such-folder");
        CommandResult result = CommandLine.Run("train", "--data", $"mnist:{missing}", "--out", _folder.At("out"));
        result.AssertError(1, missing);
        Assert.False(Directory.Exists(_folder.At("out")));
    }

    [Fact]
    public void A_data_folder_without_data_is_named_and_what_belongs_there()
    {
        CommandResult result = CommandLine.Run("train", "--data", $"mnist:{_folder.Path}", "--out", _folder.At("out"));
        result.AssertError(1, _folder.Path, "train-images-idx3-ubyte");
        Assert.False(Directory.Exists(_folder.At("out")));
    }

    [Fact]
    public void A_truncated_data_file_is_named()
    {
        File.WriteAllBytes(
            _folder.At("train-images-idx3-ubyte"),
            [0, 0, 8, 3, 0, 0, 0, 9, 0, 0, 0, 28, 0, 0, 0, 28, 1, 2, 3]
        );
        File.WriteAllBytes(_folder.At("train-labels-idx1-ubyte"), [0, 0, 8, 1, 0, 0, 0, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        CommandResult result = CommandLine.Run("train", "--data", $"mnist:{_folder.Path}", "--out", _folder.At("out"));
        result.AssertError(1, "train-images-idx3-ubyte");
    }

    [Fact]
    public void An_output_folder_that_cannot_be_made_is_named()
    {
        File.WriteAllText(_folder.At("file"), "");
        string folder = Path.Combine(_folder.At("file"), "out");
        CommandResult result = CommandLine.Run("train", "--data", "digits:100", "--out", folder);
        result.AssertError(1, folder, "--out");
    }

    [Fact]
    public void Missing_weights_are_named()
    {
        string missing = _folder.At("none.safetensors");
        CommandLine.Run("evaluate", "--weights", missing).AssertError(1, missing);
        CommandLine.Run("predict", "--weights", missing, "--index", "0").AssertError(1, missing);
        CommandLine.Run("summary", "--weights", missing).AssertError(1, missing);
    }

    [Fact]
    public void A_file_that_is_no_model_is_named()
    {
        string file = _folder.At("model.safetensors");
        File.WriteAllText(file, "not a model");
        CommandLine.Run("evaluate", "--weights", file).AssertError(1, file);
    }

    [Theory]
    [InlineData("NATIVECNN_OPENBLAS")]
    [InlineData("NATIVECNN_LIBRARY")]
    public void A_missing_native_library_is_named(string variable)
    {
        string missing = _folder.At("none.so");
        CommandResult result = CommandLine.Run(
            [(variable, missing)],
            "train",
            "--data",
            "digits:100",
            "--out",
            _folder.At("out")
        );
        result.AssertError(1, missing);
        Assert.False(Directory.Exists(_folder.At("out")));
    }

    [Fact]
    public void Verbose_adds_the_stack_trace()
    {
        CommandResult result = CommandLine.Run("evaluate", "--verbose", "--weights", _folder.At("none"));
        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith("nativecnn: ", result.Error);
        Assert.Contains("   at ", result.Error);
    }
}
