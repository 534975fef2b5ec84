using System.Runtime.CompilerServices;
using NativeCnn.Tensors;

namespace NativeCnn.Backends;

// Local response normalisation.
internal static partial class OperationChecks
{
    public static void LocalResponseNormForward(
        in LocalResponseWindow window,
        Tensor input,
        Tensor output,
        Tensor? scale,
        ElementType type
    )
    {
        Expect(window);
        Expect(input, type);
        Expect(output, input.Shape, type);
        Apart(output, input);
        if (scale is null)
            return;
        Expect(scale, input.Shape, type);
        Apart(scale, input);
        Apart(scale, output);
    }

    public static void LocalResponseNormBackward(
        in LocalResponseWindow window,
        Tensor input,
        Tensor scale,
        Tensor outputGradient,
        Tensor inputGradient,
        ElementType type
    )
    {
        Expect(window);
        Expect(input, type);
        Expect(scale, input.Shape, type);
        Expect(outputGradient, input.Shape, type);
        Expect(inputGradient, input.Shape, type);
        Apart(inputGradient, input);
        Apart(inputGradient, scale);
        Apart(inputGradient, outputGradient);
    }

    private static void Expect(in LocalResponseWindow window, [CallerMemberName] string operation = "")
    {
        if (window.Fault() is { } fault)
            throw new ArgumentOutOfRangeException(nameof(window), $"{operation}: {fault}");
    }
}
