using System.Runtime.InteropServices;
using System.Text;
using NativeCnn.Interop;

namespace NativeCnn.Cli.Output;

/// <summary>
/// Standard output or standard error. .NET's own streams say nothing when the reader has gone, and throw at whoever
/// writes when a disk is full; here both are one exception on standard output, and a mark on standard error, where
/// nothing more could be told.
/// </summary>
internal sealed class StandardStream : Stream
{
    private const int Interrupted = 4;
    private const int AgainOnLinux = 11;
    private const int AgainOnMac = 35;

    private readonly int _file;
    private readonly bool _throws;
    private readonly Stream? _windows;

    private StandardStream(int file, bool throws)
    {
        _file = file;
        _throws = throws;
        if (OperatingSystem.IsWindows())
            _windows = file == 1 ? Console.OpenStandardOutput() : Console.OpenStandardError();
    }

    public static StandardStream Output { get; } = new(1, throws: true);

    public static StandardStream Error { get; } = new(2, throws: false);

    /// <summary>Why nothing can be written any more; null as long as all is well.</summary>
    public string? Failure { get; private set; }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Has everything that is written to the console go through the two streams.</summary>
    public static void Install()
    {
        Console.SetOut(Writer(Output));
        Console.SetError(Writer(Error));
    }

    /// <exception cref="OutputLostException">Standard output is closed or full.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (Failure is null)
            Failure = _windows is null ? WriteAll(buffer) : WriteToWindows(buffer);
        if (Failure is not null && _throws)
            throw new OutputLostException("standard output", Failure);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush() { }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private static StreamWriter Writer(StandardStream stream) =>
        new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true };

    private unsafe string? WriteAll(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            nint written;
            fixed (byte* first = bytes)
                written = SystemCalls.write(_file, first, bytes.Length);
            if (written >= 0)
            {
                bytes = bytes[(int)written..];
                continue;
            }
            int error = Marshal.GetLastPInvokeError();
            if (error is AgainOnLinux or AgainOnMac)
                Thread.Sleep(1);
            else if (error != Interrupted)
                return Marshal.GetPInvokeErrorMessage(error);
        }
        return null;
    }

    private string? WriteToWindows(ReadOnlySpan<byte> bytes)
    {
        try
        {
            _windows!.Write(bytes);
            return null;
        }
        catch (IOException e)
        {
            return e.Message;
        }
    }
}

/// <summary>Where the command writes is closed or full: nobody can follow it any more.</summary>
internal sealed class OutputLostException(string stream, string reason)
    : Exception($"{stream} cannot be written ({reason.TrimEnd('.')}).");
