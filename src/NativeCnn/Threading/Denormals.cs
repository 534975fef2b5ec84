namespace NativeCnn.Threading;

/// <summary>How a thread is made to flush denormal numbers to zero and given back the setting that it had.</summary>
internal class Denormals
{
    /// <summary>Leaves every thread as it is.</summary>
    public static Denormals Untouched { get; } = new();

    /// <summary>Makes this thread flush denormals; returns the setting before.</summary>
    public virtual ulong Flush() => 0;

    /// <summary>Gives this thread a setting that <see cref="Flush"/> returned.</summary>
    public virtual void Restore(ulong state) { }
}
