using NativeCnn.Interop;

namespace NativeCnn.Tests.Interop;

/// <summary>A status of the shim becomes an exception in one way.</summary>
public sealed class NativeStatusTests
{
    [Fact]
    public void Ok_does_not_throw() => NativeStatus.Check(nativecnn_status.NATIVECNN_OK, "nativecnn_im2col");

    [Theory]
    [InlineData(1, "a pointer")]
    [InlineData(2, "the geometry")]
    [InlineData(3, "the range")]
    [InlineData(4, "an argument")]
    [InlineData(5, "this processor")]
    [InlineData(99, "a number that this version")]
    [InlineData(-1, "a number that this version")]
    public void Every_other_status_throws_with_the_function_and_the_meaning(int status, string meaning)
    {
        NativeCallException e = Assert.Throws<NativeCallException>(() =>
            NativeStatus.Check((nativecnn_status)status, "nativecnn_im2col")
        );
        Assert.StartsWith($"nativecnn_im2col returned status {status}: {meaning}", e.Message, StringComparison.Ordinal);
        Assert.Equal("nativecnn_im2col", e.Function);
        Assert.Equal(status, e.Status);
    }

    [Fact]
    public void Every_status_of_the_header_has_a_meaning()
    {
        foreach (
            nativecnn_status status in Enum.GetValues<nativecnn_status>().Where(s => s != nativecnn_status.NATIVECNN_OK)
        )
        {
            NativeCallException e = Assert.Throws<NativeCallException>(() => NativeStatus.Check(status, "f"));
            Assert.DoesNotContain("does not know", e.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public unsafe void The_shim_refuses_a_null_pointer()
    {
        NativeCallException e = Assert.Throws<NativeCallException>(() => Shim.nativecnn_column_sums(null, 1, 1, null));
        Assert.StartsWith(
            "nativecnn_column_sums returned status 1: a pointer that must not be null is null.",
            e.Message,
            StringComparison.Ordinal
        );
    }
}
