using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Tensors;

namespace NativeCnn.Tests.Backends;

/// <summary>The contract of the managed backend, and that float32 costs it nothing but the rounding of the result.</summary>
public sealed class ManagedBackendTests(ManagedBackendTests.Fixture fixture)
    : OperationContractTests<ManagedBackendTests.Fixture>(fixture)
{
    [Theory]
    [MemberData(nameof(OperationCases.Names), MemberType = typeof(OperationCases))]
    public void Float32_is_float64_rounded_at_the_end(string name)
    {
        OperationCase row = OperationCases.Find(name);
        using ManagedBackend exact = new(ElementType.Float64);
        OperationRun.Of(row, Backend).AssertClose(OperationRun.Of(row, exact), Tolerance.RoundedAtTheEnd);
    }

    [Fact]
    public void Says_what_it_is()
    {
        Assert.Equal("managed", Backend.Name);
        Assert.Equal(1, Backend.Threads);
        Assert.Equal(ElementType.Float32, Backend.ElementType);
        ConvolutionPlan plan = Backend.PlanConvolution(OperationCases.ConvolutionGeometries[0]);
        Assert.Equal(("direct", "direct", "direct"), (plan.Forward, plan.BackwardData, plan.BackwardFilter));
        Assert.Equal(OperationCases.ConvolutionGeometries[0], plan.Geometry);
    }

    [Theory]
    [InlineData(ElementType.Byte)]
    [InlineData(ElementType.UInt16)]
    public void Computes_in_floating_point_alone(ElementType type) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ManagedBackend(type));

    public sealed class Fixture() : BackendFixture(new ManagedBackend());
}
