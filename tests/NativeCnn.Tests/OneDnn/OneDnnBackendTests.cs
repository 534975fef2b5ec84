using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Native.Convolutions;
using NativeCnn.Backends.Operations;
using NativeCnn.OneDnn;
using NativeCnn.Tensors;
using NativeCnn.Tests.Backends;
using NativeCnn.Tests.Training;
using NativeCnn.Threading;

namespace NativeCnn.Tests.OneDnn;

/// <summary>The contract of the operations that oneDNN computes, against the managed backend.</summary>
public sealed class OneDnnBackendTests(OneDnnBackendTests.Fixture shared) : IClassFixture<OneDnnBackendTests.Fixture>
{
    // What oneDNN has only for some sizes or constants is left to the native backend, and compared all the same.
    internal static readonly Type[] Computed =
    [
        typeof(ConvolutionForward),
        typeof(ConvolutionBackwardData),
        typeof(ConvolutionBackwardFilter),
        typeof(DenseForward),
        typeof(DenseBackwardData),
        typeof(DenseBackwardWeights),
        typeof(MaxPoolingBackward),
        typeof(AveragePoolingForward),
        typeof(AveragePoolingBackward),
        typeof(LocalResponseNormForward),
        typeof(BatchNormInference),
        typeof(SoftmaxBackward),
        typeof(ActivationForward),
        typeof(ActivationBackward),
        typeof(Addition),
        typeof(ConcatenationForward),
        typeof(ConcatenationBackward),
    ];

    public static TheoryData<string> Rows =>
        [.. OperationCases.All.Where(row => Computed.Contains(row.Operation.GetType())).Select(row => row.Name)];

    public static TheoryData<string> Operations => [.. Computed.Select(type => type.Name)];

    [OneDnnTheory]
    [MemberData(nameof(Rows))]
    public void It_computes_what_the_managed_backend_specifies(string name)
    {
        OperationCase row = OperationCases.Find(name);
        using ManagedBackend specification = new();
        OperationRun run = OperationRun.Of(row, shared.Backend);
        run.AssertClose(OperationRun.Of(row, specification));
        run.AssertInputsUntouched();
        run.AssertGuardsIntact();
    }

    [OneDnnTheory]
    [MemberData(nameof(Rows))]
    public void Any_number_of_threads_and_whatever_lay_there_give_the_same_bits(string name)
    {
        OperationCase row = OperationCases.Find(name);
        OperationRun twoThreads = OperationRun.Of(row, shared.Backend);
        OperationRun.Of(row, shared.Backend, OperationMemory.FinitePoison).AssertSameBits(twoThreads);
        OperationRun.Of(row, shared.OneThread).AssertSameBits(twoThreads);
        OperationRun.Of(row, shared.ThreeThreads).AssertSameBits(twoThreads);
    }

    [OneDnnTheory]
    [MemberData(nameof(Rows))]
    public void Parameter_gradients_are_added_to(string name)
    {
        OperationCase row = OperationCases.Find(name);
        OperationRun fromZero = OperationRun.Of(row, shared.Backend, accumulateFromZero: true);
        OperationRun.Of(row, shared.Backend).AssertAccumulated(fromZero);
    }

    [OneDnnTheory]
    [MemberData(nameof(Rows))]
    public void What_may_be_in_place_gives_the_same_bits_in_place(string name)
    {
        OperationCase row = OperationCases.Find(name);
        IReadOnlyList<Operand> operands = row.Operation.Operands;
        OperationRun apart = OperationRun.Of(row, shared.Backend);
        for (int k = 0; k < operands.Count; k++)
        {
            if (operands[k] is { MayBe: not null, IsWanted: true })
                OperationRun.Of(row, shared.Backend, inPlace: k).AssertSameBits(apart);
        }
    }

    [OneDnnTheory]
    [MemberData(nameof(Operations))]
    public void Running_allocates_nothing(string operation)
    {
        OperationCase[] rows = [.. OperationCases.All.Where(row => row.Operation.Name == operation)];
        OperationMemory[] memories = Array.ConvertAll(rows, row => new OperationMemory(row, ElementType.Float32));
        Kernel[] kernels = Array.ConvertAll(rows, row => shared.Backend.Prepare(row.Operation));
        void Run()
        {
            for (int k = 0; k < kernels.Length; k++)
                kernels[k].Run(memories[k].Operands, rows[k].Scalars);
        }
        Run();
        Assert.Equal(0, AllocationMeter.Measure(Run, shared.Backend.Pool));
        Array.ForEach(memories, memory => memory.Dispose());
    }

    [OneDnnTheory]
    [InlineData(20)]
    public void LeNets_losses_are_those_of_the_managed_backend(int steps)
    {
        double[] managed = TrainerTests.LossesOfLeNet(new ManagedBackend(), steps);
        double[] found = TrainerTests.LossesOfLeNet(new OneDnnBackend(2), steps);
        for (int i = 0; i < steps; i++)
            Assert.InRange(found[i], managed[i] * (1 - 1e-4), managed[i] * (1 + 1e-4));
    }

    [OneDnnTheory]
    [InlineData(3)]
    public void One_that_computes_stays_open_and_is_disposed_later(int kernel)
    {
        var backend = new OneDnnBackend(1);
        Backend computing = backend.Prepare(Passes(kernel)[0]).Backend;
        computing.Enter();
        Assert.Throws<InvalidOperationException>(backend.Dispose);
        computing.Leave();
        Assert.NotNull(backend.Prepare(Passes(kernel)[1]));
        backend.Dispose();
        Assert.Throws<ObjectDisposedException>(computing.Enter);
        Assert.Throws<ObjectDisposedException>(() => backend.Plan(Passes(kernel)[0]));
        backend.Dispose();
    }

    /// <summary>Otherwise all of the above would compare the native backend.</summary>
    [OneDnnTheory]
    [InlineData(1)]
    [InlineData(3)]
    public void Usual_convolutions_are_its_own(int kernel) =>
        Assert.All(Passes(kernel), pass => Assert.StartsWith("onednn ", shared.Backend.Plan(pass)!.Algorithm));

    /// <summary>Every operation that it computes and no other, so that nothing is left to another in silence.</summary>
    [OneDnnTheory]
    [InlineData(nameof(SoftmaxBackward))]
    public void It_computes_these_operations(string onlyWithAvx512)
    {
        string[] found =
        [
            .. OperationCases
                .All.Where(row => IsItsOwn(row.Operation))
                .Select(row => row.Operation.Name)
                .Distinct()
                .Except([onlyWithAvx512])
                .Order(StringComparer.Ordinal),
        ];
        IEnumerable<string> expected = Computed.Select(type => type.Name).Except([onlyWithAvx512]);
        Assert.Equal(expected.Order(StringComparer.Ordinal), found);
        bool hasAvx512 = shared.Backend.Plan(Passes(3)[0])!.Algorithm.Contains("avx512", StringComparison.Ordinal);
        Assert.Equal(hasAvx512, IsItsOwn(new SoftmaxBackward(Shape.Vector(3, 10))));
    }

    /// <summary>What oneDNN computes otherwise than it is specified is not its own, for the reason beside it.</summary>
    [OneDnnTheory]
    [InlineData(nameof(SoftmaxForward))]
    public void What_it_computes_otherwise_is_the_native_backends(string alsoSoftmax)
    {
        var images = new Shape(2, 8, 8, 16);
        PoolingGeometry beyondPadding = new(new(2, 7, 7, 16), 2, countPadding: true, ceilMode: true);
        Operation[] others =
        [
            // A NaN is lost, or stays where it is.
            new MaxPoolingForward(new(images, 2), wantsArgmax: true),
            new MaxPoolingForward(new(images, 2), wantsArgmax: false),
            new SoftmaxForward(images),
            new ActivationForward(Activation.Relu, images),
            new ActivationForward(Activation.LeakyRelu(0), images),
            // 0 times an infinity, where the gradient is 0 whatever it was, or a derivative of a NaN.
            new ActivationBackward(Activation.Relu, images),
            new ActivationBackward(Activation.LeakyRelu(), images),
            new ActivationBackward(Activation.Absolute, images),
            new ActivationBackward(Activation.Elu(), images),
            // Digits are lost, or there is no such constant.
            new ActivationForward(Activation.Elu(), images),
            new ActivationForward(Activation.Softplus(), images),
            new ActivationForward(Activation.Logistic(1.5f), images),
            new ActivationForward(Activation.ScaledTanh(), images),
            // Other divisors, windows and places.
            new AveragePoolingForward(beyondPadding),
            new AveragePoolingBackward(beyondPadding),
            new MaxPoolingBackward(new(new(1, 16, 16, 3), 16)),
            new LocalResponseNormForward(new(4, 1, 0.75f, 1), images, wantsScale: false),
            // s is kept, and read.
            new LocalResponseNormForward(new(5, 1, 0.75f, 1), images, wantsScale: true),
            new LocalResponseNormBackward(new(5, 1, 0.75f, 1), images),
            // Sums over the whole batch.
            new BatchNormForward(1e-5f, 0.1f, images),
            new BatchNormBackward(images),
        ];
        Assert.Contains(others, operation => operation.Name == alsoSoftmax);
        Assert.All(others, operation => Assert.False(IsItsOwn(operation), $"{operation}"));
    }

    /// <summary>A single part, several, and a last one of its own: each is a row above only where sizes have it.</summary>
    [OneDnnTheory]
    [InlineData(1)]
    [InlineData(16383)]
    [InlineData(16384 * 2 + 5)]
    [InlineData(16384 * 20 + 1)]
    public void Parts_cover_every_element(int elements)
    {
        var sum = new Addition(Shape.Vector(1, elements));
        Assert.True(IsItsOwn(sum));
        double[] left = [.. Enumerable.Range(0, elements).Select(k => (double)(k % 1001))];
        double[] right = [.. Enumerable.Range(0, elements).Select(k => (double)(k % 7))];
        foreach (OneDnnBackend backend in (OneDnnBackend[])[shared.OneThread, shared.Backend, shared.ThreeThreads])
            Assert.Equal(left.Zip(right, (a, b) => a + b), backend.Compute(sum, [left, right])[0]);
    }

    /// <summary>Few examples: rows of one are shared, with and without a stride, a border and rows left over.</summary>
    [OneDnnTheory]
    [InlineData(1, 37, 3, 1, 1, 1)]
    [InlineData(1, 40, 3, 2, 1, 1)]
    [InlineData(3, 31, 5, 1, 2, 1)]
    [InlineData(1, 61, 7, 4, 0, 1)]
    [InlineData(2, 33, 3, 1, 2, 2)]
    [InlineData(1, 28, 1, 1, 0, 1)]
    [InlineData(1, 29, 1, 2, 0, 1)]
    public void Rows_of_few_examples_are_shared(int batch, int size, int kernel, int stride, int padding, int dilation)
    {
        var geometry = new ConvolutionGeometry(
            new Shape(batch, size, size + 3, 64),
            144,
            new Size2(kernel, kernel),
            new Size2(stride, stride),
            new Size2(dilation, dilation),
            Padding.All(padding)
        );
        Operation[] passes =
        [
            new ConvolutionForward(geometry, Activation.Relu, hasBias: true),
            new ConvolutionBackwardData(geometry),
        ];
        using ManagedBackend specification = new();
        for (int pass = 0; pass < passes.Length; pass++)
        {
            var parts = ConvolutionParts.Describe(shared.Backend.Library, geometry, (ConvolutionPass)pass, pass == 0);
            // For the gradient of 1×1 windows with a stride oneDNN has nothing but for whole maps.
            if (pass == 0 || kernel > 1 || stride == 1)
                Assert.InRange(parts!.Count, batch + 1, EqualParts.Most);
            var row = new OperationCase(passes[pass], "few examples");
            OperationRun run = OperationRun.Of(row, shared.Backend);
            run.AssertClose(OperationRun.Of(row, specification));
            OperationRun.Of(row, shared.ThreeThreads).AssertSameBits(run);
            OperationRun.Of(row, shared.OneThread, OperationMemory.FinitePoison).AssertSameBits(run);
        }
    }

    /// <summary>A filter gradient cut by filters, by filters and examples, and by examples; the last part is smaller.</summary>
    [OneDnnTheory]
    [InlineData(1, 6, 64, 130, 3, 1, 1, 3)]
    [InlineData(5, 7, 32, 72, 3, 2, 2, 2)]
    [InlineData(3, 5, 96, 200, 1, 1, 1, 4)]
    [InlineData(9, 20, 4, 24, 3, 1, 5, 1)]
    public void A_filter_gradient_is_cut_by_examples_and_filters(
        int batch,
        int size,
        int channels,
        int filters,
        int kernel,
        int stride,
        int examples,
        int slices
    )
    {
        var geometry = new ConvolutionGeometry(
            new Shape(batch, size, size + 2, channels),
            filters,
            new Size2(kernel, kernel),
            new Size2(stride, stride),
            padding: Padding.All(kernel / 2)
        );
        var cut = new FilterGradientCut(geometry);
        Assert.Equal((examples, slices), (cut.Examples.Count, cut.Filters.Count));
        var row = new OperationCase(new ConvolutionBackwardFilter(geometry), "cut");
        using ManagedBackend specification = new();
        OperationRun run = OperationRun.Of(row, shared.Backend);
        run.AssertClose(OperationRun.Of(row, specification));
        run.AssertGuardsIntact();
        OperationRun.Of(row, shared.ThreeThreads).AssertSameBits(run);
        OperationRun.Of(row, shared.OneThread, OperationMemory.FinitePoison).AssertSameBits(run);
        OperationRun fromZero = OperationRun.Of(row, shared.Backend, accumulateFromZero: true);
        run.AssertAccumulated(fromZero);
    }

    /// <summary>Sizes at which the result is cut in both directions, in one of them, and not at all.</summary>
    [OneDnnTheory]
    [InlineData(1, 700, 515)]
    [InlineData(33, 129, 1030)]
    [InlineData(300, 40, 70)]
    [InlineData(5, 3, 2)]
    public void Dense_layers_of_any_size_are_its_own(int batch, int inputs, int units)
    {
        Shape input = new(batch, 1, 1, inputs);
        var weights = Shape.Vector(units, inputs);
        Operation[] passes =
        [
            new DenseForward(input, weights, Activation.Relu, hasBias: true),
            new DenseBackwardData(input, weights),
            new DenseBackwardWeights(input, weights),
        ];
        using ManagedBackend specification = new();
        foreach (Operation pass in passes)
        {
            Assert.StartsWith("onednn ", shared.Backend.Plan(pass)!.Algorithm);
            var row = new OperationCase(pass, $"{batch}");
            OperationRun run = OperationRun.Of(row, shared.Backend);
            run.AssertClose(OperationRun.Of(row, specification));
            OperationRun.Of(row, shared.ThreeThreads).AssertSameBits(run);
            OperationRun.Of(row, shared.OneThread).AssertSameBits(run);
        }
    }

    /// <summary>Filters that are kept in oneDNN's layout give the same bits, and never those of old values.</summary>
    [OneDnnTheory]
    [InlineData(3)]
    public void Filters_are_brought_into_its_layout_once(int kernel)
    {
        foreach (Operation pass in Passes(kernel).SkipLast(1))
        {
            Kernel plain = shared.Backend.Prepare(pass);
            Kernel kept = shared.Backend.Plan(pass)!;
            Assert.Equal(1, kept.PackedOperand);
            kept.KeepPacked();
            Backend.Reserve(kept);
            Assert.True(kept.KeptBytes > 0);
            // Not in one arena: whatever is written there makes all of it new.
            Tensor[] operands = [.. pass.Operands.Select(operand => new Tensor(operand.Shape))];
            foreach (Tensor operand in operands)
                TensorValues.Write([.. Enumerable.Range(0, operand.Count).Select(i => i % 7 - 3.0)], operand);
            for (int round = 0; round < 2; round++)
            {
                plain.Run(operands);
                byte[] expected = TensorValues.Bytes(operands[^1]);
                for (int i = 0; i < 2; i++)
                {
                    operands[^1].Clear();
                    kept.Run(operands);
                    Assert.Equal(expected, TensorValues.Bytes(operands[^1]));
                }
                operands[1].Clear();
            }
            Array.ForEach(operands, tensor => tensor.Dispose());
        }
    }

    [OneDnnTheory]
    [InlineData(-1)]
    public void What_it_does_not_know_is_the_native_backends(int padding)
    {
        var cropped = new ConvolutionGeometry(
            new Shape(2, 8, 8, 4),
            4,
            new Size2(3, 3),
            padding: new Padding(padding, 0, 0, 0)
        );
        Kernel kernel = shared.Backend.Plan(new ConvolutionForward(cropped, Activation.Identity, hasBias: false))!;
        Assert.Contains(kernel.Algorithm, ConvolutionPlanner.Names);
        Assert.Equal("", shared.Backend.Plan(new SoftmaxForward(Shape.Vector(2, 3)))!.Algorithm);
    }

    [OneDnnTheory]
    [InlineData(8, 2, false)]
    [InlineData(15, 3, false)]
    [InlineData(16, 2, true)]
    [InlineData(8, 1, true)]
    public void What_writes_beyond_its_scratch_memory_is_the_native_backends(int channels, int stride, bool isOwn)
    {
        var geometry = new ConvolutionGeometry(new Shape(2, 80, 80, channels), 32, new Size2(1, 1), stride);
        Assert.Equal(isOwn, IsItsOwn(new ConvolutionBackwardFilter(geometry)));
    }

    [OneDnnTheory]
    [InlineData("onednn")]
    public void It_says_what_it_is(string name) =>
        Assert.Equal(
            (name, 2, ElementType.Float32),
            (shared.Backend.Name, shared.Backend.Threads, shared.Backend.ElementType)
        );

    private bool IsItsOwn(Operation operation) =>
        shared.Backend.Plan(operation)!.Algorithm.StartsWith("onednn ", StringComparison.Ordinal);

    private static Operation[] Passes(int kernel)
    {
        var geometry = new ConvolutionGeometry(
            new Shape(5, 12, 12, 16),
            32,
            new Size2(kernel, kernel),
            padding: new Padding(kernel / 2, kernel / 2, kernel / 2, kernel / 2)
        );
        return
        [
            new ConvolutionForward(geometry, Activation.Relu, hasBias: true),
            new ConvolutionBackwardData(geometry),
            new ConvolutionBackwardFilter(geometry),
        ];
    }

    public sealed class Fixture : IDisposable
    {
        private readonly Lazy<OneDnnBackend> _backend = new(() => new OneDnnBackend(2));
        private readonly Lazy<OneDnnBackend> _oneThread = new(() => new OneDnnBackend(1));
        private readonly Lazy<OneDnnBackend> _threeThreads = new(() => new OneDnnBackend(3));

        public OneDnnBackend Backend => _backend.Value;

        public OneDnnBackend OneThread => _oneThread.Value;

        public OneDnnBackend ThreeThreads => _threeThreads.Value;

        public void Dispose()
        {
            foreach (Lazy<OneDnnBackend> backend in new[] { _backend, _oneThread, _threeThreads })
            {
                if (backend.IsValueCreated)
                    backend.Value.Dispose();
            }
        }
    }
}
