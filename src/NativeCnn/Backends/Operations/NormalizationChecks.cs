using NativeCnn.Tensors;

namespace NativeCnn.Backends.Operations;

/// <summary>What the declarations of normalisations refuse.</summary>
internal static class NormalizationChecks
{
    /// <summary>An ε that keeps 1/√(variance + ε) finite.</summary>
    public static float Epsilon(float epsilon) =>
        epsilon > 0 && float.IsFinite(epsilon)
            ? epsilon
            : throw new ArgumentOutOfRangeException(
                nameof(epsilon),
                $"Normalisation: ε is finite and above 0; got {epsilon}."
            );

    /// <summary>The part of a running average that a batch replaces.</summary>
    public static float Momentum(float momentum) =>
        momentum is >= 0 and <= 1
            ? momentum
            : throw new ArgumentOutOfRangeException(
                nameof(momentum),
                $"Batch normalisation: the momentum is 0 to 1; got {momentum}."
            );

    /// <summary>A batch whose channels have a variance.</summary>
    public static Shape Batch(Shape shape) =>
        shape.PixelCount > 1
            ? shape
            : throw new ShapeException(
                $"Batch normalisation: a channel of {shape} has one value, and one value has no variance; "
                    + "train with 2 examples or more."
            );

    /// <summary>What the deviations of contrast normalisation do not fall below; 0 stands for their mean.</summary>
    public static float Constant(float constant) =>
        constant >= 0 && float.IsFinite(constant)
            ? constant
            : throw new ArgumentOutOfRangeException(
                nameof(constant),
                $"Divisive normalisation: the constant is finite and not below 0; got {constant}."
            );

    /// <summary>One value for each pixel.</summary>
    public static Shape OneMap(Shape shape) => new(shape.BatchSize, shape.Height, shape.Width, 1);

    /// <summary>A number of groups.</summary>
    public static int Groups(int groups) =>
        groups >= 1
            ? groups
            : throw new ArgumentOutOfRangeException(
                nameof(groups),
                $"Group normalisation: there is 1 group or more; got {groups}."
            );

    /// <summary>A number of groups that divides the channels.</summary>
    public static int Groups(int groups, Shape shape) =>
        shape.Channels % Groups(groups) == 0
            ? groups
            : throw new ShapeException(
                $"Group normalisation: {groups} groups do not divide the {shape.Channels} channels of {shape}."
            );
}
