using System.Numerics;
using NativeCnn.Tensors;

namespace NativeCnn.Training;

/// <summary>Which class a network's output names.</summary>
internal static class Accuracy
{
    /// <summary>The place of the largest value; the first one wins a tie.</summary>
    public static int Predicted<T>(ReadOnlySpan<T> outputs)
        where T : IFloatingPointIeee754<T>
    {
        int best = 0;
        for (int i = 1; i < outputs.Length; i++)
        {
            if (outputs[i] > outputs[best])
                best = i;
        }
        return best;
    }

    /// <summary>Before how many others a class would be named: 0 for the one that is; the first one wins a tie.</summary>
    public static int Rank(ReadOnlySpan<float> outputs, int label)
    {
        int before = 0;
        for (int i = 0; i < outputs.Length; i++)
        {
            if (outputs[i] > outputs[label] || (i < label && outputs[i] == outputs[label]))
                before++;
        }
        return before;
    }

    /// <summary>How many of the first <c>labels.Length</c> examples have their largest output at their label.</summary>
    public static int CountCorrect(Tensor output, ReadOnlySpan<int> labels)
    {
        using TensorHold hold = output.Hold();
        int classes = output.Shape.ElementsPerExample;
        int correct = 0;
        for (int n = 0; n < labels.Length; n++)
        {
            int predicted =
                output.Type == ElementType.Float32
                    ? Predicted<float>(output.Span.Slice(n * classes, classes))
                    : Predicted<double>(output.AsSpan<double>().Slice(n * classes, classes));
            if (predicted == labels[n])
                correct++;
        }
        return correct;
    }
}
