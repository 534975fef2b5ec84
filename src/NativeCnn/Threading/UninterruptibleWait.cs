namespace NativeCnn.Threading;

/// <summary>
/// Waits that <see cref="Thread.Interrupt"/> does not cut short, for whoever must not go on before the end: what others
/// still use is on its stack. The interruption is kept and raised at the thread's next wait of another kind.
/// </summary>
internal static class UninterruptibleWait
{
    /// <summary>Waits for a signal.</summary>
    /// <param name="signal">The signal.</param>
    /// <param name="milliseconds">How long at most; without end by default.</param>
    public static void For(WaitHandle signal, int milliseconds = Timeout.Infinite)
    {
        bool interrupted = false;
        while (true)
        {
            try
            {
                signal.WaitOne(milliseconds);
                break;
            }
            catch (ThreadInterruptedException)
            {
                interrupted = true;
            }
        }
        if (interrupted)
            Thread.CurrentThread.Interrupt();
    }

    /// <summary>Waits for the end of a thread.</summary>
    public static void ForEnd(Thread thread)
    {
        bool interrupted = false;
        while (true)
        {
            try
            {
                thread.Join();
                break;
            }
            catch (ThreadInterruptedException)
            {
                interrupted = true;
            }
        }
        if (interrupted)
            Thread.CurrentThread.Interrupt();
    }
}
