using System.Globalization;
using NativeCnn.Layers;
using NativeCnn.Parameters;
using NativeCnn.Tensors;

namespace NativeCnn.Networks;

/// <summary>What is asked of a network before its answers mean anything.</summary>
public static class NetworkChecks
{
    /// <summary>
    /// Refuses a network one of whose values, trained or state, is NaN or infinite: such a network answers, and no
    /// answer means anything. It reads every value, at the speed of memory.
    /// </summary>
    /// <exception cref="InvalidDataException">A value is not finite; the message names the parameter.</exception>
    /// <exception cref="ObjectDisposedException">The network's parameters were freed.</exception>
    public static void CheckFinite(this Network network)
    {
        ArgumentNullException.ThrowIfNull(network);
        if (network.FindNonFiniteParameter() is not { } parameter)
            return;
        int place = FiniteValues.FirstOther(parameter.Value)!.Value;
        throw new InvalidDataException(
            string.Create(
                CultureInfo.InvariantCulture,
                $"The weights of '{network.Name}' are not finite: '{parameter.Name}' holds {parameter.Value.Span[place]} at place {place}. Use weights of a training that did not diverge."
            )
        );
    }

    /// <summary>The first parameter with a value that is not finite, or null.</summary>
    internal static Parameter? FindNonFiniteParameter(this Network network) =>
        network.Parameters.FirstOrDefault(parameter => FiniteValues.FirstOther(parameter.Value) is not null);

    extension(Network network)
    {
        /// <summary>
        /// The softmax layer whose output is the network's first output, as it is or flattened; null if there is none.
        /// </summary>
        internal Softmax? FinalSoftmax
        {
            get
            {
                int index = network.Outputs[0];
                while (index >= 0 && network.Nodes[index].Layer is Flatten)
                    index = network.Nodes[index].Inputs[0];
                return index >= 0 ? network.Nodes[index].Layer as Softmax : null;
            }
        }

        /// <summary>Whether the first output is probabilities already, of which softmax must not be taken again.</summary>
        internal bool EndsInSoftmax => network.FinalSoftmax is not null;
    }
}
