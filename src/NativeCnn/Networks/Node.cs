using NativeCnn.Backends;
using NativeCnn.Backends.Operations;
using NativeCnn.Layers;
using NativeCnn.Tensors;

namespace NativeCnn.Networks;

/// <summary>
/// The output of a layer, or an input, of a network under construction: what further layers can read. Each method adds
/// a layer that reads it and returns that layer's output, so that a residual block reads like its diagram:
/// <c>x.Convolution(16, 3, padding: Padding.Same(3)).Relu().Plus(x)</c>.
/// </summary>
public sealed partial class Node
{
    internal Node(NetworkBuilder builder, int index, Shape shape)
    {
        Builder = builder;
        Index = index;
        Shape = shape;
    }

    /// <summary>The network under construction.</summary>
    public NetworkBuilder Builder { get; }

    /// <summary>The sizes for one example, 1×H×W×C.</summary>
    public Shape Shape { get; }

    /// <summary>The place in the network; below 0 for an input.</summary>
    internal int Index { get; }

    /// <summary>Adds a layer that reads this.</summary>
    /// <param name="layer">The layer; it belongs to this network from now on.</param>
    /// <param name="name">Its name, or null for its kind and a number.</param>
    /// <exception cref="ShapeException">The layer does not fit what it reads; the message names it.</exception>
    public Node Add(Layer layer, string? name = null) => Builder.Add(layer, [this], name);

    /// <summary>Adds a <see cref="Layers.Convolution"/> with bias; without padding unless given.</summary>
    public Node Convolution(
        int filters,
        Size2 kernel,
        Size2? stride = null,
        Padding padding = default,
        int groups = 1
    ) =>
        Add(
            new Convolution(filters, kernel)
            {
                Stride = stride ?? 1,
                Padding = padding,
                Groups = groups,
            }
        );

    /// <summary>Adds a <see cref="Layers.MaxPooling"/>; windows tile the image unless a stride is given.</summary>
    public Node MaxPooling(Size2 window, Size2? stride = null) => Add(new MaxPooling(window, stride));

    /// <summary>Adds an <see cref="Layers.AveragePooling"/>; windows tile the image unless a stride is given.</summary>
    public Node AveragePooling(Size2 window, Size2? stride = null) => Add(new AveragePooling(window, stride));

    /// <summary>Adds a <see cref="Layers.Dense"/> layer with bias.</summary>
    public Node Dense(int units) => Add(new Dense(units));

    /// <summary>Adds f(x) = max(0, x).</summary>
    public Node Relu() => Activate(Activation.Relu);

    /// <summary>Adds f(x) = tanh x.</summary>
    public Node Tanh() => Activate(Activation.Tanh);

    /// <summary>Adds f(x) = a tanh(bx).</summary>
    public Node ScaledTanh(float a = 1.7159f, float b = 2f / 3f) => Activate(Activation.ScaledTanh(a, b));

    /// <summary>Adds f(x) = 1 / (1 + exp(−βx)).</summary>
    public Node Logistic(float beta = 1) => Activate(Activation.Logistic(beta));

    /// <summary>Adds f(x) = x where x &gt; 0, else αx.</summary>
    public Node LeakyRelu(float alpha = 0.02f) => Activate(Activation.LeakyRelu(alpha));

    /// <summary>Adds f(x) = ln(1 + e^(kx)) / k.</summary>
    public Node Softplus(float k = 1) => Activate(Activation.Softplus(k));

    /// <summary>Adds f(x) = x where x &gt; 0, else α (eˣ − 1).</summary>
    public Node Elu(float alpha = 1) => Activate(Activation.Elu(alpha));

    /// <summary>Adds f(x) = |x|.</summary>
    public Node Absolute() => Activate(Activation.Absolute);

    /// <summary>Adds f(x) = (2/k) ln(1 + e^(kx)) − x − (2/k) ln 2.</summary>
    public Node SmoothAbsolute(float k = 1) => Activate(Activation.SmoothAbsolute(k));

    /// <summary>Adds f(x) = gx, a fixed gain.</summary>
    public Node Gain(float g) => Activate(Activation.Gain(g));

    /// <summary>Adds a <see cref="PointwiseActivation"/>, ReLU up to a ceiling: ReLU6 by default.</summary>
    public Node ClippedRelu(float ceiling = 6) => Activate(Activation.ClippedRelu(ceiling));

    /// <summary>Adds a <see cref="Layers.PRelu"/>: leaky ReLU with a learned slope per channel, or in all.</summary>
    public Node PRelu(bool isShared = false, float initialSlope = 0.25f) =>
        Add(new PRelu { IsShared = isShared, InitialSlope = initialSlope });

    /// <summary>Adds a <see cref="Layers.LearnedGain"/>: g_c x, learned per map.</summary>
    public Node LearnedGain() => Add(new LearnedGain());

    /// <summary>Adds a point-wise non-linearity.</summary>
    public Node Activate(Activation activation) => Add(new PointwiseActivation(activation));

    /// <summary>Adds <see cref="Layers.Dropout"/>.</summary>
    public Node Dropout(float probability = 0.5f) => Add(new Layers.Dropout(probability));

    /// <summary>Adds <see cref="Layers.BatchNorm"/>.</summary>
    public Node BatchNorm(float momentum = 0.1f, float epsilon = 1e-5f) => Add(new BatchNorm(momentum, epsilon));

    /// <summary>Adds <see cref="Layers.GroupNorm"/>.</summary>
    public Node GroupNorm(int groups, float epsilon = 1e-5f) => Add(new GroupNorm(groups, epsilon));

    /// <summary>Adds layer normalisation: <see cref="Layers.GroupNorm"/> with one group.</summary>
    public Node LayerNorm(float epsilon = 1e-5f) => GroupNorm(1, epsilon);

    /// <summary>Adds a <see cref="Layers.SubtractiveNorm"/> over a Gaussian window.</summary>
    public Node SubtractiveNorm(int size, float sigma) => Add(new SubtractiveNorm(size, sigma));

    /// <summary>Adds a <see cref="Layers.DivisiveNorm"/> over a Gaussian window.</summary>
    public Node DivisiveNorm(int size, float sigma, float constant = 0) => Add(new DivisiveNorm(size, sigma, constant));

    /// <summary>Adds a <see cref="Layers.BrightnessNorm"/>.</summary>
    public Node BrightnessNorm(float kappa = 1, float lambda = 1, float mu = 0.5f) =>
        Add(new BrightnessNorm(kappa, lambda, mu));

    /// <summary>Adds <see cref="Layers.SpatialDropout"/>.</summary>
    public Node SpatialDropout(float probability = 0.5f) => Add(new Layers.SpatialDropout(probability));

    /// <summary>Adds <see cref="Layers.Flatten"/>.</summary>
    public Node Flatten() => Add(new Flatten());

    /// <summary>Adds <see cref="Layers.Softmax"/>.</summary>
    public Node Softmax() => Add(new Softmax());

    /// <summary>Adds the sum of this and another output of the same shape.</summary>
    public Node Plus(Node other) => Builder.Add(new Layers.Addition(), [this, other]);

    /// <summary>
    /// Adds this and other outputs of the same height and width, one behind the other along the channels.
    /// </summary>
    public Node Concatenate(params ReadOnlySpan<Node> others) => Builder.Add(new Concatenation(), [this, .. others]);

    /// <summary>The network whose one output this is, with its parameters initialised.</summary>
    /// <param name="seed">The seed of the initial values and of dropout.</param>
    /// <param name="name">What the network is called in files and reports.</param>
    /// <exception cref="InvalidOperationException">
    /// No layer was added, or the output of one is read by nobody.
    /// </exception>
    public Network Build(ulong seed = 1, string name = "network") => Builder.Build([this], seed, name);

    /// <summary>The network before its parameters have memory.</summary>
    internal Network BuildWithoutValues(string name) => Builder.BuildWithoutValues([this], name);
}
