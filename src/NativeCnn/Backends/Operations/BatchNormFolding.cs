using NativeCnn.Tensors;

namespace NativeCnn.Backends.Operations;

/// <summary>
/// The filters and biases of one convolution or dense layer that computes what another one and the batch normalisation
/// after it compute at inference: with s_c = γ_c / √(v_c + ε), filters w' = w s_c and biases b'_c = (b_c − m_c) s_c +
/// β_c, c being the output channel that a weight belongs to.
/// </summary>
/// <remarks>
/// Operands: <c>filters</c> and <c>foldedFilters</c> O×K_h×K_w×(C/groups); <c>bias</c>, <c>gamma</c>, <c>beta</c>,
/// <c>runningMean</c>, <c>runningVariance</c> and <c>foldedBias</c> 1×1×1×(output channels). A channel whose constants
/// hold a NaN has no other filters or bias than NaN.
/// </remarks>
public sealed class BatchNormFolding : Operation
{
    /// <summary>A folding.</summary>
    /// <param name="epsilon">ε, above 0.</param>
    /// <param name="filters">The sizes of the filters.</param>
    /// <param name="hasBias">Whether there is a bias b; if not it counts as 0.</param>
    /// <param name="transposedGroups">
    /// 0, the default, where each filter is an output channel; of a transposed convolution the number of its groups,
    /// the output channels being the filters' channels.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">ε is outside that, or the groups are below 0.</exception>
    /// <exception cref="ShapeException">The groups do not divide the filters.</exception>
    public BatchNormFolding(float epsilon, Shape filters, bool hasBias, int transposedGroups = 0)
        : this(epsilon, filters, Shape.Vector(1, OutputChannels(filters, transposedGroups)), hasBias, transposedGroups)
    { }

    private BatchNormFolding(float epsilon, Shape filters, Shape channels, bool hasBias, int transposedGroups)
        : base(
            "forward",
            16,
            [
                Operand.Read("filters", filters),
                Operand.Read("bias", channels, hasBias),
                Operand.Read("gamma", channels),
                Operand.Read("beta", channels),
                Operand.Read("runningMean", channels),
                Operand.Read("runningVariance", channels),
                Operand.Overwritten("foldedFilters", filters),
                Operand.Overwritten("foldedBias", channels),
            ]
        )
    {
        Epsilon = NormalizationChecks.Epsilon(epsilon);
        TransposedGroups = transposedGroups;
    }

    /// <summary>ε.</summary>
    public float Epsilon { get; }

    /// <summary>0, or the number of groups of a transposed convolution.</summary>
    public int TransposedGroups { get; }

    /// <summary>The output channel of the first weight of a row of filter channels, counted over filters and taps.</summary>
    internal int FirstChannel(long row)
    {
        Shape filters = Operands[0].Shape;
        int filter = (int)(row / ((long)filters.Height * filters.Width));
        return TransposedGroups == 0 ? filter : filter / (filters.Outputs / TransposedGroups) * filters.Channels;
    }

    private static int OutputChannels(Shape filters, int transposedGroups)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(transposedGroups);
        if (transposedGroups == 0)
            return filters.Outputs;
        return filters.Outputs % transposedGroups == 0
            ? filters.Channels * transposedGroups
            : throw new ShapeException(
                $"{transposedGroups} groups of a transposed convolution do not divide the {filters.Outputs} filters of {filters}."
            );
    }
}
