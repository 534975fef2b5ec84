using NativeCnn.Backends;
using NativeCnn.Backends.Operations;
using NativeCnn.Layers;

namespace NativeCnn.Networks;

// The relatives of the convolution.
public sealed partial class Node
{
    /// <summary>
    /// Adds a <see cref="BorderPadding"/> and a <see cref="Layers.Convolution"/> with bias that reads it: a convolution
    /// whose image is continued by reflection or replication.
    /// </summary>
    public Node Convolution(
        int filters,
        Size2 kernel,
        BorderKind border,
        Padding padding,
        Size2? stride = null,
        int groups = 1
    ) => Add(new BorderPadding(border, padding)).Convolution(filters, kernel, stride, groups: groups);

    /// <summary>
    /// Adds a <see cref="Layers.TransposedConvolution"/> with bias: the output is about <paramref name="stride"/> times
    /// as large.
    /// </summary>
    public Node TransposedConvolution(
        int filters,
        Size2 kernel,
        Size2? stride = null,
        Padding padding = default,
        Size2? outputPadding = null
    ) =>
        Add(
            new TransposedConvolution(filters, kernel)
            {
                Stride = stride ?? 1,
                Padding = padding,
                OutputPadding = outputPadding ?? 0,
            }
        );

    /// <summary>Adds <see cref="Layers.RadialBasis"/> units with centres that are learned.</summary>
    public Node RadialBasis(int units) => Add(new RadialBasis(units));

    /// <summary>Adds a <see cref="Layers.MapCombination"/> with bias; without padding unless given.</summary>
    public Node MapCombination(int maps, Size2 kernel, Size2? stride = null, Padding padding = default) =>
        Add(new MapCombination(maps, kernel) { Stride = stride ?? 1, Padding = padding });
}
