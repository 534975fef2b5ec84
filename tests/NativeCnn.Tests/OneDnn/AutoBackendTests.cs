using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Native;
using NativeCnn.Backends.Native.Convolutions;
using NativeCnn.Backends.Operations;
using NativeCnn.Interop;
using NativeCnn.OneDnn;
using NativeCnn.Tensors;
using NativeCnn.Tests.Backends;
using NativeCnn.Tests.Training;
using NativeCnn.Threading;

namespace NativeCnn.Tests.OneDnn;

/// <summary>The backend that chooses between the native one and oneDNN.</summary>
public sealed class AutoBackendTests
{
    private static readonly ConvolutionGeometry s_depthwise = new(
        new Shape(8, 14, 14, 512),
        512,
        3,
        padding: Padding.All(1),
        groups: 512
    );

    // A layer for each library, by the cost model on any processor: what oneDNN has plain loops for alone is not taken.
    private static readonly ConvolutionGeometry s_winograd = new(
        new Shape(8, 28, 28, 128),
        128,
        3,
        padding: Padding.All(1)
    );

    [OneDnnTheory]
    [InlineData(1)]
    [InlineData(2)]
    public void Each_pass_is_computed_by_whichever_is_predicted_to_be_faster(int threads)
    {
        using var backend = new AutoBackend(threads);
        using var oneDnn = new OneDnnBackend(threads);
        foreach (ConvolutionGeometry geometry in (ConvolutionGeometry[])[s_depthwise, s_winograd])
        {
            foreach (OperationCase row in Passes(geometry))
            {
                var operation = (ConvolutionOperation)row.Operation;
                ConvolutionPass pass = PassOf(operation);
                double own = ConvolutionPlanner.Candidates(geometry, pass, exact: false)[0].Nanoseconds;
                Kernel other = oneDnn.Plan(operation)!;
                bool isOneDnn =
                    other.Algorithm.StartsWith("onednn ", StringComparison.Ordinal)
                    && OneDnnCost.Nanoseconds(geometry, pass, other.Algorithm) < own;
                Assert.Equal(isOneDnn, IsOneDnn(backend.Plan(operation)!));
            }
        }
        // Otherwise the choice would be none.
        Assert.False(IsOneDnn(backend.Plan(new ConvolutionBackwardData(s_winograd))!));
    }

    [OneDnnTheory]
    [InlineData(null)]
    [InlineData("onednn")]
    public void Any_number_of_threads_gives_the_same_bits(string? algorithm)
    {
        using var managed = new ManagedBackend();
        AutoBackend[] backends =
        [
            .. Enumerable
                .Range(1, 3)
                .Select(threads => new AutoBackend(
                    new NativeBackendOptions { Threads = threads, Algorithm = algorithm }
                )),
        ];
        var small = new ConvolutionGeometry(new Shape(5, 12, 12, 16), 32, 3, padding: Padding.All(1));
        var depthwise = new ConvolutionGeometry(new Shape(3, 9, 9, 32), 32, 3, padding: Padding.All(1), groups: 32);
        var first = new ConvolutionGeometry(new Shape(7, 24, 24, 3), 32, 5, 2);
        foreach (ConvolutionGeometry geometry in (ConvolutionGeometry[])[small, depthwise, first])
        {
            foreach (OperationCase row in Passes(geometry))
            {
                OperationRun one = OperationRun.Of(row, backends[0]);
                one.AssertClose(OperationRun.Of(row, managed));
                OperationRun.Of(row, backends[1]).AssertSameBits(one);
                OperationRun.Of(row, backends[2]).AssertSameBits(one);
                Assert.True(algorithm is null || IsOneDnn(backends[0].Plan(row.Operation)!), row.Name);
            }
        }
        Array.ForEach(backends, backend => backend.Dispose());
    }

    [OneDnnTheory]
    [InlineData(20)]
    public void LeNets_losses_are_those_of_the_managed_backend(int steps)
    {
        double[] managed = TrainerTests.LossesOfLeNet(new ManagedBackend(), steps);
        double[] found = TrainerTests.LossesOfLeNet(new AutoBackend(2), steps);
        for (int i = 0; i < steps; i++)
            Assert.InRange(found[i], managed[i] * (1 - 1e-4), managed[i] * (1 + 1e-4));
    }

    [OneDnnTheory]
    [InlineData(1)]
    public void A_backend_for_one_thread_computes_the_same_bits_with_measured_choices(int threads)
    {
        var tuning = new ConvolutionTuning { Measure = true };
        using var measuring = new AutoBackend(new NativeBackendOptions { Threads = 2, Tuning = tuning });
        OperationCase[] rows = [.. Passes(s_depthwise)];
        OperationRun[] runs = Array.ConvertAll(rows, row => OperationRun.Of(row, measuring));
        Assert.Contains(
            $"\"library\": \"onednn {NativeRuntime.EnsureOneDnnLoaded().Version}",
            measuring.DescribeTuning()
        );
        using Backend one = measuring.CreateForOneThread();
        Assert.Equal(threads, one.Threads);
        for (int k = 0; k < rows.Length; k++)
            OperationRun.Of(rows[k], one).AssertSameBits(runs[k]);
    }

    [OneDnnTheory]
    [InlineData("auto")]
    public void Running_allocates_nothing(string name)
    {
        using var backend = new AutoBackend(2);
        Assert.Equal((name, 2, ElementType.Float32), (backend.Name, backend.Threads, backend.ElementType));
        OperationCase[] rows = [.. Passes(s_depthwise)];
        OperationMemory[] memories = Array.ConvertAll(rows, row => new OperationMemory(row, ElementType.Float32));
        Kernel[] kernels = Array.ConvertAll(rows, row => backend.Prepare(row.Operation));
        void Run()
        {
            for (int k = 0; k < kernels.Length; k++)
                kernels[k].Run(memories[k].Operands, rows[k].Scalars);
        }
        Run();
        Assert.Equal(0, AllocationMeter.Measure(Run, backend.Pool));
        Array.ForEach(memories, memory => memory.Dispose());
    }

    [Fact]
    public void Without_oneDnn_it_computes_as_the_native_backend_and_says_why()
    {
        using var backend = new AutoBackend(new NativeBackendOptions { Threads = 2 }, Missing);
        using var native = new NativeBackend(2);
        Assert.Equal("not here", backend.OneDnnMissing);
        foreach (OperationCase row in Passes(s_depthwise))
        {
            Assert.Equal(native.Plan(row.Operation)!.Algorithm, backend.Plan(row.Operation)!.Algorithm);
            OperationRun.Of(row, backend).AssertSameBits(OperationRun.Of(row, native));
        }
        using Backend one = backend.CreateForOneThread();
        Assert.Equal("not here", Assert.IsType<AutoBackend>(one).OneDnnMissing);
    }

    [Fact]
    public void Without_oneDnn_forcing_it_is_refused_with_the_reason()
    {
        var options = new NativeBackendOptions { Threads = 1, Algorithm = "onednn" };
        var e = Assert.Throws<NativeLibraryException>(() => new AutoBackend(options, Missing));
        Assert.Equal("not here", e.Message);
    }

    [OneDnnTheory]
    [InlineData("native")]
    public void Other_operations_stay_native_unless_a_line_of_the_table_says_otherwise(string _)
    {
        using var backend = new AutoBackend(1);
        foreach (OperationCase row in OperationCases.All.Where(row => row.Operation is not ConvolutionOperation))
        {
            bool isListed =
                MeasuredAhead.Table.TryGetValue(row.Operation.GetType(), out Predicate<Operation>? isAhead)
                && isAhead(row.Operation);
            Assert.True(isListed || !IsOneDnn(backend.Plan(row.Operation)!), row.Name);
        }
    }

    private static bool IsOneDnn(Kernel kernel) => kernel.Algorithm.StartsWith("onednn ", StringComparison.Ordinal);

    private static ConvolutionPass PassOf(ConvolutionOperation operation) =>
        operation switch
        {
            ConvolutionForward => ConvolutionPass.Forward,
            ConvolutionBackwardData => ConvolutionPass.BackwardData,
            _ => ConvolutionPass.BackwardFilter,
        };

    private static IEnumerable<OperationCase> Passes(ConvolutionGeometry geometry) =>
        ConvolutionTests.Passes(geometry).Where(row => row.Operation is ConvolutionOperation);

    private static OneDnnInfo Missing() => throw new NativeLibraryException("not here");
}
