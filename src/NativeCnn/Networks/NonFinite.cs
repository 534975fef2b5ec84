using System.Numerics;
using NativeCnn.Layers;
using NativeCnn.Networks.Compilation;
using NativeCnn.Tensors;

namespace NativeCnn.Networks;

/// <summary>Finds where a NaN or an infinity comes from.</summary>
internal static class NonFinite
{
    /// <summary>Runs the forward pass layer by layer; the first origin in words, or null.</summary>
    public static string? Find(NetworkProgram program, NetworkTensors tensors, ReadOnlySpan<Tensor> inputs)
    {
        foreach (Tensor input in inputs)
        {
            if (!IsFinite(input))
                return "the input";
        }
        foreach (LoweredLayer lowered in program.Layers)
        {
            foreach (Symbol? operand in lowered.Calls.SelectMany(call => call.Operands))
            {
                if (operand?.Root.Home == SymbolHome.Parameter && !IsFinite(tensors.Find(operand)!))
                    return $"'{lowered.Layer.Name}' (its parameters)";
            }
            foreach (OperationCall call in lowered.Calls)
                call.Run();
            // Later layers may write over the output.
            if (lowered.Calls.Length > 0 && !IsFinite(tensors.Find(lowered.Context.Output)!))
                return $"'{lowered.Layer.Name}'";
        }
        return null;
    }

    private static bool IsFinite(Tensor tensor) =>
        tensor.Type switch
        {
            ElementType.Float32 => IsFinite<float>(tensor.AsSpan<float>()),
            ElementType.Float64 => IsFinite<double>(tensor.AsSpan<double>()),
            _ => true,
        };

    private static bool IsFinite<T>(ReadOnlySpan<T> values)
        where T : IFloatingPointIeee754<T>
    {
        foreach (T value in values)
        {
            if (!T.IsFinite(value))
                return false;
        }
        return true;
    }
}
