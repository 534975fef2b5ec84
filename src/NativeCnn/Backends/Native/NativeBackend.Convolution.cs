using NativeCnn.Backends.Native.Convolutions;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Native;

// Convolution: each pass runs the algorithm that the plan chose.
public sealed unsafe partial class NativeBackend
{
    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">The algorithm that the options force cannot compute this convolution.</exception>
    public ConvolutionPlan PlanConvolution(in ConvolutionGeometry geometry) =>
        new NativeConvolutionPlan(
            geometry,
            Choose(geometry, ConvolutionPass.Forward),
            Choose(geometry, ConvolutionPass.BackwardData),
            Choose(geometry, ConvolutionPass.BackwardFilter)
        );

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">The algorithm that the options force cannot compute one of the convolutions.</exception>
    public long WorkspaceBytes(IEnumerable<ConvolutionGeometry> convolutions)
    {
        ArgumentNullException.ThrowIfNull(convolutions);
        using var workspace = new Workspace(Threads, isMeasure: true);
        var planner = new ConvolutionPlanner(_pool, workspace);
        foreach (ConvolutionGeometry geometry in convolutions)
        {
            foreach (ConvolutionPass pass in Enum.GetValues<ConvolutionPass>())
            {
                IReadOnlyList<ConvolutionCandidate> candidates = planner.Candidates(geometry, pass, _options.Exact);
                string? known = _tuned?.Known(geometry, pass);
                if (known is null && _tuned is { Measures: true })
                {
                    foreach (ConvolutionCandidate candidate in candidates)
                        candidate.Create();
                }
                else
                {
                    Pick(candidates, geometry, known).Create();
                }
            }
        }
        return workspace.ByteCount;
    }

    /// <summary>The scratch memory that is held, in bytes.</summary>
    internal long HeldWorkspaceBytes => _workspace.ByteCount;

    /// <inheritdoc/>
    public void ConvolutionForward(
        ConvolutionPlan plan,
        Tensor input,
        Tensor filters,
        Tensor? bias,
        in Activation activation,
        Tensor output
    )
    {
        OperationChecks.ConvolutionForward(plan.Geometry, input, filters, bias, activation, output, ElementType);
        Own(plan)
            .ForwardPass.Run(
                new ConvolutionOperands
                {
                    Input = input.Floats,
                    Filters = filters.Floats,
                    Bias = bias is null ? null : bias.Floats,
                    Activation = activation,
                    Output = output.Floats,
                }
            );
    }

    /// <inheritdoc/>
    public void ConvolutionBackwardData(
        ConvolutionPlan plan,
        Tensor outputGradient,
        Tensor filters,
        Tensor inputGradient
    )
    {
        OperationChecks.ConvolutionBackwardData(plan.Geometry, outputGradient, filters, inputGradient, ElementType);
        Own(plan)
            .BackwardDataPass.Run(
                new ConvolutionOperands
                {
                    Input = inputGradient.Floats,
                    Filters = filters.Floats,
                    Output = outputGradient.Floats,
                }
            );
    }

    /// <inheritdoc/>
    public void ConvolutionBackwardFilter(
        ConvolutionPlan plan,
        Tensor input,
        Tensor outputGradient,
        Tensor filterGradient
    )
    {
        OperationChecks.ConvolutionBackwardFilter(plan.Geometry, input, outputGradient, filterGradient, ElementType);
        Own(plan)
            .BackwardFilterPass.Run(
                new ConvolutionOperands
                {
                    Input = input.Floats,
                    Filters = filterGradient.Floats,
                    Output = outputGradient.Floats,
                }
            );
    }

    /// <summary>
    /// The measured choices that the convolutions planned so far use, as text for <see cref="ConvolutionTuning.Kept"/>; null where the
    /// cost model chose them all.
    /// </summary>
    public string? DescribeTuning() => _tuned?.Describe();

    private IConvolutionAlgorithm Choose(in ConvolutionGeometry geometry, ConvolutionPass pass)
    {
        IReadOnlyList<ConvolutionCandidate> candidates = _planner.Candidates(geometry, pass, _options.Exact);
        return Pick(candidates, geometry, _tuned?.Choose(geometry, pass)).Create();
    }

    // The forced algorithm, else the one that was measured to be the fastest, else the cost model's first.
    private ConvolutionCandidate Pick(
        IReadOnlyList<ConvolutionCandidate> candidates,
        in ConvolutionGeometry geometry,
        string? measured
    )
    {
        string? name = _options.Algorithm ?? measured;
        ConvolutionCandidate? picked = candidates.FirstOrDefault(candidate => candidate.Name == name);
        if (picked is null && _options.Algorithm is { } forced)
            throw new NotSupportedException($"The algorithm '{forced}' cannot compute the convolution {geometry}.");
        return picked ?? candidates[0];
    }

    private static NativeConvolutionPlan Own(ConvolutionPlan plan) =>
        plan as NativeConvolutionPlan
        ?? throw new ArgumentException($"The plan of {plan.Geometry} was made by another backend.", nameof(plan));

    private sealed class NativeConvolutionPlan(
        in ConvolutionGeometry geometry,
        IConvolutionAlgorithm forward,
        IConvolutionAlgorithm backwardData,
        IConvolutionAlgorithm backwardFilter
    ) : ConvolutionPlan(geometry)
    {
        public IConvolutionAlgorithm ForwardPass { get; } = forward;

        public IConvolutionAlgorithm BackwardDataPass { get; } = backwardData;

        public IConvolutionAlgorithm BackwardFilterPass { get; } = backwardFilter;

        public override string Forward => ForwardPass.Name;

        public override string BackwardData => BackwardDataPass.Name;

        public override string BackwardFilter => BackwardFilterPass.Name;
    }
}
