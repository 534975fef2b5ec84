using NativeCnn.Examples;

namespace NativeCnn.Tests.Examples;

public sealed class ReadmeTests
{
    [Fact]
    public void The_readmes_program_is_the_one_that_is_compiled_here()
    {
        string readme = File.ReadAllText(Path.Combine(SharedData.Repository, "README.md"));
        string source = File.ReadAllText(
            Path.Combine(SharedData.Repository, "tests", "NativeCnn.Tests", "Examples", "ReadmeExample.cs")
        );
        string example = source.Split("// <example>\n")[1].Split("// </example>")[0];
        Assert.Contains($"```csharp\n{example}```", readme, StringComparison.Ordinal);
    }

    [Fact]
    public void It_trains_saves_loads_and_predicts()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            string file = Path.Combine(folder, "digits.safetensors");
            double accuracy = TrainDigits.Run(2000, 2, file);
            Assert.True(accuracy > 0.6, $"accuracy {accuracy}");
            Assert.True(File.Exists(file));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
