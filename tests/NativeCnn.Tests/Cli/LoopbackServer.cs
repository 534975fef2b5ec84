using System.Net;
using System.Net.Sockets;
using System.Text;

namespace NativeCnn.Tests.Cli;

/// <summary>A small web server on the loopback, with the faults that a test asks for.</summary>
internal sealed class LoopbackServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<string> _requests = [];

    public LoopbackServer()
    {
        _listener.Start();
        _ = Task.Run(ServeAsync);
    }

    /// <summary>The files, by name.</summary>
    public Dictionary<string, byte[]> Files { get; } = [];

    /// <summary>After how many bytes of a body each of the first connections breaks.</summary>
    public Queue<int> Breaks { get; } = new();

    /// <summary>Whether parts of files can be asked for.</summary>
    public bool KnowsRanges { get; init; } = true;

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");

    /// <summary>What was asked for: the name, and where it began.</summary>
    public string[] Requests
    {
        get
        {
            lock (_requests)
                return [.. _requests];
        }
    }

    public void Dispose() => _listener.Dispose();

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using TcpClient client = await _listener.AcceptTcpClientAsync();
                await AnswerAsync(client.GetStream());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task AnswerAsync(NetworkStream stream)
    {
        using StreamReader reader = new(stream, Encoding.ASCII, leaveOpen: true);
        string name = (await reader.ReadLineAsync() ?? "GET / x").Split(' ')[1].TrimStart('/');
        int begin = 0;
        while (await reader.ReadLineAsync() is { Length: > 0 } line)
        {
            const string Range = "Range: bytes=";
            if (line.StartsWith(Range, StringComparison.OrdinalIgnoreCase) && KnowsRanges)
                begin = int.Parse(line[Range.Length..].TrimEnd('-'), System.Globalization.CultureInfo.InvariantCulture);
        }
        lock (_requests)
            _requests.Add($"{name} from {begin}");
        byte[] content = Files.GetValueOrDefault(name, []);
        string status =
            !Files.ContainsKey(name) ? "404 Not Found"
            : begin == 0 ? "200 OK"
            : begin >= content.Length ? "416 Range Not Satisfiable"
            : "206 Partial Content";
        byte[] body = begin < content.Length ? content[begin..] : [];
        string range = status.StartsWith("206", StringComparison.Ordinal)
            ? $"Content-Range: bytes {begin}-{content.Length - 1}/{content.Length}\r\n"
            : "";
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes(
                $"HTTP/1.1 {status}\r\nContent-Length: {body.Length}\r\n{range}Connection: close\r\n\r\n"
            )
        );
        int end = Breaks.TryDequeue(out int length) ? Math.Min(length, body.Length) : body.Length;
        await stream.WriteAsync(body.AsMemory(0, end));
    }
}
