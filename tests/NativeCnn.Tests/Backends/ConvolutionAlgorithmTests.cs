using FsCheck;
using FsCheck.Fluent;
using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Native;
using NativeCnn.Backends.Native.Convolutions;
using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Tests.Backends;

/// <summary>Every algorithm against the specification, whether or not the planner would choose it.</summary>
public sealed class ConvolutionAlgorithmTests
{
    private static readonly ConvolutionGeometry[] Layers =
    [
        new(new Shape(8, 28, 28, 1), 20, 5),
        new(new Shape(16, 12, 12, 20), 50, 5),
        new(new Shape(2, 27, 27, 64), 96, 5, padding: Padding.All(2)),
        new(new Shape(1, 56, 56, 64), 64, 3, padding: Padding.All(1)),
        new(new Shape(4, 14, 14, 160), 192, 3, padding: Padding.All(1)),
        new(new Shape(1, 14, 14, 250), 200, 3, padding: Padding.All(1)),
        new(new Shape(1, 128, 128, 18), 30, 3, padding: Padding.All(1)),
        new(new Shape(3, 13, 13, 70), 130, 3, padding: Padding.All(1)),
        new(new Shape(2, 14, 14, 96), 80, 3, padding: Padding.All(1), groups: 2),
        new(new Shape(1, 57, 57, 3), 64, 11, 4, padding: Padding.All(2)),
        new(new Shape(2, 14, 14, 256), 64, 1),
        // Pixels 1,024 floats apart, a wide product and a long one.
        new(new Shape(2, 7, 7, 1024), 530, 1),
        new(new Shape(1, 7, 7, 40), 1024, 1),
        new(new Shape(4, 14, 14, 256), 70, 3, stride: 2, padding: Padding.All(1)),
        new(new Shape(2, 28, 28, 96), 96, 3, padding: Padding.All(1), groups: 96),
        new(new Shape(2, 56, 56, 35), 35, 3, stride: 2, padding: Padding.All(1), groups: 35),
        new(new Shape(2, 14, 14, 130), 130, 5, padding: Padding.All(2), groups: 130),
        new(new Shape(2, 23, 21, 96), 96, 3, stride: 2, padding: new(0, 0, 1, 1), groups: 96),
        new(new Shape(2, 13, 11, 40), 40, 3, dilation: 2, padding: Padding.All(2), groups: 40),
        // Few channels and few filters.
        new(new Shape(8, 32, 32, 3), 16, 3, padding: Padding.All(1)),
        new(new Shape(4, 32, 32, 16), 32, 3, stride: 2, padding: Padding.All(1)),
        new(new Shape(2, 56, 56, 64), 2, 1),
        // Groups of 2, 4, 8, 16 and 32 channels.
        new(new Shape(2, 9, 13, 48), 48, 5, stride: 2, padding: Padding.All(2), groups: 24),
        new(new Shape(1, 56, 56, 64), 64, 3, padding: Padding.All(1), groups: 16),
        new(new Shape(2, 28, 28, 128), 128, 3, stride: 2, padding: Padding.All(1), groups: 16),
        new(new Shape(2, 14, 14, 64), 64, 3, padding: Padding.All(1), groups: 4),
        new(new Shape(2, 7, 7, 96), 96, 3, padding: Padding.All(1), groups: 3),
    ];

    private static readonly string[] Algorithms =
    [
        "im2col",
        "direct",
        "blocked",
        "depthwise",
        "grouped",
        "winograd4",
        "winograd2",
    ];

    public static TheoryData<int> LayerNumbers => [.. Enumerable.Range(0, Layers.Length)];

    [Theory]
    [MemberData(nameof(LayerNumbers))]
    public void Layers_of_real_networks_agree_with_the_specification_on_any_number_of_threads(int number)
    {
        (OperationCase Row, OperationRun Run)[] specified = Specify(Layers[number]);
        foreach (string algorithm in Algorithms)
        {
            using NativeBackend one = Forcing(algorithm, threads: 1);
            using NativeBackend two = Forcing(algorithm, threads: 2);
            using NativeBackend three = Forcing(algorithm, threads: 3);
            using NativeBackend many = Forcing(algorithm, planned: 64);
            if (!CanCompute(one, Layers[number]))
                continue;
            foreach ((OperationCase row, OperationRun expected) in specified)
            {
                OperationRun actual = OperationRun.Of(row, one);
                actual.AssertClose(expected);
                OperationRun.Of(row, two).AssertSameBits(actual);
                OperationRun.Of(row, three).AssertSameBits(actual);
                OperationRun.Of(row, many).AssertSameBits(actual);
            }
        }
    }

    [Fact]
    public void Geometries_that_nobody_chose_agree_with_the_specification()
    {
        NativeBackend[] forced = Array.ConvertAll(Algorithms, name => Forcing(name));
        var counts = new int[forced.Length];
        void AgreeOn(ConvolutionGeometry geometry)
        {
            (OperationCase Row, OperationRun Run)[] specified = Specify(geometry);
            for (int k = 0; k < forced.Length; k++)
            {
                if (!CanCompute(forced[k], geometry))
                    continue;
                Assert.All(specified, pair => OperationRun.Of(pair.Row, forced[k]).AssertClose(pair.Run));
                counts[k]++;
            }
        }
        Config sameEveryRun = Config.QuickThrowOnFailure.WithMaxTest(300).WithReplay(1_414_213_562, 1_732_050_807);
        Check.One(sameEveryRun, Prop.ForAll(Geometries(), AgreeOn));
        Assert.All(counts, count => Assert.True(count >= 20, $"{count} geometries only"));
        Array.ForEach(forced, backend => backend.Dispose());
    }

    [Fact]
    public void Every_algorithm_computes_layers_of_real_networks_and_says_that_it_does()
    {
        foreach (string algorithm in Algorithms)
        {
            using NativeBackend native = Forcing(algorithm);
            ConvolutionGeometry[] layers = Array.FindAll(Layers, geometry => CanCompute(native, geometry));
            Assert.InRange(layers.Length, 2, Layers.Length);
            Assert.All(layers.SelectMany(layer => AlgorithmsOf(native, layer)), name => Assert.Equal(algorithm, name));
        }
    }

    [Theory]
    [InlineData("winograd4", 4, 1, "1×9×9×4 → 4, 3×3, stride 2×2")]
    // No whole vector of channels.
    [InlineData("grouped", 4, 2, "1×9×9×4 → 4, 3×3, stride 2×2, 2 groups")]
    // Not every group has one channel and one filter.
    [InlineData("depthwise", 4, 2, "1×9×9×4 → 4, 3×3, stride 2×2, 2 groups")]
    [InlineData("depthwise", 8, 4, "1×9×9×4 → 8, 3×3, stride 2×2, 4 groups")]
    public void What_an_algorithm_cannot_compute_is_named(string algorithm, int filters, int groups, string geometry)
    {
        using NativeBackend native = Forcing(algorithm, threads: 1);
        ConvolutionGeometry g = new(new Shape(1, 9, 9, 4), filters, 3, stride: 2, groups: groups);
        foreach (OperationCase row in ConvolutionTests.Passes(g).SkipLast(1))
        {
            var e = Assert.Throws<NotSupportedException>(() => native.Plan(row.Operation));
            Assert.Contains($"'{algorithm}'", e.Message, StringComparison.Ordinal);
            Assert.EndsWith($" {geometry}.", e.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_planner_prefers_depthwise_where_it_can_compute()
    {
        using NativeBackend native = new(threads: 1);
        foreach (ConvolutionGeometry geometry in Layers)
        {
            bool isDepthwise = geometry.Groups == geometry.Channels && geometry.Groups == geometry.Filters;
            Assert.All(AlgorithmsOf(native, geometry), name => Assert.Equal(isDepthwise, name == "depthwise"));
        }
    }

    [Fact]
    public void An_unknown_algorithm_is_refused_with_the_known_ones()
    {
        var e = Assert.Throws<ArgumentException>(() => Forcing("fft"));
        Assert.Contains("'fft'", e.Message, StringComparison.Ordinal);
        Assert.Contains(
            "im2col, direct, blocked, depthwise, grouped, winograd4, winograd2",
            e.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Exact_rules_Winograd_out()
    {
        ConvolutionGeometry geometry = new(new Shape(4, 56, 56, 256), 256, 3, padding: Padding.All(1));
        using NativeBackend fast = new(new NativeBackendOptions { Threads = 1 });
        using NativeBackend exact = new(new NativeBackendOptions { Threads = 1, Exact = true });
        Assert.StartsWith("winograd", AlgorithmsOf(fast, geometry).First(), StringComparison.Ordinal);
        Assert.All(
            AlgorithmsOf(exact, geometry),
            name => Assert.DoesNotContain("winograd", name, StringComparison.Ordinal)
        );
    }

    [Theory]
    [InlineData(3, 1, false, false)]
    [InlineData(3, 2, false, true)]
    [InlineData(3, 3, false, true)]
    [InlineData(3, 4, true, true)]
    [InlineData(5, 1, false, false)]
    [InlineData(5, 3, false, true)]
    [InlineData(5, 4, true, true)]
    public void Maps_smaller_than_a_tile_are_not_for_Winograd(int kernel, int side, bool large, bool small)
    {
        // Many channels, for which Winograd would have by far the fewest products.
        ConvolutionGeometry g = new(new Shape(8, side, side, 256), 256, kernel, padding: Padding.All(kernel / 2));
        foreach (ConvolutionPass pass in Enum.GetValues<ConvolutionPass>())
        {
            string[] names = [.. ConvolutionPlanner.Candidates(g, pass, exact: false).Select(c => c.Algorithm)];
            Assert.Equal((large, small), (names.Contains("winograd4"), names.Contains("winograd2")));
        }
    }

    [Theory]
    [InlineData(4, 14, 512, 512, 3, "winograd4")]
    [InlineData(8, 7, 512, 512, 3, "winograd4")]
    [InlineData(32, 56, 64, 2, 1, "im2col")]
    [InlineData(32, 80, 1, 8, 1, "im2col")]
    [InlineData(64, 28, 1, 20, 5, "direct")]
    public void The_planner_takes_the_filter_gradient_that_was_measured_to_be_the_fastest(
        int batch,
        int side,
        int channels,
        int filters,
        int kernel,
        string algorithm
    )
    {
        Padding border = Padding.All(channels == 1 ? 0 : kernel / 2);
        ConvolutionGeometry g = new(new Shape(batch, side, side, channels), filters, kernel, padding: border);
        IEnumerable<string> names = ConvolutionPlanner
            .Candidates(g, ConvolutionPass.BackwardFilter, exact: false)
            .Select(candidate => candidate.Algorithm);
        Assert.Equal(algorithm, names.First());
    }

    /// <summary>The names of the algorithms of the three passes.</summary>
    internal static IEnumerable<string> AlgorithmsOf(Backend backend, ConvolutionGeometry g) =>
        ConvolutionTests.Passes(g).SkipLast(1).Select(row => backend.Plan(row.Operation)!.Algorithm);

    private static NativeBackend Forcing(string algorithm, int threads = 2, int? planned = null) =>
        new(
            new NativeBackendOptions
            {
                Threads = threads,
                Algorithm = algorithm,
                PlannedThreads = planned,
            }
        );

    // The three passes, and what finishes the output: bias and activation.
    private static (OperationCase Row, OperationRun Run)[] Specify(ConvolutionGeometry g)
    {
        using ManagedBackend managed = new();
        return
        [
            .. ConvolutionTests
                .Passes(g)
                .Concat(ConvolutionTests.Passes(g, Activation.Relu, bias: true).Take(1))
                .Concat(ConvolutionTests.Passes(g, Activation.ScaledTanh(), bias: true).Take(1))
                .Select(row => (row, OperationRun.Of(row, managed))),
        ];
    }

    private static bool CanCompute(NativeBackend backend, ConvolutionGeometry geometry) =>
        Record.Exception(() => AlgorithmsOf(backend, geometry).ToArray()) is not NotSupportedException;

    // Stand for as many groups as channels and filters, and for groups of a few channels each.
    private const int Depthwise = 0;
    private const int Small = -1;

    // Half of them such as Winograd's algorithm computes; channel counts on both sides of the blocks of 16 and 64.
    private static Arbitrary<ConvolutionGeometry> Geometries() =>
        ConvolutionPropertyTests.Possible(
            from size in Gen.Choose(1, 20).Two()
            from batch in Gen.Choose(1, 3)
            from groups in Gen.Elements(1, 1, 1, 2, Depthwise, Small, Small)
            from members in Gen.Elements(2, 4, 8, 16, 32)
            from panels in Gen.Choose(1, 3)
            from channels in Gen.Elements(1, 2, 3, 5, 15, 16, 17, 33, 70)
            from filters in Gen.Elements(1, 2, 4, 15, 16, 18, 40, 66)
            from kernel in Gen.Elements((3, 3), (5, 5), (3, 3), (3, 3), (1, 1), (2, 3), (7, 4))
            from stride in Gen.Elements(1, 1, 1, 2, 3)
            from dilation in Gen.Elements(1, 1, 1, 2)
            from near in Gen.Choose(-1, 3).Two()
            from far in Gen.Choose(-1, 3).Two()
            select (Func<ConvolutionGeometry>)(
                () =>
                    new(
                        new(batch, size.Item1, size.Item2, Count(groups, channels, members, panels)),
                        groups == Depthwise ? channels : Count(groups, filters, members, panels),
                        new Size2(kernel.Item1, kernel.Item2),
                        stride,
                        dilation,
                        new(near.Item1, near.Item2, far.Item1, far.Item2),
                        groups switch
                        {
                            Depthwise => channels,
                            Small => Count(Small, 0, members, panels) / members,
                            _ => groups,
                        }
                    )
            )
        );

    // Channels, or filters, of all groups.
    private static int Count(int groups, int each, int members, int panels) =>
        groups switch
        {
            Depthwise => each,
            Small => Math.Max(members, 16) * panels,
            _ => each * groups,
        };
}
