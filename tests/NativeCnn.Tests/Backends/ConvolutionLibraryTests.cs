using System.Text;
using NativeCnn.Backends;
using NativeCnn.Backends.Native;
using NativeCnn.Backends.Native.Convolutions;
using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Tests.Backends;

/// <summary>How the planner chooses among its own algorithms and another library's, which tests stand in for.</summary>
public sealed class ConvolutionLibraryTests
{
    private static readonly ConvolutionGeometry s_layer = new(new Shape(2, 14, 14, 16), 24, 3, padding: Padding.All(1));

    [Fact]
    public void The_library_computes_where_its_predicted_time_is_the_least()
    {
        foreach (ConvolutionPass pass in Enum.GetValues<ConvolutionPass>())
        {
            IReadOnlyList<ConvolutionCandidate> own = ConvolutionPlanner.Candidates(s_layer, pass, exact: false);
            double best = own[0].Nanoseconds;
            Assert.Equal("stand-in im2col", Algorithm(new StandIn(0.99 * best), pass));
            Assert.Equal(own[0].Algorithm, Algorithm(new StandIn(1.01 * best), pass));
            Assert.Equal(own[0].Algorithm, Algorithm(new StandIn(double.MaxValue), pass));
        }
    }

    [Fact]
    public void Where_the_library_has_nothing_the_planner_chooses_among_its_own() =>
        Assert.Equal(
            ConvolutionPlanner.Candidates(s_layer, ConvolutionPass.Forward, exact: false)[0].Algorithm,
            Algorithm(new StandIn(0) { IsEmpty = true }, ConvolutionPass.Forward)
        );

    [Fact]
    public void The_library_can_be_forced_by_its_name()
    {
        var slow = new StandIn(double.MaxValue);
        Assert.Equal("stand-in im2col", Algorithm(slow, ConvolutionPass.Forward, "stand-in"));
        var empty = new StandIn(0) { IsEmpty = true };
        var e = Assert.Throws<NotSupportedException>(() => Algorithm(empty, ConvolutionPass.Forward, "stand-in"));
        Assert.Contains("'stand-in' cannot compute", e.Message);
        Assert.Throws<ArgumentException>(() => new NativeBackend(new NativeBackendOptions { Algorithm = "stand-in" }));
    }

    [Fact]
    public void Measured_choices_name_the_library_that_took_part_and_hold_for_its_version_alone()
    {
        var kept = new TuningChoices(TuningMachine.Current());
        kept[new TuningKey(false, $"{s_layer}", ConvolutionPass.Forward, "stand-in 1.0")] = "stand-in";
        using var stream = new MemoryStream();
        kept.Write(stream);
        string text = Encoding.UTF8.GetString(stream.ToArray());
        Assert.Contains("\"library\": \"stand-in 1.0\"", text);

        var reports = new List<string>();
        var tuning = new ConvolutionTuning { Kept = text, Report = reports.Add };
        Assert.Equal(
            "stand-in im2col",
            Algorithm(new StandIn(double.MaxValue), ConvolutionPass.Forward, tuning: tuning)
        );
        Assert.Empty(reports);

        string own = ConvolutionPlanner.Candidates(s_layer, ConvolutionPass.Forward, exact: false)[0].Algorithm;
        var newer = new StandIn(double.MaxValue) { Number = "2.0" };
        Assert.Equal(own, Algorithm(newer, ConvolutionPass.Forward, tuning: tuning));
        Assert.Contains("stand-in 1.0", Assert.Single(reports));
        Assert.Contains("stand-in 2.0", reports[0]);

        reports.Clear();
        Assert.Equal(own, Algorithm(null, ConvolutionPass.Forward, tuning: tuning));
        Assert.Contains("native algorithms alone", Assert.Single(reports));
    }

    [Theory]
    [InlineData("\"stand-in\"", "\"other\"")]
    [InlineData("\"stand-in 1.0\"", "\"\"")]
    [InlineData("\"stand-in 1.0\"", "null")]
    [InlineData("\"stand-in 1.0\"", "3")]
    public void A_choice_of_a_library_that_is_not_named_is_refused(string from, string to)
    {
        var choices = new TuningChoices(TuningMachine.Current());
        choices[new TuningKey(false, $"{s_layer}", ConvolutionPass.Forward, "stand-in 1.0")] = "stand-in";
        using var stream = new MemoryStream();
        choices.Write(stream);
        string text = Encoding.UTF8.GetString(stream.ToArray());
        Assert.Equal(1, TuningChoices.Parse(stream.ToArray(), TuningMachine.Current()).Count);
        Assert.Contains(from, text);
        byte[] changed = Encoding.UTF8.GetBytes(text.Replace(from, to, StringComparison.Ordinal));
        Assert.Throws<FormatException>(() => TuningChoices.Parse(changed, TuningMachine.Current()));
    }

    [Fact]
    public void Measuring_takes_the_library_only_where_it_is_the_fastest()
    {
        // What it predicts does not count any more: it waits before it computes.
        var slow = new StandIn(0) { Waits = true };
        using var backend = Create(slow, null, new ConvolutionTuning { Measure = true });
        OperationRun.Of(ConvolutionTests.Passes(s_layer).First(), backend).AssertGuardsIntact();
        Kernel kernel = backend.Prepare(new ConvolutionForward(s_layer, Activation.Identity, hasBias: false));
        Assert.Contains(kernel.Algorithm, ConvolutionPlanner.Names);
        Assert.Contains("\"library\": \"stand-in 1.0\"", backend.DescribeTuning());
    }

    private static string Algorithm(
        StandIn? library,
        ConvolutionPass pass,
        string? forced = null,
        ConvolutionTuning? tuning = null
    )
    {
        using NativeBackend backend = Create(library, forced, tuning);
        return backend.Plan(Operation(pass))!.Algorithm;
    }

    private static NativeBackend Create(StandIn? library, string? forced, ConvolutionTuning? tuning) =>
        new(
            new NativeBackendOptions
            {
                Threads = 2,
                Algorithm = forced,
                Tuning = tuning,
                Library = library,
            }
        );

    private static ConvolutionOperation Operation(ConvolutionPass pass) =>
        pass switch
        {
            ConvolutionPass.Forward => new ConvolutionForward(s_layer, Activation.Identity, hasBias: false),
            ConvolutionPass.BackwardData => new ConvolutionBackwardData(s_layer),
            _ => new ConvolutionBackwardFilter(s_layer),
        };

    // A library that computes as im2col does.
    private sealed class StandIn(double nanoseconds) : ConvolutionLibrary
    {
        public bool IsEmpty { get; init; }

        public bool Waits { get; init; }

        public string Number { get; init; } = "1.0";

        public override string Name => "stand-in";

        public override string Version => Number;

        public override Kernel? Plan(NativeBackend backend, ConvolutionOperation operation)
        {
            if (IsEmpty)
                return null;
            ConvolutionPass pass = operation switch
            {
                ConvolutionForward => ConvolutionPass.Forward,
                ConvolutionBackwardData => ConvolutionPass.BackwardData,
                _ => ConvolutionPass.BackwardFilter,
            };
            ConvolutionCandidate im2col = ConvolutionPlanner
                .Candidates(operation.Geometry, pass, exact: true)
                .First(candidate => candidate.Algorithm == ConvolutionPlanner.Im2Col);
            var kernel = new ConvolutionKernel(backend, operation, im2col with { Algorithm = "stand-in im2col" });
            return Waits ? new WaitingKernel(kernel) : kernel;
        }

        public override double Nanoseconds(Kernel kernel, ConvolutionPass pass) => nanoseconds;
    }

    private sealed class WaitingKernel(Kernel kernel) : Kernel(kernel.Backend, kernel.Operation)
    {
        public override string Algorithm => kernel.Algorithm;

        public override ScratchSize Scratch => kernel.Scratch;

        protected internal override void Reserve() => kernel.Reserve();

        protected internal override void Compute(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
        {
            Thread.Sleep(20);
            kernel.Compute(operands, scalars);
        }
    }
}
