using System.Runtime.InteropServices;
using NativeCnn.Interop;

namespace NativeCnn.Tests.Interop;

/// <summary>Variables reach the environment of native code, and a user's value is kept.</summary>
public sealed class NativeEnvironmentTests
{
    [Fact]
    public unsafe void A_variable_that_is_set_reaches_native_code()
    {
        const string Name = "NATIVECNN_TEST_SET";
        Assert.Null(NativeEnvironment.Get(Name));
        NativeEnvironment.Set(Name, "größer");
        Assert.Equal("größer", NativeEnvironment.Get(Name));
        if (!OperatingSystem.IsWindows())
            Assert.Equal("größer", Marshal.PtrToStringUTF8((nint)SystemCalls.getenv(Name)));
    }

    [Fact]
    public void A_default_is_used_where_the_user_set_nothing()
    {
        const string Name = "NATIVECNN_TEST_DEFAULT";
        Assert.Equal(("1", false), NativeEnvironment.SetDefault(Name, "1"));
        Assert.Equal("1", NativeEnvironment.Get(Name));
    }

    [Fact]
    public void The_users_value_is_kept_and_carried_over_from_the_managed_environment()
    {
        const string Name = "NATIVECNN_TEST_USERS";
        Environment.SetEnvironmentVariable(Name, "8");
        Assert.Equal(("8", true), NativeEnvironment.SetDefault(Name, "1"));
        Environment.SetEnvironmentVariable(Name, null);
        Assert.Equal(OperatingSystem.IsWindows() ? null : "8", NativeEnvironment.Get(Name));
    }
}
