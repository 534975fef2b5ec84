using System.Text;
using System.Text.Json;
using NativeCnn.Cli.Commands;
using NativeCnn.Cli.Schema;
using NativeCnn.Formats;
using NativeCnn.Layers;
using NativeCnn.Models;
using NativeCnn.Networks;
using NativeCnn.Storage;
using NativeCnn.Tests.Cli;
using NativeCnn.Tests.Layers;
using NativeCnn.Tests.Networks;

namespace NativeCnn.Tests.Schema;

/// <summary>The schema of network files: current, complete, and true of what is written and documented.</summary>
public sealed class NetworkSchemaTests
{
    private static readonly JsonDocumentOptions Lenient = new()
    {
        AllowTrailingCommas = true,
        CommentHandling = JsonCommentHandling.Skip,
    };

    private static readonly JsonElement Root = Parse(File.ReadAllText(Document("network.schema.json")));

    public static TheoryData<string> Networks => NetworkCases.Names;

    public static TheoryData<string> Models => [.. ModelCatalog.Names];

    public static TheoryData<int> Examples => [.. Enumerable.Range(0, Blocks.Length)];

    private static string[] Blocks =>
        [
            .. File.ReadAllText(Document("network-files.md"))
                .Split("```")
                .Where(block => block.StartsWith("json\n", StringComparison.Ordinal))
                .Select(block => block[5..]),
        ];

    [Fact]
    public void It_is_what_the_command_writes() =>
        Assert.True(
            File.ReadAllText(Document("network.schema.json")) == Encoding.UTF8.GetString(SchemaCommand.Text()),
            "docs/network.schema.json is not current. Run ./build.sh generate and commit the result."
        );

    [Fact]
    public void It_has_every_kind_with_its_members_each_described()
    {
        JsonElement definitions = Root.GetProperty("$defs");
        foreach (string kind in LayerRegistry.Kinds.Where(NetworkSchema.IsOfTheEngine))
        {
            LayerKindDescription description = LayerRegistry.Find(kind)!.Description;
            Assert.True(description.IsComplete, $"{kind} refuses its own examples");
            JsonElement schema = definitions.GetProperty(kind);
            Assert.NotEqual("", schema.GetProperty("description").GetString());
            foreach (JsonProperty member in schema.GetProperty("properties").EnumerateObject())
                Assert.True(
                    member.Name == "kind" || member.Value.TryGetProperty("description", out _),
                    $"{kind}.{member.Name} has no description"
                );
            Assert.Equal(
                description.Options.Select(option => option.Name).Concat(ArchitectureReader.LayerMembers).Order(),
                schema.GetProperty("properties").EnumerateObject().Select(member => member.Name).Order()
            );
            // What a layer writes is asked for by its reader.
            using var written = JsonDocument.Parse(OptionsText.Of(description.Example!));
            Assert.Empty(
                written
                    .RootElement.EnumerateObject()
                    .Select(m => m.Name)
                    .Except(description.Options.Select(o => o.Name))
            );
        }
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void Networks_that_are_written_are_valid(string name)
    {
        using Network network = NetworkCases.Create(name);
        if (network.Nodes.All(node => NetworkSchema.IsOfTheEngine(node.Layer.Kind)))
            AssertValid(ModelFile.Describe(network));
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void So_are_those_of_the_catalogue(string model)
    {
        CatalogModel entry = ModelCatalog.Find(model);
        using Network network = entry.CreateWithoutValues(entry.Example, entry.Classes);
        AssertValid(ModelFile.Describe(network));
        AssertValid($$"""{"model":"x","network":{{ModelFile.Describe(network)}}}""");
        using Network read = NetworkFile.Parse(
            "x",
            Encoding.UTF8.GetBytes(ModelFile.Describe(network)),
            ReadingLimits.Default
        );
        // An initialiser that files have no word for would be lost in silence.
        Assert.Equal(Initializers(network), Initializers(read));
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void Documented_networks_are_valid_and_train(int example)
    {
        AssertValid(Blocks[example]);
        using TemporaryFolder folder = new();
        string file = Path.Combine(folder.Path, "example.json");
        File.WriteAllText(file, Blocks[example]);
        string[] arguments = ["train", "--network", file, "--data", "digits:1280,64", "--epochs", "2", "--batch", "32"];
        CommandResult result = NativeCnn.Tests.Cli.CommandLine.Run([
            .. arguments,
            "--optimizer",
            "adam",
            "--lr",
            "0.003",
            "--out",
            folder.Path,
            "--json",
        ]);
        // Guessing costs ln 10.
        Assert.InRange(result.Json.GetProperty("train_loss").GetDouble(), 0, 2.2);
        Assert.True(File.Exists(Path.Combine(folder.Path, "example.safetensors")));
    }

    [Fact]
    public void There_are_two_documented_networks() => Assert.Equal(2, Blocks.Length);

    /// <summary>What the reader refuses by members' types and ranges alone, the schema does too.</summary>
    [Theory]
    [InlineData("""{"kind":"dense"}""")]
    [InlineData("""{"kind":"dense","units":0}""")]
    [InlineData("""{"kind":"dense","units":"3"}""")]
    [InlineData("""{"kind":"dense","unit":3}""")]
    [InlineData("""{"kind":"dens","units":3}""")]
    [InlineData("""{"kind":"dense","units":3,"initializer":"he"}""")]
    [InlineData("""{"kind":"dense","units":3,"rate_factor":-1}""")]
    [InlineData("""{"kind":"convolution","filters":2,"kernel":[3]}""")]
    [InlineData("""{"kind":"convolution","filters":2,"kernel":3,"padding":[1,1]}""")]
    [InlineData("""{"kind":"dropout","probability":1}""")]
    [InlineData("""{"kind":"softplus","beta":0}""")]
    [InlineData("""{"kind":"subtractive-norm","size":4,"sigma":1}""")]
    [InlineData("""{"kind":"relu","inputs":[null]}""")]
    public void What_is_wrong_is_not(string layer)
    {
        const string Good = """{"kind":"dense","units":3}""";
        string Text(string last) => $$"""{"version":2,"inputs":[[8,8,1]],"layers":[{{last}}]}""";
        AssertValid(Text(Good));
        Assert.NotNull(new JsonSchema(Root).Validate(Parse(Text(layer))));
        Assert.Throws<DataFormatException>(() =>
            NetworkFile.Parse("x", Encoding.UTF8.GetBytes(Text(layer)), ReadingLimits.Default)
        );
    }

    private static void AssertValid(string json) => Assert.Null(new JsonSchema(Root).Validate(Parse(json)));

    private static IEnumerable<string> Initializers(Network network) =>
        network.Parameters.Select(parameter => $"{parameter.Name} {parameter.Initializer}");

    private static JsonElement Parse(string json)
    {
        using var document = JsonDocument.Parse(json, Lenient);
        return document.RootElement.Clone();
    }

    private static string Document(string name) => Path.Combine(SharedData.Repository, "docs", name);
}
