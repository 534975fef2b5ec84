namespace NativeCnn.Threading;

/// <summary>What a thread is told before it computes, and how it gets its own settings back.</summary>
internal class ThreadSetup
{
    /// <summary>Changes nothing.</summary>
    public static ThreadSetup None { get; } = new();

    /// <summary>
    /// Sets this thread up and returns the settings that it had; must be cheap, and may be called again.
    /// </summary>
    public virtual ulong Enter() => 0;

    /// <summary>Gives this thread the settings that <see cref="Enter"/> returned.</summary>
    public virtual void Leave(ulong settings) { }
}
