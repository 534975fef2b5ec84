using NativeCnn.Randomness;

namespace NativeCnn.Initializers;

/// <summary>
/// How parameters start. Filters are output channels × kernel height × kernel width × input channels of the group, so
/// that fanIn = Kh·Kw·C/groups is the number of inputs of one output and the length of one row, and fanOut =
/// Kh·Kw·O/groups the number of outputs that one input reaches. A dense layer has Kh = Kw = 1.
/// </summary>
/// <remarks>The same seed gives the same values on every machine.</remarks>
public abstract record Initializer
{
    /// <summary>Normal, mean 0, variance 1/fanIn. LeCun, Bottou, Orr and Müller, "Efficient BackProp", 1998.</summary>
    public static Initializer LeCunNormal { get; } = new VarianceScalingInitializer(1, Fan.In, Distribution.Normal);

    /// <summary>
    /// Uniform in ±√(3/fanIn), variance 1/fanIn. "Efficient BackProp", 1998; what Caffe calls xavier.
    /// </summary>
    public static Initializer LeCunUniform { get; } = new VarianceScalingInitializer(1, Fan.In, Distribution.Uniform);

    /// <summary>
    /// Normal, mean 0, variance 2/(fanIn + fanOut). Glorot and Bengio, "Understanding the difficulty of training deep
    /// feedforward neural networks", AISTATS 2010.
    /// </summary>
    public static Initializer GlorotNormal { get; } = new VarianceScalingInitializer(1, Fan.Mean, Distribution.Normal);

    /// <summary>Uniform in ±√(6/(fanIn + fanOut)), variance 2/(fanIn + fanOut). Glorot and Bengio 2010.</summary>
    public static Initializer GlorotUniform { get; } =
        new VarianceScalingInitializer(1, Fan.Mean, Distribution.Uniform);

    /// <summary>
    /// Normal, mean 0, variance 2/fanIn, for layers before a ReLU. He, Zhang, Ren and Sun, "Delving deep into
    /// rectifiers", ICCV 2015.
    /// </summary>
    public static Initializer HeNormal { get; } = new VarianceScalingInitializer(2, Fan.In, Distribution.Normal);

    /// <summary>Uniform in ±√(6/fanIn), variance 2/fanIn. He et al. 2015.</summary>
    public static Initializer HeUniform { get; } = new VarianceScalingInitializer(2, Fan.In, Distribution.Uniform);

    /// <summary>
    /// Uniform in ±2.4/fanIn. LeCun et al., "Backpropagation applied to handwritten zip code recognition", 1989, and
    /// LeNet-5, for scaled tanh and inputs of about ±1.
    /// </summary>
    public static Initializer LeCun1989 { get; } = new ReciprocalFanInitializer(2.4);

    /// <summary>Every value 0.</summary>
    public static Initializer Zero { get; } = new ConstantInitializer(0);

    /// <summary>Every value <paramref name="value"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not finite.</exception>
    public static Initializer Constant(float value) =>
        float.IsFinite(value)
            ? new ConstantInitializer(value)
            : throw new ArgumentOutOfRangeException(
                nameof(value),
                $"An initialiser's constant is finite; got {value}."
            );

    /// <summary>
    /// A random orthogonal matrix times <paramref name="gain"/>: one row of fanIn values for each output channel; the
    /// rows are orthonormal, or the columns where there are more rows than columns. Saxe, McClelland and Ganguli,
    /// "Exact solutions to the nonlinear dynamics of learning in deep linear neural networks", ICLR 2014.
    /// </summary>
    /// <remarks>
    /// Takes about 2·a·b² multiply-adds on one thread, b the smaller side of the matrix and a the larger.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">The gain is not finite as float32.</exception>
    public static Initializer Orthogonal(double gain = 1) =>
        float.IsFinite((float)gain)
            ? new OrthogonalInitializer(gain)
            : throw new ArgumentOutOfRangeException(
                nameof(gain),
                $"An orthogonal initialiser's gain is finite; got {gain}."
            );

    /// <summary>Writes the initial values.</summary>
    /// <param name="values">All values of the parameter; the first index (output channel) varies slowest.</param>
    /// <param name="fanIn">The number of inputs of one output, 1 or more.</param>
    /// <param name="fanOut">The number of outputs that one input reaches, 1 or more.</param>
    /// <param name="random">Where the values come from; it advances by what is drawn.</param>
    /// <exception cref="ArgumentOutOfRangeException">A fan is below 1.</exception>
    public void Fill(Span<float> values, int fanIn, int fanOut, ref RandomStream random)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(fanIn, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(fanOut, 1);
        Draw(values, fanIn, fanOut, ref random);
    }

    /// <summary>
    /// Whether value i depends on the stream's i-th draw alone, so that parts of a parameter can be filled on their
    /// own.
    /// </summary>
    internal virtual bool IsElementwise => false;

    /// <summary>Writes the initial values; the fans are 1 or more.</summary>
    protected abstract void Draw(Span<float> values, int fanIn, int fanOut, ref RandomStream random);
}

/// <summary>Every value the same.</summary>
internal sealed record ConstantInitializer(float Value) : Initializer
{
    internal override bool IsElementwise => true;

    protected override void Draw(Span<float> values, int fanIn, int fanOut, ref RandomStream random) =>
        values.Fill(Value);
}
