using NativeCnn.Layers;
using NativeCnn.Parameters;

namespace NativeCnn.Networks;

/// <summary>One of the two factors that a parameter has for the optimiser, and its name in files.</summary>
/// <param name="Member">The member of a layer's JSON object.</param>
/// <param name="Get">Its value of a parameter.</param>
/// <param name="Set">Gives a parameter another.</param>
internal sealed record ParameterFactor(string Member, Func<Parameter, float> Get, Action<Parameter, float> Set)
{
    /// <summary>What the learning rate is multiplied by.</summary>
    public static ParameterFactor Rate { get; } =
        new("rate_factor", parameter => parameter.LearningRateFactor, (p, value) => p.LearningRateFactor = value);

    /// <summary>What the weight decay is multiplied by.</summary>
    public static ParameterFactor Decay { get; } =
        new("decay_factor", parameter => parameter.WeightDecayFactor, (p, value) => p.WeightDecayFactor = value);

    /// <summary>
    /// Sets the factor of one of a layer's parameters that the optimiser changes, or of all of them if <paramref
    /// name="parameter"/> is null.
    /// </summary>
    /// <returns>What is wrong with the name, as what follows it in a sentence; null if nothing is.</returns>
    public string? Apply(Layer layer, string? parameter, float value)
    {
        Parameter[] trained = [.. layer.TrainedParameters];
        Parameter[] meant = [.. trained.Where(p => parameter is null || layer.LocalName(p) == parameter)];
        foreach (Parameter p in meant)
            Set(p, value);
        return meant.Length > 0 ? null
            : trained.Length == 0 ? $"is for parameters, and layer '{layer.Name}' ({layer.Kind}) has none to train"
            : "is no parameter"
                + Spelling.Suggestion(
                    parameter!,
                    [.. trained.Select(layer.LocalName)],
                    $"layer '{layer.Name}' ({layer.Kind}) has",
                    most: 20
                );
    }
}

/// <summary>What the optimiser changes of a layer.</summary>
internal static class LayerParameters
{
    extension(Layer layer)
    {
        /// <summary>The parameters that the optimiser changes.</summary>
        public IEnumerable<Parameter> TrainedParameters =>
            layer.Parameters.Where(parameter => parameter.Role == ParameterRole.Trained);

        /// <summary>What the layer itself calls a parameter of it.</summary>
        public string LocalName(Parameter parameter) => parameter.Name[(layer.Name.Length + 1)..];
    }
}
