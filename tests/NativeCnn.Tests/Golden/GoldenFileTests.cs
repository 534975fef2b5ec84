using System.Text.Json;
using NativeCnn.Backends;
using NativeCnn.Formats;
using NativeCnn.Tests.Backends;
using NativeCnn.Tests.Cli;
using NativeCnn.Tests.Layers;
using NativeCnn.Verification;

namespace NativeCnn.Tests.Golden;

/// <summary>Both backends against what PyTorch computed in float64 and rounded to float32.</summary>
/// <remarks>
/// The tolerance is <see cref="GoldenFile.AllowedUnits"/> units; the generator measured each tensor's unit, by how much
/// it changes where every value is rounded to float32 once.
/// </remarks>
public sealed class GoldenFileTests : IDisposable
{
    private const long LargestFolder = 3_000_000;

    // Its masks are the engine's own.
    private static readonly string[] s_random = ["dropout", "spatial-dropout"];

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Files =>
        [.. GoldenCases.In(GoldenCases.Folder).Select(file => Path.GetFileName(file))];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Files))]
    public void Backends_agree_with_PyTorch(string file) => Check(Path.Combine(GoldenCases.Folder, file));

    [GoldenFolderFact]
    public void Backends_agree_with_PyTorch_on_the_folder_that_the_environment_names()
    {
        string[] files = GoldenCases.In(Environment.GetEnvironmentVariable(GoldenCases.Variable)!);
        Assert.NotEmpty(files);
        Assert.All(files, Check);
    }

    [Fact]
    public void The_cases_are_many_small_and_have_everything_that_is_not_random()
    {
        string[] files = GoldenCases.In(GoldenCases.Folder);
        Assert.InRange(files.Length, 150, 1000);
        Assert.InRange(files.Sum(file => new FileInfo(file).Length), 1, LargestFolder);
        List<JsonElement> architectures = [.. files.Select(file => Metadata(file, "nativecnn"))];
        List<JsonElement> descriptions = [.. files.Select(file => Metadata(file, "golden"))];
        IEnumerable<string> kinds = architectures
            .SelectMany(a => a.GetProperty("layers").EnumerateArray())
            .Select(Kind);
        IEnumerable<string> own = LayerRegistryTests.Rows.Values.Select(layer => layer.Kind);
        Assert.Empty(own.Except(s_random).Except(kinds));
        Assert.Equal(
            ["hinge", "huber", "logistic-cross-entropy", "softmax-cross-entropy", "squared-error"],
            descriptions.Select(d => Kind(d.GetProperty("loss"))).Distinct().Order()
        );
        Assert.Equal(
            ["adagrad", "adam", "adamw", "nesterov", "rmsprop", "sgd"],
            descriptions.Select(d => Kind(d.GetProperty("optimizer"))).Distinct().Order()
        );
        Assert.Equal(
            ["combination-sparsity", "l1", "l2"],
            descriptions
                .Where(d => d.TryGetProperty("penalties", out _))
                .SelectMany(d => d.GetProperty("penalties").EnumerateArray())
                .Select(Kind)
                .Distinct()
                .Order()
        );
    }

    [Theory]
    [InlineData("inference")]
    [InlineData("output")]
    [InlineData("loss")]
    [InlineData("gradients.input")]
    [InlineData("gradients.convolution1.weight")]
    [InlineData("after.convolution1.weight")]
    public void A_value_that_is_off_by_a_thousandth_is_found(string name)
    {
        string changed = _folder.At("changed");
        GoldenCases.Rewrite(
            GoldenCases.With("convolution"),
            changed,
            (tensors, _) =>
            {
                float[] values = tensors[name].Values;
                values[^1] += 1e-3f * values.Max(MathF.Abs);
            }
        );
        using Backend backend = TestBackends.Create("managed");
        CaseResult result = GoldenFile.Verify(changed, backend);
        Assert.False(result.Passed);
        TensorCheck check = Assert.Single(result.Tensors, tensor => !tensor.Passed);
        Assert.Equal(name, check.Name);
        Assert.InRange(check.Error, check.Allowed, double.MaxValue);
    }

    [Fact]
    public void NaN_never_passes_and_without_units_the_largest_value_is_the_scale()
    {
        string changed = _folder.At("changed");
        GoldenCases.Rewrite(
            GoldenCases.With("convolution"),
            changed,
            (tensors, metadata) =>
            {
                tensors["output"].Values[0] = float.NaN;
                var description = System.Text.Json.Nodes.JsonNode.Parse(metadata["golden"])!.AsObject();
                description.Remove("units");
                metadata["golden"] = description.ToJsonString();
            }
        );
        using Backend backend = TestBackends.Create("managed");
        CaseResult result = GoldenFile.Verify(changed, backend);
        TensorCheck check = Assert.Single(result.Tensors, tensor => !tensor.Passed);
        Assert.Equal(("output", 0, double.PositiveInfinity), (check.Name, check.Index, check.Error));
        TensorCheck inference = result.Tensors.Single(tensor => tensor.Name == "inference");
        double largest = result.Tensors.Count > 0 ? Largest(changed, "inference") : 0;
        Assert.Equal(GoldenFile.UnmeasuredUnits * largest / (1 << 24), inference.Unit, 1e-12 * largest);
    }

    [Fact]
    public void A_case_may_have_a_network_alone()
    {
        string changed = _folder.At("changed");
        GoldenCases.Rewrite(
            GoldenCases.With("convolution"),
            changed,
            (tensors, metadata) =>
            {
                foreach (string name in tensors.Keys)
                {
                    if (
                        name is not ("input" or "inference")
                        && !name.StartsWith("parameters", StringComparison.Ordinal)
                    )
                        tensors.Remove(name);
                }
                metadata["golden"] = """{"version":1}""";
            }
        );
        using Backend backend = TestBackends.Create("managed");
        CaseResult result = GoldenFile.Verify(changed, backend);
        Assert.True(result.Passed);
        Assert.Equal("inference", Assert.Single(result.Tensors).Name);
    }

    [Fact]
    public void The_description_in_the_documentation_is_one()
    {
        string testing = File.ReadAllText(Path.Combine(SharedData.Repository, "docs", "testing.md"));
        string text = testing.Split("```json\n")[1].Split("```")[0];
        var description = CaseDescription.Parse(text);
        Assert.Equal((3, 5, 1), (description.Count, description.Steps, description.Penalties.Count));
        Assert.Equal((2, 0), description.Factors["dense1.bias"]);
    }

    [Theory]
    [InlineData("lack", "lacks the tensor 'gradients.input'")]
    [InlineData("lack parameter", "lacks the tensor 'parameters.convolution1.weight'")]
    [InlineData("sizes", "its tensor 'output' is")]
    [InlineData("input sizes", "its tensor 'input' is")]
    [InlineData("more", "it holds the tensor 'other'")]
    [InlineData("format", "it is no case to verify")]
    [InlineData("description", "its description 'golden' cannot be read")]
    [InlineData("loss", "there is no loss 'none'")]
    [InlineData("member", "has the member 'learning_rates'")]
    [InlineData("architecture", "its layer 'convolution1' cannot be read")]
    public void What_is_wrong_with_a_file_is_named(string fault, string words)
    {
        string changed = _folder.At("changed");
        GoldenCases.Rewrite(
            GoldenCases.With("convolution"),
            changed,
            (tensors, metadata) => Spoil(fault, tensors, metadata)
        );
        using Backend backend = TestBackends.Create("managed");
        var e = Assert.ThrowsAny<IOException>(() => GoldenFile.Verify(changed, backend));
        Assert.StartsWith(changed, e.Message);
        Assert.Contains(words, e.Message);
    }

    [Fact]
    public void A_file_cut_short_anywhere_is_refused()
    {
        byte[] whole = File.ReadAllBytes(GoldenCases.With("convolution"));
        using Backend backend = TestBackends.Create("managed");
        for (int length = 0; length < whole.Length; length += 97)
        {
            File.WriteAllBytes(_folder.At("cut"), whole[..length]);
            Assert.ThrowsAny<IOException>(() => GoldenFile.Verify(_folder.At("cut"), backend));
        }
    }

    private static void Spoil(
        string fault,
        Dictionary<string, (int[] Sizes, float[] Values)> tensors,
        Dictionary<string, string> metadata
    )
    {
        (int[] sizes, float[] values) = tensors["output"];
        switch (fault)
        {
            case "lack":
                tensors.Remove("gradients.input");
                break;
            case "lack parameter":
                tensors.Remove("parameters.convolution1.weight");
                break;
            case "sizes":
                tensors["output"] = ([1, .. sizes], values);
                break;
            case "input sizes":
                tensors["input"] = ([tensors["input"].Values.Length], tensors["input"].Values);
                break;
            case "more":
                tensors["other"] = ([1], [1]);
                break;
            case "format":
                metadata["format"] = "nativecnn";
                break;
            case "description":
                metadata["golden"] = metadata["golden"][1..];
                break;
            case "loss":
                metadata["golden"] = metadata["golden"]
                    .Replace("\"loss\":{\"kind\":\"", "\"loss\":{\"kind\":\"none\",\"k\":\"");
                break;
            case "member":
                metadata["golden"] = metadata["golden"]
                    .Replace("\"learning_rate\":", "\"learning_rates\":1,\"learning_rate\":");
                break;
            default:
                metadata["nativecnn"] = metadata["nativecnn"].Replace("\"filters\":", "\"filter\":");
                break;
        }
    }

    private static void Check(string file)
    {
        foreach (string name in TestBackends.Names)
        {
            using Backend backend = TestBackends.Create(name);
            CaseResult result = GoldenFile.Verify(file, backend);
            Assert.True(
                result.Passed,
                $"{name}, {Path.GetFileName(file)} ({result.Origin}):\n"
                    + string.Join('\n', result.Tensors.Where(tensor => !tensor.Passed))
            );
        }
    }

    private static string Kind(JsonElement json) => json.GetProperty("kind").GetString()!;

    private static double Largest(string file, string name)
    {
        using SafetensorsFile opened = SafetensorsFile.Open(file);
        float[] values = new float[opened.Find(name)!.Count];
        opened.Read(name, values);
        return values.Max(MathF.Abs);
    }

    private static JsonElement Metadata(string file, string key)
    {
        using SafetensorsFile opened = SafetensorsFile.Open(file);
        using var document = JsonDocument.Parse(opened.Metadata[key]);
        return document.RootElement.Clone();
    }
}
