using NativeCnn.Backends.Operations;
using NativeCnn.Layers;
using NativeCnn.Losses;
using NativeCnn.Optimizers;
using NativeCnn.Reference;
using NativeCnn.Schedules;

namespace NativeCnn.Tests.Layers;

/// <summary>docs/layers.md and docs/learning.md: nothing is missing, and they say what the code's documentation says.</summary>
public sealed class LayerDocumentationTests
{
    public static TheoryData<Type> Layers => [.. EngineTypes.Of<Layer>()];

    public static TheoryData<Type> Learning =>
        [
            .. new[] { typeof(Loss), typeof(Penalty), typeof(Optimizer), typeof(Schedule) }.SelectMany(
                LearningPage.Family
            ),
        ];

    [Theory]
    [MemberData(nameof(Layers))]
    public void Every_layer_says_all_that_its_page_has(Type layer) =>
        Assert.True(
            !LayerPage.Missing(layer).Any(),
            $"The documentation of {layer.Name} lacks {string.Join(", ", LayerPage.Missing(layer))}."
        );

    [Theory]
    [MemberData(nameof(Learning))]
    public void Every_option_of_training_is_explained(Type type) =>
        Assert.True(
            !LearningPage.Missing(type).Any(),
            $"The documentation of {type.Name} lacks {string.Join(", ", LearningPage.Missing(type))}."
        );

    [Fact]
    public void Every_kind_has_an_example()
    {
        string[] kinds = [.. LayerExamples.All.Select(example => Layer(example).Kind)];
        Assert.Equal(kinds.Distinct(), kinds);
        Assert.Empty(EngineTypes.Of<Layer>().Except(LayerExamples.All.Select(example => Layer(example).GetType())));
        Assert.Empty(ActivationTraits.All.Select(traits => traits.Name).Except(kinds));
        int several = Enum.GetValues<BorderKind>().Length + Enum.GetValues<UpSamplingKind>().Length;
        Assert.Equal(EngineTypes.Of<Layer>().Count() - 3 + ActivationTraits.All.Count + several, kinds.Length);
    }

    [Fact]
    public void The_pages_are_what_is_documented()
    {
        foreach ((string name, string content) in Pages.All())
            Assert.True(
                File.ReadAllText(Path.Combine(SharedData.Repository, "docs", name)) == content,
                $"docs/{name} is not what is documented. Run ./build.sh generate and commit the result."
            );
    }

    private static Layer Layer(LayerExample example)
    {
        using var network = example.Build();
        return network.Nodes[^1].Layer;
    }
}
