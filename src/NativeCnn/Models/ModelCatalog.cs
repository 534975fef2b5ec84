using NativeCnn.Networks;
using NativeCnn.Tensors;

namespace NativeCnn.Models;

/// <summary>The networks that can be made by name.</summary>
public static class ModelCatalog
{
    private static readonly SortedDictionary<string, Func<Shape, int, Node>> Builders = new(StringComparer.Ordinal)
    {
        ["alexnet"] = AlexNet.Describe,
        ["alexnet-2012"] = AlexNet2012.Describe,
        ["lecun-1989"] = LeCun1989.Describe,
        ["lenet"] = LeNet.Describe,
        ["vgg11"] = (example, classes) => Vgg.Describe(11, example, classes),
        ["vgg13"] = (example, classes) => Vgg.Describe(13, example, classes),
        ["vgg16"] = (example, classes) => Vgg.Describe(16, example, classes),
        ["vgg19"] = (example, classes) => Vgg.Describe(19, example, classes),
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
        Network network = CreateWithoutValues(name, example, classes);
        network.Initialize(seed);
        return network;
    }

    /// <summary>As <see cref="Create"/>, before the parameters have values and memory: what a summary needs.</summary>
    internal static Network CreateWithoutValues(string name, Shape example, int classes)
    {
        ArgumentNullException.ThrowIfNull(name);
        string key = name.ToLowerInvariant();
        if (!Builders.TryGetValue(key, out Func<Shape, int, Node>? describe))
            throw new ArgumentException($"There is no model '{name}'; the models are {string.Join(", ", Names)}.");
        return describe(example, classes).BuildWithoutValues(key);
    }
}
