using FsCheck;
using FsCheck.Fluent;
using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Native;
using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Tests.Backends;

/// <summary>What holds for every convolution, on geometries that nobody chose; the same ones in every run.</summary>
public sealed class ConvolutionPropertyTests
{
    [Fact]
    public void The_three_passes_are_adjoint()
    {
        using ManagedBackend backend = new(ElementType.Float64);
        ForAll(g =>
        {
            var random = new Random(1);
            double[] x = Fillers.Uniform.Draw(random, g.Input.Count);
            double[] w = Fillers.Uniform.Draw(random, g.FilterShape.Count);
            double[] r = Fillers.Uniform.Draw(random, g.Output.Count);
            // Σ r · conv(x, w) = Σ x · backward-data(r, w) = Σ w · backward-filter(x, r)
            double[] z = backend.Compute(new ConvolutionForward(g, Activation.Identity, false), [x, w])[0];
            double[] dx = backend.Compute(new ConvolutionBackwardData(g), [r, w])[0];
            double[] dw = backend.Compute(new ConvolutionBackwardFilter(g), [x, r, new double[w.Length]])[0];
            Tolerance float64 = new(1e-10, 1e-10);
            Comparison.Close(Dot(r, z), Dot(x, dx), float64, $"{g}: backward-data");
            Comparison.Close(Dot(r, z), Dot(w, dw), float64, $"{g}: backward-filter");
        });
    }

    [Fact]
    public void Native_computes_what_managed_specifies()
    {
        using ManagedBackend managed = new();
        using NativeBackend native = new(threads: 2);
        ForAll(g =>
        {
            foreach (OperationCase row in ConvolutionTests.Passes(g))
                OperationRun.Of(row, native).AssertClose(OperationRun.Of(row, managed));
        });
    }

    /// <summary>Those whose sizes do not contradict each other.</summary>
    internal static Arbitrary<ConvolutionGeometry> Possible(Gen<Func<ConvolutionGeometry>> any) =>
        any.Where(make => Record.Exception(() => (object)make()) is not ShapeException)
            .Select(make => make())
            .ToArbitrary();

    /// <summary>Checks a property on 150 geometries, the same in every run.</summary>
    internal static void ForAll(Action<ConvolutionGeometry> property) =>
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(150).WithReplay(2_718_281_828, 3_141_592_653),
            Prop.ForAll(Geometries(), property)
        );

    private static Arbitrary<ConvolutionGeometry> Geometries() =>
        Possible(
            from sizes in Gen.Choose(1, 14).Three()
            from groups in Gen.Elements(1, 1, 1, 2, 3, 18)
            // Many groups are depthwise.
            from channels in groups < 18 ? Gen.Choose(1, 9) : Gen.Constant(1)
            from filters in groups < 18 ? Gen.Choose(1, 9) : Gen.Constant(1)
            from kernel in Gen.Choose(1, 5).Two()
            from stride in Gen.Choose(1, 3).Two()
            from dilation in Gen.Choose(1, 3).Two()
            from near in Gen.Choose(-2, 4).Two()
            from far in Gen.Choose(-2, 4).Two()
            select (Func<ConvolutionGeometry>)(
                () =>
                    new(
                        new(1 + sizes.Item1 % 3, sizes.Item2, sizes.Item3, channels * groups),
                        filters * groups,
                        new(kernel.Item1, kernel.Item2),
                        new(stride.Item1, stride.Item2),
                        new(dilation.Item1, dilation.Item2),
                        new(near.Item1, near.Item2, far.Item1, far.Item2),
                        groups
                    )
            )
        );

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();
}
