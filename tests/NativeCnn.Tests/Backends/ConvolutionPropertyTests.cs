using FsCheck;
using FsCheck.Fluent;
using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Native;
using NativeCnn.Tensors;

namespace NativeCnn.Tests.Backends;

/// <summary>What holds for every convolution, on geometries that nobody chose; the same ones in every run.</summary>
public sealed class ConvolutionPropertyTests
{
    private static readonly Config SameEveryRun = Config
        .QuickThrowOnFailure.WithMaxTest(150)
        .WithReplay(2_718_281_828, 3_141_592_653);

    [Fact]
    public void The_three_passes_are_adjoint()
    {
        using ManagedBackend backend = new(ElementType.Float64);
        Check.One(
            SameEveryRun,
            Prop.ForAll(
                Geometries(),
                g =>
                {
                    ConvolutionPasses passes = new(backend, g);
                    // Σ r · conv(x, w) = Σ x · backward-data(r, w) = Σ w · backward-filter(x, r)
                    double product = Dot(passes.OutputGradient, passes.Output);
                    Tolerance float64 = new(1e-10, 1e-10);
                    Comparison.Close(product, Dot(passes.Input, passes.InputGradient), float64, $"{g}: backward-data");
                    Comparison.Close(
                        product,
                        Dot(passes.Filters, passes.FilterGradient),
                        float64,
                        $"{g}: backward-filter"
                    );
                }
            )
        );
    }

    [Fact]
    public void Native_computes_what_managed_specifies()
    {
        using ManagedBackend managed = new();
        using NativeBackend native = new(threads: 2);
        Check.One(
            SameEveryRun,
            Prop.ForAll(
                Geometries(),
                g =>
                {
                    ConvolutionPasses expected = new(managed, g);
                    ConvolutionPasses actual = new(native, g);
                    int reached = g.FiltersPerGroup * g.KernelHeight * g.KernelWidth;
                    Tolerance output = Tolerance.OfSum(g.Taps);
                    Tolerance data = Tolerance.OfSum(reached);
                    Tolerance filter = Tolerance.OfSum(g.OutputPixels);
                    Comparison.Close(expected.Output, actual.Output, output, $"{g}: forward");
                    Comparison.Close(expected.InputGradient, actual.InputGradient, data, $"{g}: backward-data");
                    Comparison.Close(expected.FilterGradient, actual.FilterGradient, filter, $"{g}: backward-filter");
                }
            )
        );
    }

    private static Arbitrary<ConvolutionGeometry> Geometries()
    {
        Gen<ConvolutionGeometry?> any =
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
            select TestGeometry.TryMake(
                new(1 + sizes.Item1 % 3, sizes.Item2, sizes.Item3, channels * groups),
                filters * groups,
                new(kernel.Item1, kernel.Item2),
                new(stride.Item1, stride.Item2),
                new(dilation.Item1, dilation.Item2),
                new(near.Item1, near.Item2, far.Item1, far.Item2),
                groups
            );
        return any.Where(geometry => geometry is not null).Select(geometry => geometry!.Value).ToArbitrary();
    }

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();
}
