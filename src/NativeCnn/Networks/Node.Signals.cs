using NativeCnn.Backends;
using NativeCnn.Layers;

namespace NativeCnn.Networks;

// Layers of signals: images of height 1, whose samples are columns.
public sealed partial class Node
{
    /// <summary>
    /// Adds a <see cref="Layers.Convolution"/> with bias along a signal, 1×W×C: z[n,x,o] = b[o] + Σ_{j,c} w[o,j,c] ·
    /// x[n, x·s + j·d − before, c].
    /// </summary>
    /// <param name="filters">Output channels O.</param>
    /// <param name="length">Taps of the kernel.</param>
    /// <param name="stride">Samples between outputs.</param>
    /// <param name="before">Zeros before the signal.</param>
    /// <param name="after">Zeros behind it.</param>
    /// <param name="dilation">Samples between taps.</param>
    /// <param name="groups">Independent groups of channels.</param>
    public Node SignalConvolution(
        int filters,
        int length,
        int stride = 1,
        int before = 0,
        int after = 0,
        int dilation = 1,
        int groups = 1
    ) =>
        Add(
            new Convolution(filters, new Size2(1, length))
            {
                Stride = new Size2(1, stride),
                Padding = new Padding(0, before, 0, after),
                Dilation = new Size2(1, dilation),
                Groups = groups,
            }
        );

    /// <summary>
    /// Adds a <see cref="Layers.MaxPooling"/> along a signal; windows tile it unless a stride is given.
    /// </summary>
    public Node SignalMaxPooling(int length, int? stride = null) =>
        MaxPooling(new Size2(1, length), new Size2(1, stride ?? length));

    /// <summary>
    /// Adds an <see cref="Layers.AveragePooling"/> along a signal; windows tile it unless a stride is given.
    /// </summary>
    public Node SignalAveragePooling(int length, int? stride = null) =>
        AveragePooling(new Size2(1, length), new Size2(1, stride ?? length));
}
