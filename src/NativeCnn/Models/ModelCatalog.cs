using NativeCnn.Networks;
using NativeCnn.Tensors;

namespace NativeCnn.Models;

/// <summary>The networks that can be made by name.</summary>
public static class ModelCatalog
{
    private static readonly SortedDictionary<string, Func<Shape, int, ulong, Network>> Builders = new(
        StringComparer.Ordinal
    )
    {
        ["alexnet"] = AlexNet.Create,
        ["lenet"] = LeNet.Create,
        ["vgg11"] = (example, classes, seed) => Vgg.Create(11, example, classes, seed),
        ["vgg13"] = (example, classes, seed) => Vgg.Create(13, example, classes, seed),
        ["vgg16"] = (example, classes, seed) => Vgg.Create(16, example, classes, seed),
        ["vgg19"] = (example, classes, seed) => Vgg.Create(19, example, classes, seed),
    };

    /// <summary>The names, sorted.</summary>
    public static IReadOnlyList<string> Names => [.. Builders.Keys];

    /// <summary>Builds a network with initialised parameters.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="example">The input of one example, 1×H×W×C.</param>
    /// <param name="classes">Outputs.</param>
    /// <param name="seed">The seed of the initial values.</param>
    /// <exception cref="ArgumentException">There is no model of that name; the message lists the names.</exception>
    /// <exception cref="ShapeException">The examples are too small for the model.</exception>
    public static Network Create(string name, Shape example, int classes, ulong seed = 1)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!Builders.TryGetValue(name.ToLowerInvariant(), out Func<Shape, int, ulong, Network>? build))
            throw new ArgumentException($"There is no model '{name}'; the models are {string.Join(", ", Names)}.");
        return build(example, classes, seed);
    }
}
