using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;
using static NativeCnn.Tests.Backends.TestBackends;

namespace NativeCnn.Tests.Backends;

public sealed class SoftmaxTests : IOperationRows
{
    /// <summary>Logits small, and so large that exp overflows unless the maximum is taken off first.</summary>
    internal static readonly (string Name, Filler Filler)[] Logits =
    [
        ("small", Fillers.Uniform),
        ("huge", Fillers.Between(-2000, 2000)),
    ];

    /// <summary>Outputs of networks.</summary>
    internal static readonly Shape[] Vectors =
    [
        new(1, 1, 1, 1),
        new(3, 1, 1, 10),
        new(2, 1, 1, 17),
        new(65, 1, 1, 3),
        new(2, 1, 1, 1000),
    ];

    // Softmax is over all values of an example, whatever their shape.
    public static IEnumerable<OperationCase> Rows =>
        from shape in (Shape[])[.. Vectors, new(3, 2, 3, 4)]
        let forward = new SoftmaxForward(shape)
        from row in Logits
            .Select(logits => new OperationCase(forward, $"{shape}, {logits.Name} logits")
            {
                ["input"] = logits.Filler,
            })
            .Append(
                new OperationCase(new SoftmaxBackward(shape), $"{shape}")
                {
                    ["output"] = Fillers.Between(0, 2f / shape.ElementsPerExample),
                    DerivativeOf = new(forward, ""),
                }
            )
        select row;

    [Theory, EveryBackend]
    public void Of_logarithms_it_is_their_share(string backend)
    {
        double[] logits = [Math.Log(1), Math.Log(2), Math.Log(3), 1000, 0, -1000];
        double[] p = Compute(backend, new SoftmaxForward(Shape.Vector(2, 3)), logits)[0];
        Comparison.Close([1 / 6d, 2 / 6d, 3 / 6d, 1, 0, 0], p, Tolerance.OfSum(4), "softmax");
    }
}
