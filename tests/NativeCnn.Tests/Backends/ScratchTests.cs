#if DEBUG
using NativeCnn.Backends.Native;

namespace NativeCnn.Tests.Backends;

/// <summary>The guards behind scratch memory, which Debug builds have.</summary>
public sealed unsafe class ScratchTests
{
    [Fact]
    public void What_is_written_beyond_it_shows()
    {
        using var workspace = new Workspace(2);
        var scratch = new Scratch(workspace);
        scratch.RequirePrivate(5);
        scratch.RequireShared(7);
        scratch.Reserve();
        scratch.Poison();
        scratch.Private(1)[4] = 1;
        scratch.Shared[6] = 1;
        Assert.True(scratch.AreGuardsIntact());
        scratch.Private(1)[5] = 1;
        Assert.False(scratch.AreGuardsIntact());
        scratch.Poison();
        scratch.Shared[7] = 1;
        Assert.False(scratch.AreGuardsIntact());
    }
}
#endif
