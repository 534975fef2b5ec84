using NativeCnn.Backends.Managed;
using NativeCnn.Tensors;

namespace NativeCnn.Tests.Backends;

/// <summary>The contract of the managed backend; float32 costs it nothing but the rounding of the result.</summary>
public sealed class ManagedBackendTests(ManagedBackendTests.Fixture fixture)
    : OperationContractTests<ManagedBackendTests.Fixture>(fixture)
{
    [Theory, EveryRow]
    public void Float32_is_float64_rounded_at_the_end(string name)
    {
        OperationCase row = OperationCases.Find(name);
        using ManagedBackend exact = new(ElementType.Float64);
        OperationRun.Of(row, Backend).AssertClose(OperationRun.Of(row, exact), Tolerance.RoundedAtTheEnd);
    }

    [Fact]
    public void Says_what_it_is()
    {
        Assert.Equal(("managed", 1, ElementType.Float32), (Backend.Name, Backend.Threads, Backend.ElementType));
        Assert.All(
            OperationCases.All.Select(row => Backend.Plan(row.Operation)!),
            kernel =>
                Assert.Equal(("", 0), (kernel.Algorithm, kernel.Scratch.BytesPerThread + kernel.Scratch.SharedBytes))
        );
    }

    [Theory]
    [InlineData(ElementType.Byte)]
    [InlineData(ElementType.UInt16)]
    [InlineData(ElementType.Int32)]
    public void Computes_in_floating_point_alone(ElementType type) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ManagedBackend(type));

    public sealed class Fixture() : BackendFixture(new ManagedBackend());
}

/// <summary>The contract once more in float64.</summary>
public sealed class ManagedBackendInFloat64Tests(ManagedBackendInFloat64Tests.Fixture fixture)
    : OperationContractTests<ManagedBackendInFloat64Tests.Fixture>(fixture)
{
    public sealed class Fixture() : BackendFixture(new ManagedBackend(ElementType.Float64));
}
