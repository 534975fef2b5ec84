using System.Runtime.InteropServices;
using NativeCnn.Cli.Output;
using NativeCnn.Storage;

namespace NativeCnn.Cli;

/// <summary>
/// Turns the first Ctrl-C (SIGINT), SIGTERM or SIGHUP into a cancellation; a second one ends the process at once and
/// leaves no file half-written.
/// </summary>
/// <remarks>
/// It holds until the process ends: signals are answered a little later than they come, and one that comes when the work
/// is done must not undo the exit code.
/// </remarks>
internal static class Interruption
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(200);
    private static readonly CancellationTokenSource s_source = new();
    private static readonly List<PosixSignalRegistration> s_registrations = [];
    private static int signals;

    /// <summary>From now on, signals are handled; the first one cancels.</summary>
    public static CancellationToken Handled()
    {
        if (s_registrations.Count > 0)
            return s_source.Token;
        s_registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle));
        s_registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle));
        // Under nohup a run is to go on.
        if (!IsHangupIgnored())
            s_registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGHUP, Handle));
        return s_source.Token;
    }

    private static void Handle(PosixSignalContext context)
    {
        context.Cancel = true;
        if (Interlocked.Increment(ref signals) == 1)
        {
            s_source.Cancel();
            return;
        }
        AtomicFile.Abandon();
        // Who reads may have stopped reading: the line is not waited for.
        Task.Run(() => Notice.Write("ended at once; files hold what was last saved.")).Wait(s_patience);
        Environment.Exit(ExitCodes.Interrupted);
    }

    // .NET would handle the signal all the same. The mask of ignored signals has SIGHUP, number 1, as its lowest bit.
    private static bool IsHangupIgnored()
    {
        const string Status = "/proc/self/status";
        const string Field = "SigIgn:";
        string? mask = File.Exists(Status)
            ? File.ReadLines(Status).FirstOrDefault(line => line.StartsWith(Field, StringComparison.Ordinal))
            : null;
        return mask is [.., var last] && "13579bdf".Contains(last, StringComparison.Ordinal);
    }
}
