using NativeCnn.Backends.Native.Convolutions;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Native;

// Convolution: each pass runs the algorithm that the plan chose.
public sealed unsafe partial class NativeBackend
{
    /// <inheritdoc/>
    public ConvolutionPlan PlanConvolution(in ConvolutionGeometry geometry) =>
        new NativeConvolutionPlan(
            geometry,
            new TiledProductForward(geometry, _pool, _workspace),
            PlanBackwardData(geometry),
            new TiledProductBackwardFilter(geometry, _pool, _workspace)
        );

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

    // Flipped filters compute as many products as there are input pixels, col2im as many as there are output pixels but with
    // an addition in memory for each tap: worth it where the border makes the input much the larger.
    private IConvolutionAlgorithm PlanBackwardData(in ConvolutionGeometry geometry)
    {
        long inputPixels = (long)geometry.Batch * geometry.Height * geometry.Width;
        bool flipped = geometry is { StrideY: 1, StrideX: 1 } && inputPixels * 5 <= geometry.OutputPixels * 7L;
        return flipped
            ? new FlippedBackwardData(geometry, _pool, _workspace)
            : new ScatterBackwardData(geometry, _pool, _workspace);
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
