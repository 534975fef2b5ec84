using NativeCnn.Tensors;

namespace NativeCnn.Backends;

/// <summary>
/// The operations that networks are made of, on tensors. <c>ManagedBackend</c> defines what they compute;
/// <c>NativeBackend</c> computes the same fast.
/// </summary>
/// <remarks>
/// The contract of every operation: inputs are never written; outputs and input gradients are overwritten entirely;
/// parameter gradients (filters, weights, biases) are added to; shapes and element types are checked and a
/// <see cref="ShapeException"/> names the operation and both shapes. All tensors have <see cref="ElementType"/> unless said.
/// A backend runs one operation at a time: it is not to be called from two threads at once.
/// </remarks>
public interface IBackend : IDisposable
{
    /// <summary>What the user calls it: <c>managed</c> or <c>native</c>.</summary>
    string Name { get; }

    /// <summary>The type that activations, parameters and gradients have on this backend.</summary>
    ElementType ElementType { get; }

    /// <summary>How many threads share the work. Results do not depend on it.</summary>
    int Threads { get; }

    /// <summary>Decides how a convolution is computed and reserves what that needs, so that running it allocates nothing.</summary>
    ConvolutionPlan PlanConvolution(in ConvolutionGeometry geometry);

    /// <summary>
    /// The bytes of scratch memory that planning all these convolutions reserves, found without taking any; they share it. Where
    /// measuring is yet to choose an algorithm, the largest counts.
    /// </summary>
    long WorkspaceBytes(IEnumerable<ConvolutionGeometry> convolutions);

    /// <summary>z = f(w ⋆ x + b), the formula of <see cref="ConvolutionGeometry"/>.</summary>
    /// <param name="plan">From <see cref="PlanConvolution"/> of this backend.</param>
    /// <param name="input">N×H×W×C.</param>
    /// <param name="filters">O×K_h×K_w×(C/groups).</param>
    /// <param name="bias">1×1×1×O, or null for none.</param>
    /// <param name="activation">f, applied to each output.</param>
    /// <param name="output">N×H'×W'×O.</param>
    void ConvolutionForward(
        ConvolutionPlan plan,
        Tensor input,
        Tensor filters,
        Tensor? bias,
        in Activation activation,
        Tensor output
    );

    /// <summary>The input gradient: the adjoint of <see cref="ConvolutionForward"/> with respect to x (without bias and f).</summary>
    void ConvolutionBackwardData(ConvolutionPlan plan, Tensor outputGradient, Tensor filters, Tensor inputGradient);

    /// <summary>Adds the filter gradient: dw[o,i,j,c] += Σ_{n,y,x} dz[n,y,x,o] · x[n, y·s + i·d − p_top, x·s + j·d − p_left, c].</summary>
    void ConvolutionBackwardFilter(ConvolutionPlan plan, Tensor input, Tensor outputGradient, Tensor filterGradient);

    /// <summary>Adds the bias gradient: db[o] += Σ over batch and positions of dz[n,y,x,o]. Serves convolution and dense.</summary>
    void BiasBackward(Tensor outputGradient, Tensor biasGradient);

    /// <summary>y[n,o] = f(Σ_k w[o,k] x[n,k] + b[o]), k over all values of one example.</summary>
    /// <param name="input">N×H×W×C, read as N × H·W·C.</param>
    /// <param name="weights">O×1×1×(H·W·C), or O×H×W×C.</param>
    /// <param name="bias">1×1×1×O, or null for none.</param>
    /// <param name="activation">f.</param>
    /// <param name="output">N×1×1×O.</param>
    void DenseForward(Tensor input, Tensor weights, Tensor? bias, in Activation activation, Tensor output);

    /// <summary>dx[n,k] = Σ_o dy[n,o] w[o,k].</summary>
    void DenseBackwardData(Tensor outputGradient, Tensor weights, Tensor inputGradient);

    /// <summary>dw[o,k] += Σ_n dy[n,o] x[n,k].</summary>
    void DenseBackwardWeights(Tensor input, Tensor outputGradient, Tensor weightGradient);

    /// <summary>
    /// <see cref="DenseBackwardWeights"/> and <see cref="SgdUpdate"/> in one pass: the weights' gradient is used where it is computed and
    /// never stored. For weights so large that storing it would cost more than computing it.
    /// </summary>
    /// <param name="input">N×H×W×C.</param>
    /// <param name="outputGradient">N×1×1×O.</param>
    /// <param name="update">The step.</param>
    /// <param name="velocity">As the weights; may be null if μ is 0.</param>
    /// <param name="weights">O×1×1×(H·W·C), or O×H×W×C; updated.</param>
    void DenseUpdateWeights(Tensor input, Tensor outputGradient, in SgdStep update, Tensor? velocity, Tensor weights);

    /// <summary>
    /// The maximum of each window, and its place i·window_width + j in <paramref name="argmax"/>. The first maximum in scan
    /// order wins, padding never does, a NaN counts as larger than every number.
    /// </summary>
    /// <param name="geometry">The sizes.</param>
    /// <param name="input">N×H×W×C.</param>
    /// <param name="output">N×H'×W'×C.</param>
    /// <param name="argmax">N×H'×W'×C of <see cref="PoolingGeometry.IndexType"/>, or null where no backward pass follows.</param>
    void MaxPoolingForward(in PoolingGeometry geometry, Tensor input, Tensor output, Tensor? argmax);

    /// <summary>Each output gradient goes to the place that <paramref name="argmax"/> names, alone.</summary>
    void MaxPoolingBackward(in PoolingGeometry geometry, Tensor outputGradient, Tensor argmax, Tensor inputGradient);

    /// <summary>The mean of each window, over its full area or over what lies inside the image (<see cref="PoolingGeometry.CountPadding"/>).</summary>
    void AveragePoolingForward(in PoolingGeometry geometry, Tensor input, Tensor output);

    /// <summary>Each output gradient is spread evenly over its window by the divisor of the forward pass.</summary>
    void AveragePoolingBackward(in PoolingGeometry geometry, Tensor outputGradient, Tensor inputGradient);

    /// <summary>
    /// y_c = x_c s_c^−β with s_c = k + α/size · Σ_j x_j², j over the window of channel c at each pixel.
    /// </summary>
    /// <param name="window">The window and the constants.</param>
    /// <param name="input">N×H×W×C.</param>
    /// <param name="output">N×H×W×C.</param>
    /// <param name="scale">Receives s, N×H×W×C, for the backward pass; null where none follows.</param>
    void LocalResponseNormForward(in LocalResponseWindow window, Tensor input, Tensor output, Tensor? scale);

    /// <summary>
    /// dx_c = dy_c s_c^−β − 2αβ/size · x_c Σ_j dy_j x_j s_j^(−β−1), j over the channels whose window has c.
    /// </summary>
    void LocalResponseNormBackward(
        in LocalResponseWindow window,
        Tensor input,
        Tensor scale,
        Tensor outputGradient,
        Tensor inputGradient
    );

    /// <summary>y = f(x). <paramref name="output"/> may be <paramref name="input"/>.</summary>
    void ActivationForward(in Activation activation, Tensor input, Tensor output);

    /// <summary>dx = dy · f'(x), f' computed from the output y. <paramref name="inputGradient"/> may be <paramref name="outputGradient"/>.</summary>
    void ActivationBackward(in Activation activation, Tensor output, Tensor outputGradient, Tensor inputGradient);

    /// <summary>
    /// <see cref="ActivationBackward"/> and <see cref="BiasBackward"/> of its result in one pass: dz = dy · f'(z), f' computed from y = f(z), and
    /// db[o] += Σ over batch and positions of dz[n,y,x,o]. <paramref name="inputGradient"/> (dz) may be <paramref name="outputGradient"/> (dy).
    /// </summary>
    void ActivationBiasBackward(
        in Activation activation,
        Tensor output,
        Tensor outputGradient,
        Tensor inputGradient,
        Tensor biasGradient
    );

    /// <summary>Multiplies by the mask; the same call is the backward pass. <paramref name="output"/> may be <paramref name="input"/>.</summary>
    void DropoutApply(in DropoutMask mask, Tensor input, Tensor output);

    /// <summary>p_c = exp(z_c) / Σ exp(z_d) over the values of each example. <paramref name="output"/> may be <paramref name="input"/>.</summary>
    void SoftmaxForward(Tensor input, Tensor output);

    /// <summary>dz_c = p_c (g_c − Σ_d p_d g_d), from the output p.</summary>
    void SoftmaxBackward(Tensor output, Tensor outputGradient, Tensor inputGradient);

    /// <summary>accumulator += values: joins the gradients of an activation that several layers read.</summary>
    void Accumulate(Tensor values, Tensor accumulator);

    /// <summary>
    /// Σ over the first <c>labels.Length</c> examples of log Σ exp z − z_label; the gradient is
    /// <paramref name="scale"/> (softmax z − onehot). Examples after those get a zero gradient and no loss.
    /// </summary>
    /// <param name="logits">N×1×1×C.</param>
    /// <param name="labels">Class indices, at most N, each 0 to C − 1.</param>
    /// <param name="scale">What the gradient is multiplied by: 1 / the number of examples for a mean.</param>
    /// <param name="logitGradient">N×1×1×C, or null where only the loss is wanted.</param>
    double SoftmaxCrossEntropy(Tensor logits, ReadOnlySpan<int> labels, double scale, Tensor? logitGradient);

    /// <summary>
    /// Σ over the first <paramref name="count"/> examples of factor Σ (y − t)²; the gradient is scale · 2 · factor (y − t),
    /// and zero for the examples after those.
    /// </summary>
    /// <param name="output">y, N×H×W×C.</param>
    /// <param name="targets">t, as many values, of this backend's element type.</param>
    /// <param name="count">How many examples count.</param>
    /// <param name="factor">½ ([004]) or 1 ([001]).</param>
    /// <param name="scale">What the gradient is multiplied by.</param>
    /// <param name="outputGradient">As <paramref name="output"/>, or null where only the loss is wanted.</param>
    double SquaredError(Tensor output, Tensor targets, int count, double factor, double scale, Tensor? outputGradient);

    /// <summary>v ← μv + (g + λw); w ← w − ηv, in one pass. <paramref name="velocity"/> may be null if μ is 0.</summary>
    void SgdUpdate(in SgdStep update, Tensor gradient, Tensor? velocity, Tensor values);
}

/// <summary>How a backend computes one convolution: made by <see cref="IBackend.PlanConvolution"/>, used by that backend alone.</summary>
public abstract class ConvolutionPlan(ConvolutionGeometry geometry)
{
    /// <summary>The sizes that the plan is for.</summary>
    public ConvolutionGeometry Geometry { get; } = geometry;

    /// <summary>The algorithm of the forward pass, as the documentation names it.</summary>
    public abstract string Forward { get; }

    /// <summary>The algorithm of the backward-data pass.</summary>
    public abstract string BackwardData { get; }

    /// <summary>The algorithm of the backward-filter pass.</summary>
    public abstract string BackwardFilter { get; }
}
