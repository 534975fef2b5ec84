using NativeCnn.Backends;
using NativeCnn.Layers;
using NativeCnn.Losses;
using NativeCnn.Networks;
using NativeCnn.Parameters;
using NativeCnn.Storage;
using NativeCnn.Tensors;
using NativeCnn.Training;

namespace NativeCnn.Verification;

/// <summary>
/// Cases that another program computed: a network with its parameters, an input, and what should come of them: outputs,
/// loss, every gradient, and parameters and state after some steps of an optimiser. Each is a safetensors file; the
/// project's documentation of its tests describes it.
/// </summary>
public static class GoldenFile
{
    /// <summary>
    /// How many units of rounding a tensor may be off. A unit is what rounding every value once changes the tensor by,
    /// as the largest of a few trials; exact algorithms stay below 3 in 99 of 100 cases, and sums in float32, which
    /// round once per term, and Winograd's algorithm below 8.
    /// </summary>
    public const double AllowedUnits = 8;

    /// <summary>
    /// The unit where a case has none, in roundings (2⁻²⁴) of the tensor's largest value: what a few layers and some
    /// cancellation make of one.
    /// </summary>
    public const double UnmeasuredUnits = 128;

    /// <summary>Computes what a case expects, and compares.</summary>
    /// <param name="path">The case's file.</param>
    /// <param name="backend">What computes.</param>
    /// <param name="limits">How large the case may be; <see cref="ReadingLimits.Default"/> if null.</param>
    /// <exception cref="DataFormatException">
    /// The file is damaged, is no case, lacks a tensor or has one of other sizes or one too many, or its network cannot
    /// be trained so; the message names the file and what is wrong.
    /// </exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="InvalidOperationException">The backend is in use by another call.</exception>
    /// <exception cref="InsufficientMemoryException">The network needs more memory than there is.</exception>
    public static CaseResult Verify(string path, Backend backend, ReadingLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(backend);
        backend.CheckOpen();
        using GoldenCase opened = GoldenCase.Open(path, limits ?? ReadingLimits.Default);
        try
        {
            var run = new CaseRun(opened, backend);
            run.Infer();
            run.Differentiate();
            run.Train();
            return new CaseResult(path, opened.Description.Origin, run.Tensors);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw opened.Fault($"its network cannot be run so: {e.Message}", e);
        }
    }
}

/// <summary>One case on one backend.</summary>
internal sealed class CaseRun(GoldenCase given, Backend backend)
{
    private readonly List<TensorCheck> _tensors = [];

    /// <summary>What was compared so far.</summary>
    public IReadOnlyList<TensorCheck> Tensors => _tensors;

    /// <summary>The output at inference.</summary>
    public void Infer()
    {
        if (!given.Has("inference"))
            return;
        using CompiledNetwork network = given.Network.Compile(backend, given.Input.BatchSize, Phase.Inference);
        using Tensor input = given.Read("input", given.Input, backend.ElementType);
        network.Forward(input);
        Compare("inference", network.Output);
    }

    /// <summary>Output, loss and gradients in training.</summary>
    public void Differentiate()
    {
        CaseDescription description = given.Description;
        if (description.Loss is not { } loss)
            return;
        (Network network, Parameter shift) = given.CreateShifted();
        using Network shifted = network;
        using CompiledNetwork compiled = shifted.Compile(backend, given.Input.BatchSize, Phase.Training);
        using PreparedLoss prepared = loss.Prepare(backend, compiled.Output.Shape, description.Targets);
        using var penalties = new PreparedPenalties(backend, description.Penalties, Penalised(compiled, shift));
        using Tensor input = given.Read("input", given.Input, backend.ElementType);
        using Tensor? values = ReadTargets();
        Targets targets = TargetsOf(values);
        double weight = prepared.WeightOf(targets);
        compiled.ZeroGradients();
        compiled.Forward(input);
        Compare("output", compiled.Output);
        double sum = prepared.Evaluate(compiled.Output, targets, 1 / weight, compiled.OutputGradient);
        Compare("loss", sum / weight);
        compiled.Backward();
        if (description.Penalties.Count > 0)
            Compare("penalty", penalties.Evaluate());
        foreach (ParameterSlot slot in compiled.Parameters)
        {
            if (slot.Parameter == shift)
                Compare("gradients.input", slot.Gradient!);
            else if (slot.Parameter.Role == ParameterRole.Trained)
                Compare($"gradients.{slot.Parameter.Name}", slot.Gradient!);
        }
    }

    /// <summary>Parameters and state after the optimiser's steps.</summary>
    public void Train()
    {
        CaseDescription description = given.Description;
        if (description is not { Loss: { } loss, Optimizer: { } optimizer })
            return;
        using var step = new TrainingStep(
            given.Network,
            backend,
            given.Input.BatchSize,
            loss,
            optimizer,
            description.Penalties,
            description.Targets,
            description.Clipping
        );
        using Tensor input = given.Read("input", given.Input, backend.ElementType);
        using Tensor? values = ReadTargets();
        for (int i = 0; i < description.Steps; i++)
            step.Run(input, TargetsOf(values));
        // State has no step that copies it to the network where a backend computes in float64.
        foreach (ParameterSlot slot in step.Compiled.Parameters)
            Compare($"after.{slot.Parameter.Name}", slot.Value);
    }

    private static ParameterSlot[] Penalised(CompiledNetwork compiled, Parameter shift) =>
        [.. compiled.Parameters.Where(slot => slot.Parameter != shift)];

    private Tensor? ReadTargets() =>
        given.Description.Targets == TargetKind.Classes
            ? null
            : given.Read("targets", given.Output, backend.ElementType);

    private Targets TargetsOf(Tensor? values) =>
        given.Description.Targets switch
        {
            TargetKind.Classes => Targets.Classes(given.Labels),
            TargetKind.Values => Targets.Values(values!, given.Description.Count),
            _ => Targets.Probabilities(values!, given.Description.Count),
        };

    private void Compare(string name, Tensor actual) =>
        _tensors.Add(TensorCheck.Of(name, given.Values(name), actual, UnitOf(name)));

    private void Compare(string name, double actual) =>
        _tensors.Add(TensorCheck.Of(name, given.Values(name), [actual], UnitOf(name)));

    private double? UnitOf(string name) => given.Description.Units.TryGetValue(name, out double unit) ? unit : null;
}
