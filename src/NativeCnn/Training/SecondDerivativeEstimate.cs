using System.Numerics;
using NativeCnn.Backends;
using NativeCnn.Layers;
using NativeCnn.Losses;
using NativeCnn.Networks;
using NativeCnn.Optimizers;
using NativeCnn.Tensors;
using Update = NativeCnn.Backends.Operations.DiagonalLevenbergMarquardtUpdate;

namespace NativeCnn.Training;

/// <summary>
/// The running average of the loss's second derivatives by each weight that <see cref="DiagonalLevenbergMarquardt"/>
/// divides by: the network compiled once more, with <see cref="BackwardOrder.SecondDerivatives"/>.
/// </summary>
internal sealed class SecondDerivativeEstimate : IDisposable
{
    private readonly DiagonalLevenbergMarquardt _optimizer;
    private readonly CompiledNetwork _compiled;
    private readonly Kernel _loss;

    // Of each trained parameter the sum over a sample's examples, and what the optimiser reads.
    private readonly (Tensor Sum, Tensor Average)[] _terms;
    private int _examples;

    /// <summary>Compiles the network for second derivatives; the averages are the optimiser's states.</summary>
    /// <exception cref="NotSupportedException">A layer or the loss has no second derivatives.</exception>
    public SecondDerivativeEstimate(CompiledNetwork trained, Loss loss, DiagonalLevenbergMarquardt optimizer)
    {
        _optimizer = optimizer;
        _loss = trained.Backend.Prepare(loss.DeclareSecondDerivatives(trained.Output.Shape));
        _compiled = trained.Network.Compile(
            trained.Backend,
            trained.BatchSize,
            Phase.Training,
            order: BackwardOrder.SecondDerivatives
        );
        Dictionary<string, Tensor> averages = trained.OptimizerStates.ToDictionary(s => s.Name, s => s.Values);
        _terms =
        [
            .. _compiled
                .Parameters.Where(slot => slot.Gradient is not null)
                .Select(slot => (slot.Gradient!, averages[$"{slot.Parameter.Name} {Update.SecondDerivative}"])),
        ];
    }

    /// <summary>Whether an estimate was ever finished; set where the averages are those of a checkpoint.</summary>
    public bool Exists { get; set; }

    /// <summary>How many examples a trainer samples.</summary>
    public int SampleCount => _optimizer.SampleCount;

    /// <summary>Adds the first examples of a batch to the sample.</summary>
    public void Add(Tensor input, int count)
    {
        if (_examples == 0)
        {
            _compiled.RefreshParameters();
            _compiled.ZeroGradients();
        }
        _compiled.Forward(input);
        _loss.Run([_compiled.Output, _compiled.OutputGradient], [count]);
        _compiled.Backward();
        _examples += count;
    }

    /// <summary>Takes the mean over the sample into the running average; the first is taken as it is.</summary>
    public void Finish()
    {
        double kept = Exists ? _optimizer.Smoothing : 0;
        foreach ((Tensor sum, Tensor average) in _terms)
        {
            using TensorHold heldSum = sum.Hold();
            using TensorHold heldAverage = average.Hold();
            if (sum.Type == ElementType.Float64)
                Average<double>(sum.AsSpan<double>(), average.AsSpan<double>(), kept);
            else
                Average<float>(sum.Span, average.Span, kept);
        }
        Exists = true;
        Forget();
    }

    /// <summary>Forgets a sample that was begun.</summary>
    public void Forget() => _examples = 0;

    /// <summary>Frees the compiled network; the averages belong to the other.</summary>
    public void Dispose() => _compiled.Dispose();

    // h ← γ h + (1 − γ) Σ / examples
    private void Average<T>(ReadOnlySpan<T> sums, Span<T> averages, double kept)
        where T : IFloatingPointIeee754<T>
    {
        T factor = T.CreateChecked((1 - kept) / _examples);
        for (int k = 0; k < sums.Length; k++)
            averages[k] = T.CreateChecked(kept) * averages[k] + factor * sums[k];
    }
}
