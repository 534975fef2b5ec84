using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Tests.Backends;

public sealed class CompositeBackendTests
{
    private static readonly Operation Forward = new SoftmaxForward(Shape.Vector(2, 3));
    private static readonly Operation Backward = new SoftmaxBackward(Shape.Vector(2, 3));

    [Fact]
    public void The_first_that_has_a_kernel_computes()
    {
        using PartialBackend forward = new("forward", typeof(SoftmaxForward));
        using PartialBackend both = new("both", typeof(SoftmaxForward), typeof(SoftmaxBackward));
        using CompositeBackend composite = new(forward, both);
        Assert.Same(forward, composite.Prepare(Forward).Backend);
        Assert.Same(both, composite.Prepare(Backward).Backend);
        using CompositeBackend reversed = new(both, forward);
        Assert.Same(both, reversed.Plan(Forward)!.Backend);
    }

    [Fact]
    public void What_nobody_computes_is_named_with_all_names()
    {
        using PartialBackend forward = new("forward", typeof(SoftmaxForward));
        using PartialBackend nothing = new("nothing");
        using CompositeBackend composite = new(nothing, forward);
        Assert.Null(composite.Plan(Backward));
        string message = Assert.Throws<NotSupportedException>(() => composite.Prepare(Backward)).Message;
        Assert.Equal($"The backend 'nothing+forward' has no kernel for {Backward}.", message);
        Assert.Contains("SoftmaxBackward (output 2×1×1×3", message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_whose_own_backend_computes_stays_open_and_is_disposed_later()
    {
        using ManagedBackend provider = new();
        using CompositeBackend composite = new(provider);
        Backend own = composite.CreateForOneThread()!;
        Backend computing = own.Prepare(Forward).Backend;
        computing.Enter();
        Assert.Throws<InvalidOperationException>(own.Dispose);
        computing.Leave();
        Assert.NotNull(own.Prepare(Forward));
        own.Dispose();
        Assert.Throws<ObjectDisposedException>(computing.Enter);
    }

    [Fact]
    public void Kernels_are_reserved_where_they_are_from_and_compute_there()
    {
        using PartialBackend nothing = new("nothing");
        using ManagedBackend managed = new();
        using CompositeBackend composite = new(nothing, managed);
        double[][] input = [Fillers.Uniform.Draw(new Random(1), 6)];
        Assert.Equal(managed.Compute(Forward, input)[0], composite.Compute(Forward, input)[0]);
        using PartialBackend forward = new("forward", typeof(SoftmaxForward));
        using CompositeBackend first = new(forward, managed);
        Assert.True(((TestKernel)first.Prepare(Forward)).IsReserved);
    }

    [Fact]
    public void Says_what_its_providers_are_and_leaves_them_to_the_caller()
    {
        using PartialBackend one = new("one");
        using PartialBackend two = new("other", typeof(SoftmaxForward));
        CompositeBackend composite = new(one, two);
        Assert.Equal(("one+other", 5, ElementType.Float32), (composite.Name, composite.Threads, composite.ElementType));
        composite.Dispose();
        Assert.NotNull(two.Prepare(Forward));
    }

    [Fact]
    public void Providers_of_two_element_types_and_none_at_all_are_refused()
    {
        using ManagedBackend narrow = new();
        using ManagedBackend wide = new(ElementType.Float64);
        string message = Assert.Throws<ArgumentException>(() => new CompositeBackend(narrow, wide)).Message;
        Assert.Contains("'managed' computes in Float32, 'managed' in Float64.", message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new CompositeBackend());
        Assert.Throws<ArgumentNullException>(() => new CompositeBackend(narrow, null!));
    }

    /// <summary>A backend of one's own that computes some operations.</summary>
    private sealed class PartialBackend(string name, params Type[] operations) : Backend
    {
        public override string Name => name;

        public override ElementType ElementType => ElementType.Float32;

        public override int Threads => name.Length;

        public override Kernel? Plan(Operation operation) =>
            operations.Contains(operation.GetType()) ? new TestKernel(this, operation) : null;
    }
}
