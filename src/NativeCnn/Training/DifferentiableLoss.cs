using NativeCnn.Backends;
using NativeCnn.Layers;
using NativeCnn.Losses;
using NativeCnn.Networks;
using NativeCnn.Parameters;
using NativeCnn.Tensors;

namespace NativeCnn.Training;

/// <summary>
/// The loss of one batch as a function of a network's parameters, in the first training step: the same values give the
/// same loss, and the network is afterwards as it was.
/// </summary>
internal sealed class DifferentiableLoss : IDisposable
{
    private readonly CompiledNetwork _compiled;
    private readonly PreparedLoss _loss;
    private readonly Tensor _input;
    private readonly int[] _labels;
    private readonly Tensor? _outputGradient;
    private readonly (Tensor Value, Tensor Before)[] _states;

    public DifferentiableLoss(
        Network network,
        Loss loss,
        Tensor input,
        ReadOnlySpan<int> labels,
        Backend backend,
        bool wantsGradient = true
    )
    {
        _labels = labels.ToArray();
        _compiled = network.Compile(backend, input.Shape.BatchSize, Phase.Training);
        try
        {
            _loss = loss.Prepare(backend, _compiled.Output.Shape, wantsGradient: wantsGradient);
            _loss.CheckTargets(Targets.Classes(_labels));
        }
        catch
        {
            _loss?.Dispose();
            _compiled.Dispose();
            throw;
        }
        _outputGradient = wantsGradient ? _compiled.OutputGradient : null;
        _input = Copy(input, backend.ElementType);
        Trained = [.. _compiled.Parameters.Where(slot => slot.Parameter.Role == ParameterRole.Trained)];
        _states =
        [
            .. _compiled.Parameters.Except(Trained).Select(slot => (slot.Value, Copy(slot.Value, slot.Value.Type))),
        ];
    }

    /// <summary>The parameters, whose values in float64 may be changed between evaluations.</summary>
    public IReadOnlyList<ParameterSlot> Trained { get; }

    /// <summary>The sum of the examples' losses.</summary>
    public double Evaluate()
    {
        RestoreStates();
        _compiled.Forward(_input);
        return _loss.Evaluate(_compiled.Output, Targets.Classes(_labels), 1, _outputGradient);
    }

    /// <summary>The back-propagated gradient of each of <see cref="Trained"/>; only once.</summary>
    public double[][] Gradients()
    {
        _compiled.ZeroGradients();
        Evaluate();
        // After it dropout has another mask.
        _compiled.Backward();
        return [.. Trained.Select(slot => ReadWide(slot.Gradient!))];
    }

    public void Dispose()
    {
        RestoreStates();
        foreach ((_, Tensor before) in _states)
            before.Dispose();
        _input.Dispose();
        _loss.Dispose();
        _compiled.Dispose();
    }

    private void RestoreStates()
    {
        foreach ((Tensor value, Tensor before) in _states)
            before.CopyTo(value);
    }

    private static Tensor Copy(Tensor tensor, ElementType type)
    {
        var copy = new Tensor(tensor.Shape, type);
        tensor.CopyTo(copy);
        return copy;
    }

    private static double[] ReadWide(Tensor tensor)
    {
        using Tensor wide = Copy(tensor, ElementType.Float64);
        return wide.AsSpan<double>().ToArray();
    }
}
