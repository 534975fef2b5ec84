using NativeCnn.Backends.Operations;
using NativeCnn.Layers;
using NativeCnn.Networks.Compilation;
using NativeCnn.Parameters;
using NativeCnn.Tensors;

namespace NativeCnn.Networks;

/// <summary>Finds where a NaN or an infinity comes from.</summary>
internal static class NonFinite
{
    /// <summary>Runs the forward pass layer by layer; the first origin in words, or null.</summary>
    /// <remarks>It only looks: state that the pass updates, such as a running average, is as before afterwards.</remarks>
    public static string? Find(NetworkProgram program, NetworkTensors tensors, ReadOnlySpan<Tensor> inputs)
    {
        foreach (Tensor input in inputs)
        {
            if (!IsFinite(input))
                return "the input";
        }
        Tensor[] states =
        [
            .. tensors.Parameters.Where(slot => slot.Parameter.Role == ParameterRole.State).Select(slot => slot.Value),
        ];
        Tensor[] before = [.. states.Select(Copy)];
        try
        {
            return program.Layers.Select(layer => Find(layer, tensors)).FirstOrDefault(origin => origin is not null);
        }
        finally
        {
            for (int i = 0; i < states.Length; i++)
            {
                before[i].CopyTo(states[i]);
                before[i].Dispose();
            }
        }
    }

    private static string? Find(LoweredLayer lowered, NetworkTensors tensors)
    {
        // A parameter that the pass writes is a result of it, not the origin.
        foreach (OperationCall call in lowered.Calls)
        foreach ((Symbol? operand, Operand declared) in call.Operands.Zip(call.Operation.Operands))
        {
            if (
                declared.Role == OperandRole.Read
                && operand?.Root.Home == SymbolHome.Parameter
                && !IsFinite(tensors.Find(operand)!)
            )
                return $"'{OwnerOf(operand.Root, lowered).Name}' (its parameters)";
        }
        foreach (OperationCall call in lowered.Calls)
            call.Run();
        // Now, since later layers may write over the output.
        return lowered.Calls.Length > 0 && !IsFinite(tensors.Find(lowered.Context.Output)!)
            ? $"'{lowered.Layer.Name}'"
            : null;
    }

    // A batch normalisation that is part of a layer's filters has parameters of its own.
    private static Layer OwnerOf(Symbol parameter, LoweredLayer lowered) =>
        lowered.Node.Norm is var (norm, _) && lowered.Context.IsParameterOf(norm, parameter) ? norm : lowered.Layer;

    private static bool IsFinite(Tensor tensor) => FiniteValues.FirstOther(tensor) is null;

    private static Tensor Copy(Tensor tensor)
    {
        var copy = new Tensor(tensor.Shape, tensor.Type);
        tensor.CopyTo(copy);
        return copy;
    }
}
