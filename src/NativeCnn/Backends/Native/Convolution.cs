using NativeCnn.Backends.Native.Convolutions;
using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Native;

// Each pass has several algorithms. The kernel names the operands of the pass; the algorithm does the work.
public sealed unsafe partial class NativeBackend
{
    private static readonly bool Convolution =
        Provide<ConvolutionForward>((b, operation) => b.PlanConvolution(operation, ConvolutionPass.Forward))
        && Provide<ConvolutionBackwardData>(
            (b, operation) => b.PlanConvolution(operation, ConvolutionPass.BackwardData)
        )
        && Provide<ConvolutionBackwardFilter>(
            (b, operation) => b.PlanConvolution(operation, ConvolutionPass.BackwardFilter)
        );

    /// <summary>
    /// The measured choices that the convolutions prepared so far use, as text for
    /// <see cref="ConvolutionTuning.Kept"/>; null where the cost model chose them all.
    /// </summary>
    public string? DescribeTuning() => Convolutions.Tuned?.Describe();

    private Kernel PlanConvolution(ConvolutionOperation operation, ConvolutionPass pass)
    {
        IReadOnlyList<ConvolutionContender> contenders = Convolutions.Contenders(this, operation, pass);
        return Convolutions.Tuned is { } tuned
            ? new TunedConvolutionKernel(this, operation, pass, tuned, contenders)
            : contenders[0].Create();
    }
}

/// <summary>A pass of a convolution by one algorithm.</summary>
internal sealed unsafe class ConvolutionKernel : NativeKernel<ConvolutionOperation>
{
    private readonly ConvolutionAlgorithm _algorithm;

    public ConvolutionKernel(NativeBackend backend, ConvolutionOperation operation, ConvolutionCandidate candidate)
        : base(backend, operation)
    {
        Algorithm = candidate.Algorithm;
        _algorithm = candidate.Create(Pool, Memory);
    }

    public override string Algorithm { get; }

    public override double RoundingsPerProduct => _algorithm.RoundingsPerProduct;

    // Both other passes read the filters there.
    internal override int? PackedOperand =>
        Memory.Packed.IsAny && Operation is not ConvolutionBackwardFilter ? 1 : null;

    protected override void Launch() =>
        _algorithm.Run(
            Operation switch
            {
                ConvolutionForward forward => new ConvolutionOperands
                {
                    Input = At(0),
                    Filters = At(1),
                    Bias = At(2),
                    Output = At(3),
                    Activation = forward.Activation,
                },
                ConvolutionBackwardData => new ConvolutionOperands
                {
                    Output = At(0),
                    Filters = At(1),
                    Input = At(2),
                },
                _ => new ConvolutionOperands
                {
                    Input = At(0),
                    Output = At(1),
                    Filters = At(2),
                },
            }
        );
}

/// <summary>
/// A pass of a convolution whose algorithm was measured, or is to be measured when the kernel is prepared.
/// </summary>
/// <remarks>Until then it needs as much scratch memory, and rounds as often, as any of the algorithms.</remarks>
internal sealed class TunedConvolutionKernel : Kernel
{
    private readonly ConvolutionPass _pass;
    private readonly TunedChooser _chooser;
    private readonly IReadOnlyList<ConvolutionContender> _contenders;

    // One as soon as the choice is made.
    private Kernel[] _kernels;

    public TunedConvolutionKernel(
        NativeBackend backend,
        ConvolutionOperation operation,
        ConvolutionPass pass,
        TunedChooser chooser,
        IReadOnlyList<ConvolutionContender> contenders
    )
        : base(backend, operation)
    {
        (_pass, _chooser, _contenders) = (pass, chooser, contenders);
        _kernels = [.. contenders.Select(contender => contender.Create())];
    }

    public override string Algorithm => _kernels is [var only] ? only.Algorithm : "";

    public override ScratchSize Scratch =>
        new(_kernels.Max(kernel => kernel.Scratch.BytesPerThread), _kernels.Max(kernel => kernel.Scratch.SharedBytes));

    public override double RoundingsPerProduct => _kernels.Max(kernel => kernel.RoundingsPerProduct);

    internal override int? PackedOperand =>
        _kernels.Select(kernel => kernel.PackedOperand).FirstOrDefault(place => place is not null);

    internal override long KeptBytes => _kernels.Max(kernel => kernel.KeptBytes);

    internal override void KeepPacked() => Array.ForEach(_kernels, kernel => kernel.KeepPacked());

    internal override void ForgetPacked() => _kernels[0].ForgetPacked();

    internal override void FreePacked() => _kernels[0].FreePacked();

    protected internal override void Reserve()
    {
        string? chosen = _chooser.Choose((ConvolutionOperation)Operation, _pass, _contenders);
        if (_kernels.Length > 1)
            _kernels = [_kernels[_contenders.TakeWhile(contender => contender.Name != chosen).Count()]];
        _kernels[0].Reserve();
    }

    protected internal override void Compute(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars) =>
        _kernels[0].Compute(operands, scalars);
}
