using NativeCnn.Backends;
using NativeCnn.Layers;
using NativeCnn.Networks;
using NativeCnn.Randomness;

namespace NativeCnn.Tests.Networks;

/// <summary>
/// Networks that nobody thought of: up to three inputs and a dozen layers, each of which reads whatever is there; what
/// none reads leaves the network.
/// </summary>
internal static class RandomNetworks
{
    private static readonly Func<Node, Node, Node>[] Layers =
    [
        (x, _) => x.Tanh(),
        (x, _) => x.Logistic(),
        (x, _) => x.Convolution(4, 3, padding: Padding.All(1)),
        (x, _) => x.Convolution(4, 1).Tanh(),
        (x, y) => x.Plus(y),
        (x, _) => x.Plus(x),
        (x, y) => x.Concatenate(y).Convolution(4, 1),
        (x, _) => x.Dropout(0.3f),
        (x, _) => x.Softmax(),
        (x, _) => x.Add(new MaxPooling(3, 1) { Padding = Padding.All(1) }),
        (x, y) => x.Plus(y.Tanh()),
        (x, y) => x.Flatten().Plus(y.Flatten()),
    ];

    public static Network Create(ulong seed)
    {
        var random = new RandomStream(seed);
        var builder = new NetworkBuilder();
        // What has the inputs' shape, for others to read, and what can only leave.
        List<Node> images = [];
        List<Node> vectors = [];
        for (int i = random.NextInt(3); i >= 0; i--)
            images.Add(builder.Input(3, 3, 4));
        for (int i = random.NextInt(12); i >= 0; i--)
        {
            Node x = images[random.NextInt(images.Count)];
            Node y = images[random.NextInt(images.Count)];
            Node added = Layers[random.NextInt(Layers.Length)](x, y);
            (added.Shape == x.Shape ? images : vectors).Add(added);
        }
        Network all = builder.BuildWithoutValues([.. images.Where(node => node.Index >= 0), .. vectors], "random");
        HashSet<int> read = [.. all.Nodes.SelectMany(node => node.Inputs)];
        int[] outputs = [.. Enumerable.Range(0, all.Nodes.Count).Where(i => !read.Contains(i))];
        var network = new Network(all.Name, all.InputShapes, all.Nodes, outputs);
        network.Initialize(seed);
        return network;
    }
}
