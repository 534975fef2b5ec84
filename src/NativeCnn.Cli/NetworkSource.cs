using NativeCnn.Data;
using NativeCnn.Layers;
using NativeCnn.Networks;

namespace NativeCnn.Cli;

/// <summary>What <c>--network</c> names: a network in a file, and what it is called.</summary>
internal static class NetworkSource
{
    /// <summary>What files of results are called after the network's file.</summary>
    public static string NameOf(string file) =>
        Path.GetFileNameWithoutExtension(file) is { Length: > 0 } name ? name : "network";

    /// <summary>Refuses data that a network cannot be trained on.</summary>
    /// <exception cref="CommandException">Examples or classes are others; the message has the sizes of both.</exception>
    public static void CheckFits(string file, Network network, string specification, IDataset data)
    {
        if (network.InputShapes.Count != 1 || network.Outputs.Count != 1)
        {
            throw new CommandException(
                $"the network of {file} has {network.InputShapes.Count} inputs and {network.Outputs.Count} outputs; train takes networks with one of each."
            );
        }
        if (data.ExampleShape != network.InputShape || data.ClassNames.Count != network.OutputShape.Count)
        {
            throw new CommandException(
                $"the network of {file} takes {network.InputShape} and has {network.OutputShape.Count} outputs, but --data {specification} has examples of {data.ExampleShape} and {data.ClassNames.Count} classes. Change the network's inputs and its last layer, or use other data."
            );
        }
    }

    /// <summary>Sets the factors that <c>--rate-factor</c> and <c>--decay-factor</c> name.</summary>
    /// <exception cref="CommandException">There is no such layer or parameter; the message has those there are.</exception>
    public static void Apply(Network network, string option, ParameterFactor factor, IEnumerable<FactorText> texts)
    {
        foreach (FactorText text in texts)
        {
            // A layer's name may have a dot too.
            Layer? layer = Find(network, text.Target);
            string? parameter = null;
            if (layer is null && text.Target.LastIndexOf('.') is int dot and > 0)
            {
                layer = Find(network, text.Target[..dot]);
                parameter = text.Target[(dot + 1)..];
            }
            if (layer is null)
            {
                string[] names =
                [
                    .. network.Nodes.Where(node => node.Layer.TrainedParameters.Any()).Select(node => node.Layer.Name),
                ];
                throw CommandException.Usage(
                    $"{option} {text}: there is no layer {text.Target}. The layers with parameters are {string.Join(", ", names)}."
                );
            }
            if (factor.Apply(layer, parameter, text.Factor) is { } wrong)
                throw CommandException.Usage($"{option} {text}: {parameter ?? "a factor"} {wrong}.");
        }
    }

    private static Layer? Find(Network network, string name) =>
        network.Nodes.FirstOrDefault(node => node.Layer.Name == name)?.Layer;
}
